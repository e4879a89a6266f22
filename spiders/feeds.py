"""RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0 (feedparser), JSON Feed (`json_feed.py`): bytes to links. Pure; runs in a child.

feedparser rather than a faster parser: it keeps dates as they were written, with the publisher's offset, and every
author, and it reads what is not well-formed. A feed that did not change is not parsed at all, so its 33 ms for fifty
items are spent where something is new.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.encoding import decode
from crawler.errors import UnreadableError
from crawler.instants import believable, parse_instant, zone_of
from crawler.model import Instant, Link
from crawler.urls import absolute
from spiders.plaintext import plain

MAX_ITEMS = 2_000
"""Items read of one feed, the first ones: real feeds hold 10 to 500; one of 100,000 takes feedparser 36 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one feed document held."""

    links: tuple[Link, ...] = ()
    next_url: str | None = None
    """Its older part (RFC 5005, JSON Feed)."""
    note: str | None = None
    """What was wrong with it although it could be read."""


def parse_feed(body: bytes, *, url: str, content_type: str | None, fetched_at: datetime, timezone: str) -> Feed:
    """The links of a feed. Raises UnreadableError, and nothing else, for what is none."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff \t\r\n\0")
    if not start:
        raise UnreadableError(url, "the answer is empty")
    if start[:1] in (b"{", b"["):
        from spiders.json_feed import parse_json_feed

        return parse_json_feed(body, url=url, fetched_at=fetched_at, timezone=timezone)
    _refuse_what_is_no_feed(body, url)
    parsed, note = _parsed(body, content_type, url)
    links = [_link(entry, position, url, parsed, fetched_at, timezone) for position, entry in enumerate(parsed.entries)]
    found = tuple(link for link in links if link is not None)
    if not found and not parsed.get("version"):
        raise UnreadableError(url, f"not a feed ({_what_it_is(start)})")
    return Feed(links=without_shared_guids(found[:MAX_ITEMS]), next_url=_next(parsed, url), note=note)


def without_shared_guids(links: Sequence[Link]) -> tuple[Link, ...]:
    """Links of which several bear one guid lose it: it tells nothing apart."""
    counts = Counter(link.guid for link in links if link.guid)
    return tuple(replace(link, guid=None) if link.guid and counts[link.guid] > 1 else link for link in links)


_FEED_ROOT = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_SITEMAP_ROOT = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", re.IGNORECASE)
HEAD = 16_384
"""Bytes in which the root element must stand; comments and style sheets may stand before it."""


def _refuse_what_is_no_feed(body: bytes, url: str) -> None:
    head = body[:HEAD].replace(b"\0", b"")
    if _FEED_ROOT.search(head):
        return
    if _SITEMAP_ROOT.search(head):
        raise UnreadableError(url, "a sitemap, not a feed; name it under sitemaps")
    lowered = head.lower()
    if b"<html" in lowered or b"<!doctype html" in lowered:
        raise UnreadableError(url, "an HTML page, not a feed; was it moved, or is this a bot wall?")


def _what_it_is(start: bytes) -> str:
    shown = decode(start[:40])
    return f"it begins with {' '.join(shown.split())[:30]!r}"


def _parsed(body: bytes, content_type: str | None, url: str) -> tuple[Any, str | None]:
    """feedparser's reading of the text; again with impossible character references taken out where they spoil it."""
    import feedparser
    from feedparser.mixin import _FeedParserMixin as Mixin

    # A guid is an identity, not an address: made absolute it would change when the feed moves.
    Mixin.can_be_relative_uri = Mixin.can_be_relative_uri - {"id"}
    text = decode(_first_items(body), content_type)
    text = _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n"), count=1)
    try:
        # As UTF-8 without a declaration: the encoding was settled above. From a stream: a str or bytes that look like a
        # path would be opened as one.
        parsed = feedparser.parse(
            io.BytesIO(_without_impossible(text).encode("utf-8", "replace")),
            sanitize_html=False,
            resolve_relative_uris=True,
            response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        )
    except Exception as error:  # feedparser raises many kinds on broken input
        raise UnreadableError(url, f"the feed cannot be read ({type(error).__name__}: {error})") from error
    wrong = str(parsed.get("bozo_exception", "")).split("\n")[0] if parsed.get("bozo") else ""
    return parsed, f"not well-formed: {wrong}" if wrong else None


_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,9})|([0-9]{1,9}));?")
_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


