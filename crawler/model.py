"""The frozen types, one per stage: Link -> Page -> Article -> Revision.

`Source` stands in `crawler/sources.py`, where it is checked. All times are aware and in UTC; the publisher's own
offset is kept beside them in `Instant`. Everything here can be pickled: it crosses into child processes and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

Precision = Literal["second", "minute", "day"]
WayKind = Literal["feed", "sitemap", "listing"]
BylineKind = Literal["person", "organisation", "agency"]
BlockKind = Literal["p", "h", "quote", "li", "pre", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """A time that a publisher gave."""

    at: datetime
    """UTC."""
    offset_minutes: int | None = None
    """The publisher's own offset from UTC; None when it gave none and the source's timezone was used."""
    precision: Precision = "second"
    """"day": only the date was given; `at` is then midnight in the source's timezone."""
    raw: str = ""
    """As it was written."""
    witness: str = ""
    """Who said so: "json-ld", "meta", "visible", "feed", "url", ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A discovered URL, with everything that the feed, sitemap or listing said of it."""

    url: str
    """Absolute."""
    kind: WayKind = "feed"
    via: str = ""
    """URL of the feed, sitemap or listing in which it stood."""
    position: int = 0
    """0 is the first one in the document."""
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    """Plain text."""
    content_html: str | None = None
    """The full content, where the feed carries it: HTML as published."""
    authors: tuple[str, ...] = ()
    """As written, not cleaned."""
    published: Instant | None = None
    published_raw: str | None = None
    """The date as written, also where it could not be understood."""
    updated: Instant | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response for an article's URL, as received."""

    source: str
    """Id of the source."""
    url: str
    """As asked for."""
    final_url: str
    """After redirects."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    """After content decoding (gzip, br, ...), before character decoding. A log of items needs no pages in it."""
    fetched_at: datetime
    link: Link | None = None
    """What led here; None for a revisit or a replay."""
    rendered: bool = False
    """The body is the DOM after scripts ran."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


class Status(str, Enum):
    """What became of a page. The raw page is kept whatever it is."""

    OK = "ok"
    TEASER = "teaser"
    """Paywalled or cut: the text is the part that was shown."""
    BLOCKED = "blocked"
    """A bot wall, a consent wall, a captcha in the place of the article."""
    EMPTY = "empty"
    """Read without error, but there is no article text."""
    FAILED = "failed"
    """The reader crashed or ran out of time; `reason` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """One name in the byline."""

    name: str
    kind: BylineKind = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, subhead, quote, list item or live-blog entry. `text` is one line."""

    text: str
    kind: BlockKind = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingHints:
    """What a reader of a page is told about its source; made from a `Source` by `Source.hints`."""

    timezone: str = "UTC"
    """IANA name, for times written without an offset."""
    language: str | None = None
    """The source's usual language, a tie-breaker."""
    site_name: str | None = None
    selectors: Mapping[str, str] = field(default_factory=dict)
    """CSS selectors that override a field: title, lead, text, byline, published, modified, section, remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was read off one page."""

    status: Status
    reason: str = ""
    """For people: why the status is not ok."""
    title: str | None = None
    lead: str | None = None
    """The standfirst; not repeated in `blocks`."""
    blocks: tuple[Block, ...] = ()
    bylines: tuple[Byline, ...] = ()
    published: Instant | None = None
    modified: Instant | None = None
    language: str | None = None
    """ISO 639-1."""
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    canonical_url: str | None = None
    """As the page claims it; whether to trust it is decided in `crawler/identity.py`."""
    site_name: str | None = None
    witnesses: Mapping[str, str] = field(default_factory=dict)
    """field -> the witness that won ("title": "json-ld")."""

    @property
    def text(self) -> str:
        """The blocks, one paragraph each, an empty line between them."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def byline(self) -> str:
        """The names in one line, for reading and searching."""
        return ", ".join(byline.name for byline in self.bylines)
