"""What one answer of a feed, sitemap or listing gave: its links, and where to look further.

Parsing runs in a child process; this chooses the parser and gathers what they return into one shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.config.sources import Seed, Source
from crawler.models import Link
from crawler.reasons import Reason, ReasonCode

CHILD_SITEMAPS = 20
"""Sitemaps followed from one index at one poll, newest first: an index of daily sitemaps may list ten years."""
FRESH_SITEMAP = timedelta(days=2)
"""A child sitemap is read again until its lastmod is older than the last poll by this: lastmod may be a day only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDocument:
    """What one document gave."""

    links: tuple[Link, ...] = ()
    children: tuple[str, ...] = ()
    """Sitemaps of an index that may hold something new."""
    next_url: str | None = None
    """The next page of a listing, or the older part of a feed."""
    note: Reason | None = None
    """What was wrong with the document although it could be read."""


def parse_document(
    body: bytes,
    *,
    seed: Seed,
    url: str,
    content_type: str | None,
    source: Source,
    now: datetime,
    last_polled_at: datetime | None,
) -> ParsedDocument:
    """Parse one answer. Raises UnreadableError. Runs in a child process."""
    found = _parse(body, seed, url, content_type, source, now, last_polled_at)
    relevant = tuple(link for link in found.links if is_included(link.url, source))
    note = found.note
    if found.links and not relevant:
        note = _left_out(len(found.links), source)
    return ParsedDocument(links=relevant, children=found.children, next_url=found.next_url, note=note)


def _left_out(links: int, source: Source) -> Reason:
    """No failure: of a feed of ten items, none may be of the one section that is wanted."""
    keys = [key for key in ("only_paths", "ignore_paths") if getattr(source, key)]
    text = f"{' and '.join(keys)} in sources.toml {'leave' if len(keys) > 1 else 'leaves'} out all {links} links"
    return Reason(ReasonCode.ONLY_PATHS if source.only_paths else ReasonCode.IGNORE_PATHS, text)


def is_included(url: str, source: Source) -> bool:
    """Whether a source's `only_paths` and `ignore_paths` let a link through."""
    path = re.sub(r"^https?://[^/]*", "", url)
    if source.only_paths and not any(re.search(pattern, path) for pattern in source.only_paths):
        return False
    return not any(re.search(pattern, path) for pattern in source.ignore_paths)


def _parse(
    body: bytes, seed: Seed, url: str, content_type: str | None, source: Source, now: datetime, last: datetime | None
) -> ParsedDocument:
    if seed.kind == "feed":
        from spiders.feeds.parser import parse_feed

        feed = parse_feed(body, url=url, content_type=content_type, fetched_at=now, timezone=source.timezone)
        return ParsedDocument(links=feed.links, next_url=feed.next_url, note=feed.note)
    if seed.kind == "sitemap":
        from spiders.sitemaps.parser import parse_sitemap

        sitemap = parse_sitemap(body, url=url, content_type=content_type, fetched_at=now, timezone=source.timezone)
        fresh = children_to_read([(child.url, child.lastmod) for child in sitemap.children], last_polled_at=last)
        return ParsedDocument(links=sitemap.links, children=fresh, note=sitemap.note)
    from spiders.listings.parser import parse_listing

    listing = parse_listing(
        body, url=url, content_type=content_type, fetched_at=now, selector=seed.selector, pattern=seed.pattern
    )
    return ParsedDocument(links=listing.links, next_url=listing.next_url, note=listing.note)


def children_to_read(
    children: Sequence[tuple[str, datetime | None]], *, last_polled_at: datetime | None
) -> tuple[str, ...]:
    """The sitemaps of an index that may hold something new, the newest first, at most CHILD_SITEMAPS.

    Those without a lastmod come after those with one, the last in the document first: indexes by date grow at the end.
    """
    dated = sorted(((lastmod, url) for url, lastmod in children if lastmod is not None), reverse=True)
    fresh = [url for lastmod, url in dated if last_polled_at is None or lastmod > last_polled_at - FRESH_SITEMAP]
    undated = [url for url, lastmod in reversed(children) if lastmod is None]
    return tuple(dict.fromkeys([*fresh, *undated]))[:CHILD_SITEMAPS]
