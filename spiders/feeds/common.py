"""Shared by the parsers of all feed formats: rules for dates, guids and authors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from urllib.parse import quote

from crawler.models import Link, Timestamp
from crawler.timestamps import is_plausible, parse_timestamp
from spiders.markup.plain_text import markup_to_text

MAX_ITEMS = 2_000
"""Of more, those at both ends are parsed; real feeds hold 10 to 500."""
MAX_AUTHOR = 2_000
"""Characters of an author field."""
MAX_GUID = 400
"""Characters of a guid in the URL of an item without an address."""
FULL_TEXT = 1_000
"""Characters from which a description of several paragraphs counts as the full text: summaries have up to 400, and
full-content feeds without `content:encoded` use the description."""
_PARAGRAPH = re.compile(r"<(?:p|br|div)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """The URL, fetch time and timezone of a feed document."""

    url: str
    fetched_at: datetime
    zone: tzinfo

    def timestamp(self, raw: str) -> Timestamp | None:
        """The parsed date; None if it is invalid or in the future.

        A future date is a scheduled time or a wrong clock. Replacing it with the current time would change the link
        at each poll; `Link.published_raw` keeps the text.
        """
        return is_plausible(parse_timestamp(raw, self.zone, "feed"), self.fetched_at)

    def first(self, candidates: Iterable[str | None]) -> tuple[Timestamp | None, str | None]:
        """The first valid date and its text; if none is valid, None and the first text."""
        written = [raw.strip() for raw in candidates if raw and raw.strip()]
        for raw in written:
            moment = self.timestamp(raw)
            if moment is not None:
                return moment, raw
        return None, written[0] if written else None


def without_shared_guids(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links, without those guids that several addresses share: such a guid identifies nothing."""
    addresses: dict[str, set[str]] = {}
    for link in links:
        addresses.setdefault(link.guid or "", set()).add(link.url)
    return tuple(replace(link, guid=None) if link.guid and len(addresses[link.guid]) > 1 else link for link in links)


def feed_only_url(context: FeedContext, guid: str | None, text: str | None) -> str | None:
    """The URL of an item without an address whose text is in the feed; None if it has no guid or no text.

    It is the feed's URL with the guid as its fragment. No other link has a fragment, see `Link.has_page`.
    """
    return f"{context.url.partition('#')[0]}#{quote(guid[:MAX_GUID], safe='')}" if guid and text else None


def full_text(markup: str | None, text: str | None) -> str | None:
    """`markup` if the description is a full article; None if it is a summary."""
    whole = markup and text and len(text) >= FULL_TEXT and len(_PARAGRAPH.findall(markup)) > 1
    return markup if whole else None


_COMMENTED = re.compile(r"^\s*[^\s()<>]+@[^\s()<>]+\s*\((.+)\)\s*$")
_BRACKETED = re.compile(r"^\s*(.+?)\s*<\s*(?:mailto:)?[^\s<>]+@[^\s<>]+\s*>\s*$")


def person(written: str | None) -> str | None:
    """The name in an author field, without the mail address of RSS: "desk@x.example (Mara Voss)"."""
    author = " ".join((written or "")[:MAX_AUTHOR].split())
    found = _COMMENTED.match(author) or _BRACKETED.match(author)
    return markup_to_text(found[1] if found else author)
