"""Parse feeds that are so broken that an XML parser loses items, with feedparser."""

from __future__ import annotations

import io
import re
from typing import Any

from crawler.models import LeftOut, Link
from spiders.feeds.common import MAX_ITEMS, FeedContext, feed_only_url, full_text
from spiders.markup.entries import distinct_texts, divided, is_web_address, page_url, without_url
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.plain_text import markup_to_text

_END = re.compile(r"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


def parse_lenient(text: str, context: FeedContext) -> ParsedDocument:
    """The items that feedparser finds; an empty feed if it fails."""
    import feedparser

    try:
        # As a stream: feedparser opens a str or bytes that look like a path.
        parsed = feedparser.parse(
            io.BytesIO(_first_items(text).encode("utf-8", "replace")),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )
        base = page_url(context.url, parsed.feed.get("link")) or context.url
        entries = enumerate(parsed.entries[:MAX_ITEMS])
        links, left_out = divided(_entry(entry, position, base, context) for position, entry in entries)
    except Exception:  # feedparser fails in many ways on input that is known to be broken
        return ParsedDocument()
    return ParsedDocument(links=links, left_out=left_out)


def _first_items(text: str) -> str:
    """The text up to the last item that is parsed: feedparser needs 36 s for 100,000 items."""
    for number, end in enumerate(_END.finditer(text), start=1):
        if number == MAX_ITEMS:
            return text[: end.end()]
    return text


def _entry(entry: Any, position: int, base: str, context: FeedContext) -> Link | LeftOut:
    guid = (entry.get("id") or "").strip() or None
    addresses = [
        entry.get("feedburner_origlink"),
        entry.get("link") if entry.get("link") != guid else None,
        guid if is_web_address(guid) else None,
    ]
    updated, updated_raw = context.first(
        [dict.get(entry, "updated")]
    )  # `entry.get` falls back to "published" with a warning
    published, published_raw = context.first([entry.get("published"), entry.get("created"), updated_raw])
    content = max((part.get("value") or "" for part in entry.get("content", ())), key=len, default="").strip() or None
    summary_html = entry.get("summary") if entry.get("summary") != content else None
    summary = markup_to_text(summary_html)
    title = markup_to_text(entry.get("title"), is_title=True)
    target = next((found for address in addresses if (found := page_url(base, address))), None)
    target = target or feed_only_url(context, guid, summary or content)
    if target is None:
        return without_url(addresses, title)
    people = entry.get("authors") or []
    return Link(
        url=target,
        kind="feed",
        via=context.url,
        position=position,
        guid=guid,
        title=title,
        summary=summary,
        content_html=content or full_text(summary_html, summary),
        authors=distinct_texts(markup_to_text(person.get("name") or person.get("email")) for person in people),
        published=published,
        published_raw=published_raw,
        updated=updated,
        tags=distinct_texts(markup_to_text(tag.get("label") or tag.get("term")) for tag in entry.get("tags", ())),
        language=entry.get("language") or None,
        image=next((page_url(target, part.get("url")) for part in entry.get("media_thumbnail", ())), None),
    )
