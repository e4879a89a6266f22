"""Extract one document as a crawl would: an article's fields, or the links of a feed, sitemap or listing. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from crawler.config.sources import Seed, Source
from crawler.exceptions import ParseError
from crawler.models import Article, Link, Page, SeedKind, Timestamp
from crawler.reasons import ReasonCode
from crawler.sqlite.values import format_utc
from crawler.urls import absolute, url_key
from pipelines.process_page import process_page
from schedules.sources.compare_extractors import compare_extractors
from spiders.documents import counted, parse_document
from spiders.feeds.parser import FEED_ROOTS
from spiders.listings.link_classifier import score
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.xml import decode_xml, root_of, unpack_body
from spiders.sitemaps.index import choose_children

FEW_LINKS = 5
"""A page with fewer links to articles is not a listing, unless it is configured as one or has no text."""
SUMMARY = 200
"""Characters of text for each link that a listing has at most."""
_NAMES_SITEMAPS = re.compile(r"^sitemap:\s*http", re.IGNORECASE | re.MULTILINE)
STAND_IN = "extract"
"""Source ID of a document without a configured source."""
BACKFILL = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedDocument:
    """The bytes of a response or a file, with its URL and fetch time."""

    body: bytes
    url: str
    """Final URL; relative links are joined with it."""
    fetched_at: datetime
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    rendered: bool = False

    @property
    def page(self) -> Page:
        """The document as a page of an article."""
        return Page(
            source="", url=self.url, final_url=self.url, status=self.status, headers=self.headers, body=self.body,
            fetched_at=self.fetched_at, rendered=self.rendered,
        )  # fmt: skip


def extract_document(document: FetchedDocument, source: Source, compare: bool = False) -> dict[str, Any]:
    """Return a dictionary for JSON with the key "kind": article, feed, sitemap or listing. Raises ParseError.

    `compare`: articles also have the key "compared", the texts of both extractors.
    """
    kind = _kind_of_data(document, source)
    if kind is not None:
        return _links_as_dict(kind, document, source)
    hints = replace(source.hints, site_name=None) if source.id == STAND_IN else source.hints
    article = process_page(document.page, hints).article
    if document.status < 400 and _is_listing(document, source, article):
        return _links_as_dict("listing", document, source)
    found = _article_as_dict(document, article)
    if compare:
        texts = compare_extractors(document.page, hints)
        found["compared"] = {name: asdict(text) for name, text in texts.items()}
    return found


def stand_in_source(url: str, timezone: str) -> Source:
    """Return a source for a document without a configured source. Raises ValidationError for an unknown timezone."""
    home = absolute(url, "/") or url
    return Source.model_validate(
        {"id": STAND_IN, "name": "Extract", "home": home, "feeds": [home], "timezone": timezone}
    )


def _kind_of_data(document: FetchedDocument, source: Source) -> SeedKind | None:
    """Return the kind of an XML, JSON or text document; None for HTML. Raises ParseError for OPML."""
    if document.status >= 400:
        return None
    content_type = document.page.header("Content-Type")
    body, _ = unpack_body(document.body, document.url)
    text = decode_xml(body, content_type, document.url)
    if text[0] in "{[":
        try:
            return "feed" if _parse("feed", document, source).entries else "listing"
        except ParseError:
            return "listing"
    root, _ = root_of(text)
    if root == "opml":
        raise ParseError(
            document.url, "a list of feeds (OPML); run `scrapy sources import FILE`", ReasonCode.NOT_A_FEED
        )
    if root in FEED_ROOTS:
        return "feed"
    if root in {"urlset", "sitemapindex", "url", "sitemap"}:
        return "sitemap"
    return (
        "sitemap" if text.startswith(("http://", "https://")) or (not root and _NAMES_SITEMAPS.search(text)) else None
    )


def _is_listing(document: FetchedDocument, source: Source, article: Article) -> bool:
    if url_key(document.url) in {url_key(seed.url) for seed in source.listings}:
        return True
    try:
        parsed = _parse("listing", document, source)
    except ParseError:
        return False
    opened = counted(parsed.left_out)  # headlines that a script opens
    links = len(parsed.links) + opened[ReasonCode.NO_URL] + opened[ReasonCode.HASH_ROUTE]
    if not links or article.text == "":
        return links > 0
    # Listings show a date and a summary for each link, but have no metadata of an article.
    metadata = article.field_sources.get("published", "").startswith(("json-ld", "meta"))
    more_than_summaries = article.published is not None and len(article.text) > links * SUMMARY
    looks_like_article = metadata or more_than_summaries or score(document.url, article.title or "") > 0
    few = 1 if article.field_sources.get("text") == "script data" else FEW_LINKS  # the summaries of the links
    return links >= few and not looks_like_article


def _parse(kind: SeedKind, document: FetchedDocument, source: Source) -> ParsedDocument:
    key = url_key(document.url)
    configured = next((seed for seed in source.seeds if seed.kind == kind and url_key(seed.url) == key), None)
    seed = configured or Seed(url=document.url, kind=kind)
    content_type = document.page.header("Content-Type")
    return parse_document(
        document.body, seed=seed, url=document.url, content_type=content_type, source=source, now=document.fetched_at
    )


def _links_as_dict(kind: SeedKind, document: FetchedDocument, source: Source) -> dict[str, Any]:
    parsed = _parse(kind, document, source)
    chosen = choose_children(parsed.children, {}, now=document.fetched_at, backfill=BACKFILL)
    left_out = [
        {"code": one.code.value, "what": one.what, "reason": one.code.description}
        for one in (*parsed.left_out, *chosen.left_out)
        for _ in range(one.count)
    ]
    note = parsed.fault or parsed.note
    return {
        "kind": kind,
        "url": document.url,
        "entries": parsed.entries,
        "links": [*map(_link_as_dict, parsed.links), *({"url": url, "kind": "sitemap"} for url in chosen.urls)],
        "left_out": left_out,
        "next_url": parsed.next_url,
        "note": {"code": note.code.value, "text": note.text} if note else None,
    }


_LINK_FIELDS = (
    "title", "published", "published_raw", "updated", "guid", "authors", "summary", "tags", "language", "image", "has_page",
)  # fmt: skip
_ARTICLE_FIELDS = (
    "status", "reason_code", "title", "lead", "text", "published", "modified", "language", "section", "tags", "image",
    "canonical_url", "site_name",
)  # fmt: skip


def _link_as_dict(link: Link) -> dict[str, Any]:
    length = len(link.content_html or "")
    return {"url": link.url, "kind": "article", **_chosen_fields(link, _LINK_FIELDS), "content_length": length}


def _article_as_dict(document: FetchedDocument, article: Article) -> dict[str, Any]:
    return {
        "kind": "article",
        "url": document.url,
        **_chosen_fields(article, _ARTICLE_FIELDS),
        "reason": article.reason or None,
        "bylines": [{"name": byline.name, "kind": byline.kind} for byline in article.bylines],
        "field_sources": dict(article.field_sources),
    }


def _chosen_fields(one: Link | Article, names: Sequence[str]) -> dict[str, Any]:
    return {name: _json_value(getattr(one, name)) for name in names}


def _json_value(value: Any) -> Any:
    if isinstance(value, Timestamp):
        names = ("precision", "offset_minutes", "raw")
        return {
            "at": format_utc(value.at),
            "source": value.provenance,
            **{name: getattr(value, name) for name in names},
        }
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
