"""JSON Feed 1.0 and 1.1 (jsonfeed.org): bytes to links."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from crawler.encoding import decode
from crawler.errors import UnreadableError
from crawler.instants import believable, parse_instant, zone_of
from crawler.model import Instant, Link
from crawler.urls import absolute
from spiders.feeds import MAX_ITEMS, Feed, without_shared_guids
from spiders.plaintext import plain


def parse_json_feed(body: bytes, *, url: str, fetched_at: datetime, timezone: str) -> Feed:
    """The links of a JSON feed. Raises UnreadableError for JSON that is none."""
    try:
        feed = json.loads(decode(body).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(url, f"neither XML nor JSON that can be read ({error})") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise UnreadableError(url, 'JSON, but not a JSON Feed: it has no list "items"')
    items = [item for item in feed["items"][:MAX_ITEMS] if isinstance(item, dict)]
    links = [_link(item, position, feed, url, fetched_at, timezone) for position, item in enumerate(items)]
    next_url = absolute(url, _text(feed.get("next_url")) or "") if feed.get("next_url") else None
    return Feed(links=without_shared_guids([link for link in links if link is not None]), next_url=next_url)


def _link(
    item: dict[str, Any], position: int, feed: dict[str, Any], url: str, fetched_at: datetime, timezone: str
) -> Link | None:
    target = next(
        (
            found
            for name in ("url", "external_url", "id")
            if (written := _text(item.get(name)))
            and (found := absolute(_text(feed.get("home_page_url")) or url, written))
        ),
        None,
    )
    if target is None:
        return None
    published, updated = _text(item.get("date_published")), _text(item.get("date_modified"))

    def instant(raw: str | None) -> Instant | None:
        return believable(parse_instant(raw, zone_of(timezone), "feed") if raw else None, fetched_at)

    image = _text(item.get("image")) or _text(item.get("banner_image"))
    return Link(
        url=target,
        kind="feed",
        via=url,
        position=position,
        guid=_text(item.get("id")),
        title=plain(_text(item.get("title"))),
        summary=plain(_text(item.get("summary"))),
        content_html=_text(item.get("content_html")) or _paragraphs(_text(item.get("content_text"))),
        authors=_authors(item) or _authors(feed),
        published=instant(published or updated),
        published_raw=published or updated,
        updated=instant(updated) if published else None,
        tags=tuple(tag for t in _list(item.get("tags")) if (tag := plain(_text(t)))),
        language=_text(item.get("language")) or _text(feed.get("language")),
        image=absolute(target, image) if image else None,
    )


def _authors(place: dict[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has a list, 1.0 one author."""
    people = [*_list(place.get("authors")), place.get("author")]
    names = (plain(_text(person.get("name"))) for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _paragraphs(text: str | None) -> str | None:
    from html import escape

    parts = [part.strip() for part in (text or "").split("\n\n") if part.strip()]
    return "".join(f"<p>{escape(part)}</p>" for part in parts) or None


def _text(value: object) -> str | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)  # ids are numbers in many feeds
    return value.strip() or None if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
