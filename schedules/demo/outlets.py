"""The four outlets: their names, loopback addresses, article URLs, feeds, sitemaps and listings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from schedules.demo.content import coastline_wire, dnipro_ledger, harbour_gazette, lantern_review
from schedules.demo.content.story import DemoStory


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOutlet:
    """One invented outlet."""

    id: str
    name: str
    motto: str
    address: str
    """Address in 127.0.0.0/8. Each outlet has its own, so that robots.txt and delays apply to each separately."""
    timezone: str
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


LEDGER = DemoOutlet(
    id="dnipro-ledger",
    name="The Dnipro Ledger",
    motto="Independent since the last election but one",
    address="127.20.0.1",
    timezone="Europe/Kyiv",
    stories=dnipro_ledger.STORIES,
    path="/{slug}/",
    link_path="/news-feed/{slug}",
    feeds=("/news-archive/rss/",),
    listing="/news-archive/",
)
WIRE = DemoOutlet(
    id="coastline-wire",
    name="Coastline Wire",
    motto="First the facts",
    address="127.20.0.2",
    timezone="UTC",
    stories=coastline_wire.STORIES,
    path="/report/{slug}",
    link_path="/report/{slug}?utm_source=atom&utm_medium=feed&utm_campaign=wire",
    feeds=("/atom.xml", "/feed.json"),
)
GAZETTE = DemoOutlet(
    id="harbour-gazette",
    name="The Harbour Gazette",
    motto="Printed daily, tide permitting",
    address="127.20.0.3",
    timezone="Europe/Berlin",
    stories=harbour_gazette.STORIES,
    path="/{section}/{slug}.html",
    link_path="/{section}/{slug}.html",
    sitemaps=("/sitemap-index.xml",),
)
LANTERN = DemoOutlet(
    id="lantern-review",
    name="Lantern Review",
    motto="A weekly for slow readers",
    address="127.20.0.4",
    timezone="Europe/Warsaw",
    stories=lantern_review.STORIES,
    path="/story.php?id={slug}",
    link_path="story.php?id={slug}&ref=front",
    listing="/archive.html",
    listing_pattern=r"story\.php\?id=\d+",
)
DEMO_OUTLETS = (LEDGER, WIRE, GAZETTE, LANTERN)
