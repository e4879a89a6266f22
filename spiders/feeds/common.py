"""What the readers of all kinds of feed share: the type they give, and what becomes of addresses, dates and guids."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from crawler.models import Link, Timestamp
from crawler.reasons import Reason
from crawler.timestamps import is_plausible, parse_timestamp
from crawler.urls import MAX_URL, absolute
from spiders.markup.plain_text import markup_to_text

MAX_ITEMS = 2_000
"""Items read of one feed, the first ones: real feeds hold 10 to 500."""
FULL_TEXT = 1_000
"""Characters from which a description of several paragraphs is the article: the field's summaries have up to 400, and
feeds without `content:encoded` that are full-content put it there."""
_PARAGRAPH = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one feed document held."""

    links: tuple[Link, ...] = ()
    next_url: str | None = None
    """Its older part (RFC 5005, JSON Feed)."""
    note: Reason | None = None
    """What was wrong with it although it could be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """Where and when a document is read."""

    url: str
    fetched_at: datetime
    zone: tzinfo

    def timestamp(self, raw: str) -> Timestamp | None:
        """A date as a feed writes it. One that lies ahead, even by an hour, is none: a plan, or a clock that is wrong,
        and moved to now it would change with each poll. It is kept as written in `Link.published_raw`."""
        return is_plausible(parse_timestamp(raw, self.zone, "feed"), self.fetched_at)

    def first(self, candidates: Iterable[str | None]) -> tuple[Timestamp | None, str | None]:
        """The first date that is understood, as it was written; without one the first that was written at all."""
        written = [raw.strip() for raw in candidates if raw and raw.strip()]
        for raw in written:
            moment = self.timestamp(raw)
            if moment is not None:
                return moment, raw
        return None, written[0] if written else None


def without_shared_guids(links: Sequence[Link]) -> tuple[Link, ...]:
    """A guid under which several addresses stand tells nothing apart: those links lose it."""
    addresses: dict[str, set[str]] = {}
    for link in links:
        addresses.setdefault(link.guid or "", set()).add(link.url)
    return tuple(replace(link, guid=None) if link.guid and len(addresses[link.guid]) > 1 else link for link in links)


_ABSOLUTE = re.compile(r"https?://[a-z0-9.-]+/(?!.*(?:/\.|&amp;))[!-\"$->@-~]*(?:\?[!-\"$-~]+)?")
"""Addresses that are in their final form already: nearly all of them, and 50,000 in one sitemap."""


def page_url(base: str, written: str | None) -> str | None:
    """An address as feeds write them: escaped twice, or a host without its scheme."""
    text = (written or "").strip()
    if not text:
        return None
    if len(text) <= MAX_URL and _ABSOLUTE.fullmatch(text):
        return text
    if "&amp;" in text:
        text = html.unescape(text)
    return absolute(base, f"//{text}" if text[:4].lower() == "www." else text)


def is_web_address(text: str | None) -> bool:
    """Whether a guid is an address by itself; "12345" made absolute would be an address that nobody wrote."""
    return bool(text) and bool(re.match(r"\s*https?://[^/\s]", str(text), re.IGNORECASE))


def full_text(markup: str | None, text: str | None) -> str | None:
    """The markup of a description that is the whole article; None for a summary."""
    whole = markup and text and len(text) >= FULL_TEXT and len(_PARAGRAPH.findall(markup)) > 1
    return markup if whole else None


_COMMENTED = re.compile(r"^\s*[^\s()<>]+@[^\s()<>]+\s*\((.+)\)\s*$")
_BRACKETED = re.compile(r"^\s*(.+?)\s*<\s*(?:mailto:)?[^\s<>]+@[^\s<>]+\s*>\s*$")


def person(written: str | None) -> str | None:
    """The name in an author field; RSS has it beside an address: "desk@x.example (Mara Voss)"."""
    found = _COMMENTED.match(written or "") or _BRACKETED.match(written or "")
    return markup_to_text(found[1] if found else written)


def distinct_texts(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Without empty ones and repetitions, in order."""
    return tuple(dict.fromkeys(text for text in texts if text))
