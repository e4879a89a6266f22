"""Parse a sitemap into links, or a sitemap index into child sitemaps. Pure; runs in a child process.

Handles urlset and sitemapindex with or without namespaces, Google's news and image extensions, gzip, plain lists of
URLs, and feeds that are configured as sitemaps. Malformed XML is parsed as far as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from crawler.exceptions import ParseError
from crawler.models import LeftOut, Link, Timestamp
from crawler.reasons import ReasonCode
from crawler.timestamps import is_plausible, parse_timestamp, zone_of
from crawler.urls import absolute
from spiders.markup.entries import MAX_WHAT, beyond_limit, distinct_texts, divided, page_url, within_limit, without_url
from spiders.markup.parsed_document import ChildSitemap, ParsedDocument
from spiders.markup.plain_text import markup_to_text
from spiders.markup.xml import begins_with, decode_xml, root_of, tree_of, unpack_body

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_URLS = 50_000
"""URLs in one sitemap: the limit of the protocol (sitemaps.org)."""


def parse_sitemap(
    body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str
) -> ParsedDocument:
    """The links or children of a sitemap. Raises ParseError, and no other error, if the body is not a sitemap."""
    body, cut = unpack_body(body, url)
    text = decode_xml(body, content_type, url)
    root, start = root_of(text)
    if root in ("rss", "feed", "rdf", "channel"):
        from spiders.feeds.parser import parse_feed

        feed = parse_feed(body, url=url, content_type=content_type, fetched_at=fetched_at, timezone=timezone)
        return replace(feed, next_url=None, note=cut or feed.note)
    if root in ("url", "sitemap"):  # the root element is missing
        text, start, root = f"<urlset>{text[start:]}</urlset>", 0, "urlset"
    if root in ("urlset", "sitemapindex"):
        sitemap = _Parser(url, fetched_at, zone_of(timezone)).parse(text[start:])
        return replace(sitemap, note=cut or sitemap.note)
    if not text.startswith("<"):
        return replace(_lines(text, url), note=cut)
    reason = f"not a sitemap (root element <{root}>)" if root else "not a sitemap"
    if root == "html":
        reason = "an HTML page, not a sitemap; the sitemap has moved, or this is a bot wall"
    raise ParseError(url, reason, ReasonCode.NOT_A_SITEMAP)


class _Parser:
    """Parses one document; holds the values that its entries share."""

    def __init__(self, url: str, fetched_at: datetime, zone: tzinfo) -> None:
        self._url = url
        self._fetched_at = fetched_at
        self._zone = zone
        self._timestamps: dict[str, Timestamp | None] = {}
        """By text: thousands of entries may have the same lastmod."""

    def parse(self, text: str) -> ParsedDocument:
        root, note = tree_of(text, self._url)
        is_index = _local(root) == "sitemapindex"
        urls: list[_Element] = []
        sitemaps: list[_Element] = []
        for element in _entries(root):
            is_child = is_index or _local(element) == "sitemap" or _is_sitemap_file(element)
            (sitemaps if is_child else urls).append(element)
        entries = enumerate(within_limit(urls, MAX_URLS))
        links, left_out = divided(self._link(element, position) for position, element in entries)
        left_out += beyond_limit(len(urls) - MAX_URLS)
        found = [self._child(element) for element in sitemaps]
        left_out += tuple(child for child in found if isinstance(child, LeftOut))
        if not urls and not sitemaps and len(root):  # entries with other names
            left_out += (LeftOut(code=ReasonCode.UNREADABLE_ENTRY, count=len(root)),)
        children = tuple(child for child in found if isinstance(child, ChildSitemap))
        return ParsedDocument(links=links, children=children, left_out=left_out, note=note)

    def _child(self, element: _Element) -> ChildSitemap | LeftOut:
        parts = _parts(element)
        address = parts.get("loc") or _own_text(element)
        found = page_url(self._url, address)
        if found is None:
            return without_url([address], None)
        return ChildSitemap(url=found, lastmod=self._changed(parts.get("lastmod")))

    def _link(self, element: _Element, position: int) -> Link | LeftOut:
        parts = _parts(element)
        address = parts.get("loc") or _own_text(element)
        found = page_url(self._url, address)
        if found is None:
            return without_url([address], None)
        updated = self._timestamp(parts.get("lastmod"))
        link = Link(url=found, kind="sitemap", via=self._url, position=position, updated=updated)
        return self._with_extensions(link, element) if len(element) > len(parts) else link

    def _with_extensions(self, link: Link, element: _Element) -> Link:
        """The link with the fields of Google's news and image extensions."""
        news = image = None
        for child in element:
            name = _local(child)
            if name == "news" and news is None:
                news = child
            elif name == "image" and image is None:
                image = child
        if image is not None:
            link = replace(link, image=absolute(link.url, _parts(image).get("loc") or ""))
        if news is None:
            return link
        parts = _parts(news)
        publication = next((child for child in news if _local(child) == "publication"), None)
        language = _parts(publication).get("language") if publication is not None else None
        written = parts.get("publication_date")
        return replace(
            link,
            title=markup_to_text(parts.get("title"), is_title=True),
            published=self._timestamp(written),
            published_raw=written,
            tags=distinct_texts(markup_to_text(word) for word in (parts.get("keywords") or "").split(",")),
            language=language or parts.get("language"),
        )

    def _timestamp(self, raw: str | None) -> Timestamp | None:
        return is_plausible(self._parsed(raw), self._fetched_at) if raw else None

    def _changed(self, raw: str | None) -> datetime | None:
        moment = self._parsed(raw) if raw else None
        return min(moment.at, self._fetched_at) if moment is not None else None

    def _parsed(self, raw: str) -> Timestamp | None:
        if raw not in self._timestamps:
            self._timestamps[raw] = parse_timestamp(raw, self._zone, "sitemap")
        return self._timestamps[raw]


