"""The four outlets of `content/`: their names, loopback addresses, article URLs, feeds, sitemaps, listings and stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import tomli
from pydantic import TypeAdapter

StoryKind = Literal["article", "teaser", "gallery", "walled", "wrong-charset"]
"""teaser: the rest is for subscribers; gallery: pictures without text; walled: a bot challenge (403) in its place;
wrong-charset: declared UTF-8, sent as windows-1252."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """How one edition corrects a story."""

    title: str | None = None
    """The new headline."""
    replacing: tuple[tuple[str, str], ...] = ()
    """Old words and new ones; the text must contain the old ones."""
    appended: tuple[str, ...] = ()
    """Paragraphs added at the end."""


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
    """Minutes from its publication to `now` of the demo web."""
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
    """The first edition without it (410)."""
    corrections: Mapping[int, Correction] = field(default_factory=dict)
    """Edition -> what changed in it; later editions keep it."""
    edited: bool = False
    """Set by `at`: this edition prints it corrected."""
    restless: bool = False
    """What surrounds its text (reading time, "Updated 5 minutes ago", related links) changes with each edition."""

    def published(self, now: datetime) -> datetime:
        """When it was published, in whole minutes, if the demo web is at `now`."""
        return (now - timedelta(minutes=self.minutes)).replace(second=0, microsecond=0)

    def printed(self, edition: int) -> bool:
        """Whether an edition contains it."""
        return self.since <= edition and not self.gone(edition)

    def gone(self, edition: int) -> bool:
        """Whether it was removed before an edition."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOutlet:
    """One invented outlet."""

    id: str
    name: str
    motto: str
    address: str
    """Address in 127.0.0.0/8. Each outlet has its own, so that robots.txt and delays apply to each separately."""
    timezone: str
    accent: str
    """Colour of links, in CSS."""
    typeface: str
    background: str
    stories: tuple[DemoStory, ...]
    path: str
    """Canonical path of a story, with `{slug}` and `{section}`."""
    link_path: str
    """Path that the outlet uses in links: another form of the same URL."""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    listing: str | None = None
    listing_pattern: str | None = None
    """Regular expression for article URLs in the listing; None: the link classifier decides."""

    @property
    def sections(self) -> list[str]:
        """The sections of all stories, in alphabetical order."""
        return sorted({story.section for story in self.stories})

    def path_of(self, story: DemoStory) -> str:
        """Return the story's canonical path."""
        return self.path.format(slug=story.slug, section=story.section)

    def link_of(self, story: DemoStory) -> str:
        """Return the path that feeds and listings link to."""
        return self.link_path.format(slug=story.slug, section=story.section)

    def printed(self, edition: int) -> Sequence[DemoStory]:
        """Return the stories as published in an edition, newest first."""
        return sorted((s.at(edition) for s in self.stories if s.printed(edition)), key=lambda s: s.minutes)

    def local(self, at: datetime) -> datetime:
        """Return a time in the outlet's timezone."""
        return at.astimezone(ZoneInfo(self.timezone))


def _read_outlet(name: str) -> DemoOutlet:
    content = (Path(__file__).parent / "content" / f"{name}.toml").read_text(encoding="utf-8")
    return TypeAdapter(DemoOutlet).validate_python(tomli.loads(content))


LEDGER = _read_outlet("dnipro-ledger")
WIRE = _read_outlet("coastline-wire")
GAZETTE = _read_outlet("harbour-gazette")
LANTERN = _read_outlet("lantern-review")
DEMO_OUTLETS = (LEDGER, WIRE, GAZETTE, LANTERN)
