"""Parse JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
import re
from typing import Any

from crawler.encodings.script_data import json_document
from crawler.exceptions import ParseError
from crawler.models import LeftOut, Link
from crawler.reasons import Reason, ReasonCode
from crawler.urls import absolute
from spiders.feeds.common import MAX_ITEMS, FeedContext, feed_only_url
from spiders.feeds.elements import paragraph_text
from spiders.markup.entries import (
    beyond_limit,
    distinct_texts,
    divided,
    is_web_address,
    page_url,
    within_limit,
    without_url,
)
from spiders.markup.parsed_document import ParsedDocument
from spiders.markup.plain_text import markup_to_text, whole_characters


def read_json(text: str, context: FeedContext) -> ParsedDocument:
    """The links of a JSON feed. Raises ParseError if it is not a JSON feed."""
    left_out: tuple[LeftOut, ...] = ()
    feed, note = json_document(text), None
    if feed is None:
        feed, left_out, note = _repaired(text, context)
    written = feed.get("items") if isinstance(feed, dict) else None
    written = list(written.values()) if isinstance(written, dict) else written
    if not isinstance(written, list):
        reason = 'JSON, but not a JSON Feed: no list "items"; list it under listings'
        raise ParseError(context.url, reason, ReasonCode.NOT_A_FEED)
    items = [item if isinstance(item, dict) else {} for item in within_limit(written, MAX_ITEMS)]
    if "jsonfeed.org/version" not in str(feed.get("version")) and not any(_is_an_item(item) for item in items):
        reason = "JSON, but not a JSON Feed: no version, and no item has a URL; list it under listings"
        raise ParseError(context.url, reason, ReasonCode.NOT_A_FEED)
    links, others = divided(_entry(item, position, feed, context) for position, item in enumerate(items))
    older = absolute(context.url, _text(feed.get("next_url")) or "") if feed.get("next_url") else None
    left_out += (*others, *beyond_limit(len(written) - MAX_ITEMS))
    return ParsedDocument(links=links, left_out=left_out, next_url=older if older != context.url else None, note=note)


def _repaired(text: str, context: FeedContext) -> tuple[dict[str, Any], tuple[LeftOut, ...], Reason]:
    """A feed that is cut off or damaged, with its items up to the damage; the items after it; a note."""
    decoder, items = json.JSONDecoder(strict=False), []
    begin = _ITEMS.search(text)
    if begin is None:
        raise ParseError(context.url, "neither XML nor valid JSON", ReasonCode.NOT_A_FEED)
    position, fault = begin.end(), ""
    while not fault:
        position = _BETWEEN.match(text, position).end()  # type: ignore[union-attr]  # it matches nothing, too
        if text[position : position + 1] == "]":
            break
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            fault = str(error)
        else:
            items.append(item)
    lost = max(1, len(_ID.findall(text, position))) if fault else 0
    head = json_document(f"{text[: begin.start()]}{begin[0]}]}}")
    left_out = (LeftOut(code=ReasonCode.UNREADABLE_ENTRY, count=lost),) if lost else ()
    note = Reason(ReasonCode.MALFORMED, f"not valid JSON{f': {fault}' if fault else ''}; {len(items)} items were read")
    return {**(head if isinstance(head, dict) else {}), "items": items}, left_out, note


_ITEMS = re.compile(r'"items"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")
_ID = re.compile(r'"id"\s*:')


def _is_an_item(item: dict[str, Any]) -> bool:
    """Whether an object has the form of an item; for feeds without a version."""
    content = ("title", "content_html", "content_text", "summary")
    return bool(_text(item.get("url")) or _text(item.get("external_url"))) and any(name in item for name in content)


def _entry(item: dict[str, Any], position: int, feed: dict[str, Any], context: FeedContext) -> Link | LeftOut:
    base = page_url(context.url, _text(feed.get("home_page_url"))) or context.url
    guid = _text(item.get("id"))
    title, summary = markup_to_text(_text(item.get("title")), is_title=True), markup_to_text(_text(item.get("summary")))
    content = _text(item.get("content_html")) or paragraph_text(_text(item.get("content_text")))
    addresses = [_text(item.get("url")), _text(item.get("external_url")), guid if is_web_address(guid) else None]
    target = next((found for address in addresses if (found := page_url(base, address))), None)
    target = target or feed_only_url(context, guid, summary or content)
    if target is None:
        return without_url(addresses, title)
    updated, updated_raw = context.first([_text(item.get("date_modified"))])
    published, published_raw = context.first([_text(item.get("date_published")), updated_raw])
    image = _text(item.get("image")) or _text(item.get("banner_image")) or _attached_image(item)
    return Link(
        url=target,
        kind="feed",
        via=context.url,
        position=position,
        guid=guid,
        title=title,
        summary=summary,
        content_html=content,
        authors=_authors(item) or _authors(feed),
        published=published,
        published_raw=published_raw,
        updated=updated,
        tags=distinct_texts(markup_to_text(_text(tag)) for tag in _list(item.get("tags"))),
        language=_text(item.get("language")) or _text(feed.get("language")),
        image=absolute(target, image) if image else None,
    )


def _attached_image(item: dict[str, Any]) -> str | None:
    attached = [each for each in _list(item.get("attachments")) if isinstance(each, dict)]
    return next((_text(each.get("url")) for each in attached if str(each.get("mime_type")).startswith("image/")), None)


def _authors(place: dict[str, Any]) -> tuple[str, ...]:
    """The authors: a list in version 1.1, one author in 1.0."""
    people = [*_list(place.get("authors")), place.get("author")]
    return distinct_texts(markup_to_text(_text(person.get("name"))) for person in people if isinstance(person, dict))


def _text(value: object) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # many feeds write ids as numbers
    return whole_characters(value).strip() or None if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