_SITEMAP_FILE = re.compile(r"sitemap[^/?#]*\.xml(?:\.gz)?\s*$", re.IGNORECASE)


def _is_sitemap_file(entry: _Element) -> bool:
    """Whether a sitemap is listed among the articles of another."""
    first = entry[0].text if len(entry) else None
    return bool(first) and "sitemap" in str(first) and bool(_SITEMAP_FILE.search(str(first)))


def _entries(root: _Element) -> Iterator[_Element]:
    """The url and sitemap elements, in whatever letter case and namespace."""
    tags = {child.tag for child in root if _local(child) in {"url", "sitemap"}}
    return root.iter("{*}url", "{*}sitemap", *tags)


def _local(element: _Element) -> str:
    """The name of an element in lower case, without namespace or undeclared prefix."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _parts(element: _Element) -> dict[str, str]:
    """The texts of the direct children by local name; of several with one name, the first that has a text."""
    parts: dict[str, str] = {}
    for child in element:
        text = (child.text or "").strip() if not len(child) else ""
        if text:
            parts.setdefault(_local(child), text)
    return parts


def _own_text(element: _Element) -> str:
    """The text of an entry without `loc`, if it is an address."""
    text = (element.text or "").strip()
    return text if text.startswith(("http://", "https://")) else ""


_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)


_ROBOTS_LINE = re.compile(r"sitemap\s*:\s*(\S+)", re.IGNORECASE)


def _lines(text: str, url: str) -> ParsedDocument:
    """The links of a plain list with one URL per line. Raises ParseError if most lines are something else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = [found[1] for line in lines if (found := _ROBOTS_LINE.match(line))]
    if named:  # robots.txt, which names the sitemaps of a host
        found_at = {address: page_url(url, address) for address in named}
        children = tuple(ChildSitemap(url=target, lastmod=None) for target in found_at.values() if target)
        unusable = tuple(without_url([address]) for address, target in found_at.items() if target is None)
        return ParsedDocument(children=children, left_out=unusable)
    addresses = [line.split()[0] for line in lines if _ADDRESS.match(line)]
    if not addresses or 2 * len(addresses) < len(lines):
        raise ParseError(url, f"not a sitemap ({begins_with(text)})", ReasonCode.NOT_A_SITEMAP)

    def entry(position: int, address: str) -> Link | LeftOut:
        found = absolute(url, address)
        if found is None:
            return without_url([address], None)
        return Link(url=found, kind="sitemap", via=url, position=position)

    links, left_out = divided(
        entry(position, address) for position, address in enumerate(within_limit(addresses, MAX_URLS))
    )
    others = [line for line in lines if not _ADDRESS.match(line) and not line.startswith("#")]
    left_out += tuple(LeftOut(code=ReasonCode.INVALID_URL, what=line[:MAX_WHAT]) for line in others)
    return ParsedDocument(links=links, left_out=left_out + beyond_limit(len(addresses) - MAX_URLS))
