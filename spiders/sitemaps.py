"""Sitemaps: bytes to links or to further sitemaps. Pure; runs in a child.

urlset and sitemapindex, with or without their namespaces; Google's news and image parts; gzip; a plain list of URLs; a
feed that was named as a sitemap. What is not well-formed is read as far as it can be.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.encoding import decode
from crawler.errors import UnreadableError
from crawler.instants import believable, parse_instant, zone_of
from crawler.model import Instant, Link
from crawler.urls import absolute
from spiders.plaintext import plain

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_UNPACKED = 52_428_800
"""Bytes: the protocol's own limit of a sitemap, unpacked (sitemaps.org)."""
MAX_URLS = 50_000
"""Likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSitemap:
    """An entry of an index."""

    url: str
    lastmod: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap document held."""

    links: tuple[Link, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    note: str | None = None
    """What was wrong with it although it could be read."""


def parse_sitemap(body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str) -> Sitemap:
    """The links or children of a sitemap. Raises UnreadableError, and nothing else, for what is none."""
    note = None
    if body[:2] == b"\x1f\x8b":
        body, note = _unpacked(body, url)
    start = body[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \t\r\n\0")
    if not start:
        raise UnreadableError(url, "the answer is empty")
    root = _root_name(body)
    if root in ("rss", "feed", "rdf"):
        from spiders.feeds import parse_feed

        feed = parse_feed(body, url=url, content_type=content_type, fetched_at=fetched_at, timezone=timezone)
        return Sitemap(links=feed.links, note=feed.note)
    if root in ("urlset", "sitemapindex"):
        return _xml(decode(body, content_type), url, fetched_at, timezone, note)
    if not start.startswith(b"<"):
        return _lines(decode(body, content_type), url)
    if b"<html" in start.lower() or b"<!doctype html" in start.lower():
        raise UnreadableError(url, "an HTML page, not a sitemap; was it moved, or is this a bot wall?")
    raise UnreadableError(url, f"not a sitemap (its root element is <{root}>)" if root else "not a sitemap")


def _unpacked(body: bytes, url: str) -> tuple[bytes, str | None]:
    unzip = zlib.decompressobj(31)
    try:
        data = unzip.decompress(body, MAX_UNPACKED + 1)
    except zlib.error as error:
        raise UnreadableError(url, f"gzip that cannot be unpacked ({error})") from error
    if len(data) > MAX_UNPACKED:
        raise UnreadableError(url, f"larger than {MAX_UNPACKED:,} bytes unpacked, which no sitemap may be")
    return data, None if unzip.eof else "cut short on the way; read as far as it came"


_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([A-Za-z][\w.-]*)")


def _root_name(body: bytes) -> str | None:
    head = re.sub(rb"<!--.*?-->", b"", body[:16_384].replace(b"\0", b""), flags=re.DOTALL)
    found = _ROOT.search(head)
    return found[1].decode("ascii", "replace").lower() if found else None


def _xml(text: str, url: str, fetched_at: datetime, timezone: str, note: str | None) -> Sitemap:
    from lxml import etree

    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, huge_tree=False, encoding="utf-8", remove_comments=True
    )
    clean = re.sub(r"<\?xml[^>]*\?>", "", text.lstrip("\ufeff \t\r\n"), count=1)
    clean = _UNDECLARED.sub(lambda reference: _ENTITIES.get(reference[1], "&amp;" + reference[0][1:]), clean)
    try:
        root = etree.fromstring(clean.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(url, f"not XML that can be read ({error.msg})") from error
    if root is None:
        raise UnreadableError(url, "not XML that can be read")
    if len(parser.error_log) and note is None:
        note = f"not well-formed: {parser.error_log[0].message}"
    children = tuple(_children(root, url, fetched_at, timezone))
    links = tuple(_links(root, url, fetched_at, timezone))
    return Sitemap(links=links, children=children, note=note)


_UNDECLARED = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;|#)(\w*);?")
_ENTITIES = {"nbsp": "&#160;", "mdash": "&#8212;", "ndash": "&#8211;", "rsquo": "&#8217;", "hellip": "&#8230;"}
"""HTML's entities are none of XML's; a bare ampersand in a URL is the commonest fault of all."""


def _children(root: _Element, url: str, fetched_at: datetime, timezone: str) -> Iterator[ChildSitemap]:
    for element in root.iter("{*}sitemap"):
        found = _address(element, url)
        if found is not None:
            lastmod = _instant(_text(element, "lastmod"), fetched_at, timezone)
            yield ChildSitemap(url=found, lastmod=lastmod.at if lastmod else None)


def _links(root: _Element, url: str, fetched_at: datetime, timezone: str) -> Iterator[Link]:
    for position, element in enumerate(root.iter("{*}url")):
        if position >= MAX_URLS:
            return
        found = _address(element, url)
        if found is None:
            continue
        news = next(element.iter("{*}news"), None)
        published_raw = _text(news, "publication_date") if news is not None else None
        lastmod = _text(element, "lastmod")
        image = next(element.iter("{*}image"), None)
        yield Link(
            url=found,
            kind="sitemap",
            via=url,
            position=position,
            title=plain(_text(news, "title")) if news is not None else None,
            published=_instant(published_raw, fetched_at, timezone),
            published_raw=published_raw,
            updated=_instant(lastmod, fetched_at, timezone),
            tags=_keywords(_text(news, "keywords")) if news is not None else (),
            language=next((e.text for e in news.iter("{*}language") if e.text), None) if news is not None else None,
            image=_address(image, found) if image is not None else None,
        )


def _address(element: _Element, base: str) -> str | None:
    written = _text(element, "loc")
    return absolute(base, written) if written else None


def _text(element: _Element | None, name: str) -> str | None:
    """The text of the first child of that name, whatever its namespace; not of a grandchild's."""
    if element is None:
        return None
    for child in element.iterchildren(f"{{*}}{name}"):
        text = "".join(map(str, child.itertext())).strip()
        if text:
            return text
    return None


def _keywords(text: str | None) -> tuple[str, ...]:
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _instant(raw: str | None, fetched_at: datetime, timezone: str) -> Instant | None:
    return believable(parse_instant(raw, zone_of(timezone), "sitemap") if raw else None, fetched_at)


def _lines(text: str, url: str) -> Sitemap:
    """A plain list: one URL a line."""
    lines = [line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    if not lines[0].startswith(("http://", "https://")):
        raise UnreadableError(url, f"not a sitemap (it begins with {lines[0][:30]!r})")
    found = (absolute(url, line) for line in lines[:MAX_URLS] if line.startswith(("http://", "https://")))
    return Sitemap(
        links=tuple(
            Link(url=each, kind="sitemap", via=url, position=place)
            for place, each in enumerate(found)
            if each is not None
        )
    )
