"""The four outlets of `content/`: their names, loopback addresses, article URLs, feeds, sitemaps, listings and stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import tomli
from pydantic import TypeAdapter

from schedules.demo.story import DemoStory


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
