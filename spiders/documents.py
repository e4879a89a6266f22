"""Parse the document of a seed with the parser for its kind, in a child process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from crawler.config.sources import Seed, Source
from crawler.models import LeftOut, Link
from crawler.reasons import LOST_ENTRIES, Reason, ReasonCode
from crawler.urls import url_key
from spiders.markup.entries import HASH_ROUTED, MAX_WHAT, divided
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.spellings import spellings


def parse_document(
    body: bytes, *, seed: Seed, url: str, content_type: str | None, source: Source, now: datetime
) -> ParsedDocument:
    """Parse one document. Raises ParseError."""
    document = _parse(body, seed, url, content_type, source, now)
    links, excluded = divided(_filtered(link, source) for link in _apart_at_one_url(document.links, source))
    document = replace(document, links=links, left_out=document.left_out + excluded)
    if excluded and not links:
        return replace(document, note=_all_excluded(len(excluded), source))
    return document if seed.kind == "listing" or document.note else replace(document, note=_lost(document))


def _apart_at_one_url(links: Sequence[Link], source: Source) -> tuple[Link, ...]:
    """The links, with items that share one URL as articles of their own: their text is in the feed, not on the page.

    Two items at one URL may be two versions of an article, so the guids decide only if the source says so, if the titles
    share no word, or if several items with different titles share the URL. An item without a guid is identified by its title.
    """
    groups: dict[str, list[Link]] = {}
    for link in links:
        if (link.guid or link.title) and link.has_page and (link.summary or link.content_html):
            groups.setdefault(_page_of(link, source), []).append(link)
    by_guid = source.identity != "url"
    shared = {
        url
        for url, group in groups.items()
        if len({link.guid or link.title for link in group})
        >= (2 if (by_guid and group[0].guid) or _unlike(group) else SHARED_URL)
        and (by_guid or len({link.title for link in group}) == len(group))
    }
    return tuple(
        replace(link, guid=guid, url=f"{link.url}#{quote(guid, safe='')}")
        if shared and link.has_page and (guid := link.guid or link.title) and _page_of(link, source) in shared
        else link
        for link in links
    )


def _unlike(group: Sequence[Link]) -> bool:
    """Whether the titles of the links share no word."""
    words = [set((link.title or "").lower().split()) for link in group]
    return all(words) and len(set.union(*words)) == sum(map(len, words))


def _page_of(link: Link, source: Source) -> str:
    return url_key(link.url, slug_identity=source.slug_identity, keep_params=source.keep_params)


SHARED_URL = 3
"""Items with different titles at one URL from which the URL is a list and not an article."""


def counted(left_out: Iterable[LeftOut]) -> Counter[ReasonCode]:
    """Number of entries left out by reason code."""
    counts: Counter[ReasonCode] = Counter()
    for one in left_out:
        counts[one.code] += one.count
    return counts


def _lost(document: ParsedDocument) -> Reason | None:
    """A note on entries that may be missed articles; None if there are none."""
    lost = {code: count for code, count in counted(document.left_out).items() if code in LOST_ENTRIES}
    if ReasonCode.HASH_ROUTE in lost:
        return Reason(
            ReasonCode.HASH_ROUTE, f"{lost[ReasonCode.HASH_ROUTE]} of {document.entries} entries {HASH_ROUTED}"
        )
    text = f"{sum(lost.values())} of {document.entries} entries left out"
    detail = ", ".join(f"{code}: {count}" for code, count in lost.items())
    return Reason(ReasonCode.ENTRIES_LEFT_OUT, f"{text} ({detail})") if lost else None


def _all_excluded(links: int, source: Source) -> Reason:
    """A note, not a failure: none of a feed's current items may be in the section that the source is limited to."""
    keys = [key for key in ("only_paths", "ignore_paths") if getattr(source, key)]
    text = f"{' and '.join(keys)} in sources.toml exclude{'' if len(keys) > 1 else 's'} all {links} links"
    return Reason(ReasonCode.ONLY_PATHS if source.only_paths else ReasonCode.IGNORE_PATHS, text)


def _filtered(link: Link, source: Source) -> Link | LeftOut:
    code = excluded_by(link.url, source)
    return link if code is None else LeftOut(code=code, what=link.url[:MAX_WHAT])


def excluded_by(url: str, source: Source) -> ReasonCode | None:
    """The key of a source that excludes a link, as a reason code; None if it is included."""
    if not source.only_paths and not source.ignore_paths:
        return None
    paths = [re.sub(r"^https?://[^/]*", "", form) for form in spellings(url)]

    def match(patterns: Iterable[str]) -> bool:
        return any(re.search(pattern, path) for pattern in patterns for path in paths)

    if source.only_paths and not match(source.only_paths):
        return ReasonCode.ONLY_PATHS
    return ReasonCode.IGNORE_PATHS if match(source.ignore_paths) else None


def _parse(
    body: bytes, seed: Seed, url: str, content_type: str | None, source: Source, now: datetime
) -> ParsedDocument:
    if seed.kind == "feed":
        from spiders.feeds.parser import parse_feed

        return parse_feed(body, url=url, content_type=content_type, fetched_at=now, timezone=source.timezone)
    if seed.kind == "sitemap":
        from spiders.sitemaps.parser import parse_sitemap

        return parse_sitemap(body, url=url, content_type=content_type, fetched_at=now, timezone=source.timezone)
    from spiders.listings.parser import parse_listing

    return parse_listing(
        body, url=url, content_type=content_type, fetched_at=now, selector=seed.selector, pattern=seed.pattern,
        rendered=source.render,
    )  # fmt: skip