def _first_items(body: bytes) -> bytes:
    if len(body) < 200 * MAX_ITEMS:
        return body
    for number, end in enumerate(_END.finditer(body), start=1):
        if number == MAX_ITEMS:
            return body[: end.end()]
    return body


def _without_impossible(text: str) -> str:
    """Without references to characters that there are not: one of them would cost the whole feed."""

    def kept(reference: re.Match[str]) -> str:
        code = int(reference[1], 16) if reference[1] else int(reference[2])
        possible = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
        return reference[0] if possible else "\ufffd"

    return _REFERENCE.sub(kept, text)


def _link(entry: Any, position: int, url: str, parsed: Any, fetched_at: datetime, timezone: str) -> Link | None:
    target = _target(entry, parsed, url)
    if target is None:
        return None
    published_raw = entry.get("published") or entry.get("issued") or entry.get("created") or entry.get("dc_date")
    updated_raw = dict.get(entry, "updated")  # `entry.get` would give "published" in its place, with a warning
    published = _instant(published_raw or updated_raw, fetched_at, timezone)
    content = _content(entry)
    return Link(
        url=target,
        kind="feed",
        via=url,
        position=position,
        guid=(entry.get("id") or "").strip() or None,
        title=plain(entry.get("title")),
        summary=plain(entry.get("summary")),
        content_html=content,
        authors=_authors(entry, parsed),
        published=published,
        published_raw=published_raw or updated_raw or None,
        updated=_instant(updated_raw, fetched_at, timezone) if published_raw else None,
        tags=tuple(
            dict.fromkeys(tag for t in entry.get("tags", ()) if (tag := plain(t.get("term") or t.get("label"))))
        ),
        language=entry.get("language") or parsed.feed.get("language") or None,
        image=_image(entry, target),
    )


def _target(entry: Any, parsed: Any, url: str) -> str | None:
    """The page that an item is about: the alternate link, the original of a proxied one, a guid that is a permalink."""
    base = parsed.feed.get("link") or url
    alternates = [
        link.get("href")
        for link in entry.get("links", ())
        if link.get("rel", "alternate") == "alternate" and "html" in (link.get("type") or "html")
    ]
    candidates = [entry.get("feedburner_origlink"), *alternates, entry.get("link")]
    if entry.get("guidislink") or not any(candidates):
        candidates.append(entry.get("id"))
    for candidate in candidates:
        if candidate and (target := absolute(absolute(url, base) or url, candidate.strip())):
            return target
    return None


def _instant(raw: str | None, fetched_at: datetime, timezone: str) -> Instant | None:
    """A date of a feed. One that lies ahead is kept as written only: it is a plan, or a clock that is wrong."""
    return believable(parse_instant(raw, zone_of(timezone), "feed") if raw else None, fetched_at)


def _content(entry: Any) -> str | None:
    """The longest content, as HTML; None where there is just the summary."""
    contents = [part.get("value") or "" for part in entry.get("content", ())]
    longest = max(contents, key=len, default="").strip()
    return longest or None


def _authors(entry: Any, parsed: Any) -> tuple[str, ...]:
    people = entry.get("authors") or ([{"name": entry["author"]}] if entry.get("author") else [])
    if not people:
        people = parsed.feed.get("authors") or []
    names = (plain(person.get("name") or person.get("email")) for person in people)
    return tuple(dict.fromkeys(name for name in names if name))


def _image(entry: Any, base: str) -> str | None:
    candidates = [
        *(image.get("url") for image in entry.get("media_thumbnail", ())),
        *(
            m.get("url")
            for m in entry.get("media_content", ())
            if _is_image(m.get("medium"), m.get("type"), m.get("url"))
        ),
        *(link.get("href") for link in entry.get("links", ()) if _is_image(None, link.get("type"), None)),
    ]
    return next((found for candidate in candidates if candidate and (found := absolute(base, candidate))), None)


def _is_image(medium: str | None, media: str | None, url: str | None) -> bool:
    told = medium or (media or "").split("/", maxsplit=1)[0]
    return told == "image" or (
        not told and bool(re.search(r"\.(?:jpe?g|png|webp|gif|avif)\b", url or "", re.IGNORECASE))
    )


def _next(parsed: Any, url: str) -> str | None:
    for link in parsed.feed.get("links", ()):
        if link.get("rel") in ("next", "prev-archive") and link.get("href"):
            return absolute(url, link["href"])
    return None
