"""What a story of the demo web is, and what an edition does to it. Pure: no clock, no socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

StoryKind = Literal["article", "teaser", "gallery", "walled", "wrong-charset"]
"""teaser: the rest is for subscribers; gallery: pictures without text; walled: a bot challenge (403) in its place;
wrong-charset: declared UTF-8, sent as windows-1252."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What the desk did to a story in one edition."""

    title: str | None = None
    """The new headline."""
    replacing: tuple[tuple[str, str], ...] = ()
    """Old words and new ones; the old ones must stand in the text."""
    appended: tuple[str, ...] = ()
    """Paragraphs put at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookmarkCard:
    """The teaser of another story inside a body, as content systems embed it."""

    title: str
    description: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """One story as one edition prints it."""

    slug: str
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    minutes: int
    """Published so many minutes before the web's `now`."""
    section: str = "news"
    lead: str = ""
    tags: tuple[str, ...] = ()
    caption: str = ""
    card: BookmarkCard | None = None
    language: str = "en"
    kind: StoryKind = "article"
    since: int = 1
    """The edition that first prints it."""
    until: int | None = None
    """The edition from which on it is gone (410)."""
    corrections: Mapping[int, Correction] = field(default_factory=dict)
    """Edition -> what changed in it; later editions keep it."""
    edited: bool = False
    """Set by `at`: this edition prints it corrected."""
    restless: bool = False
    """Its furniture (reading time, "Updated 5 minutes ago", related links) changes by edition, never its text."""

    def published(self, now: datetime) -> datetime:
        """When it was published, for a web whose clock stands at `now`; whole minutes."""
        return (now - timedelta(minutes=self.minutes)).replace(second=0, microsecond=0)

    def printed(self, edition: int) -> bool:
        """Whether an edition carries it."""
        return self.since <= edition and not self.gone(edition)

    def gone(self, edition: int) -> bool:
        """Whether it was there and has been taken down."""
        return self.until is not None and edition >= self.until

    def at(self, edition: int) -> DemoStory:
        """The story as this edition prints it."""
        story = self
        for number in sorted(n for n in self.corrections if n <= edition):
            story = _apply(story, self.corrections[number])
        return story


def _apply(story: DemoStory, correction: Correction) -> DemoStory:
    paragraphs = list(story.paragraphs)
    for old, new in correction.replacing:
        if not any(old in paragraph for paragraph in paragraphs):
            raise ValueError(f"{story.slug}: no paragraph says {old!r}")
        paragraphs = [paragraph.replace(old, new) for paragraph in paragraphs]
    return replace(
        story,
        title=correction.title or story.title,
        paragraphs=(*paragraphs, *correction.appended),
        corrections={},
        edited=True,
    )
