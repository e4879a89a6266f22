"""The frozen types, one per stage: Link -> Page -> Article -> Revision.

`Source` is in `crawler/config/sources.py`. All times are aware and in UTC; a `Timestamp` also keeps the publisher's
offset. Everything here can be pickled, because it is sent to child processes and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal

from crawler.reasons import ReasonCode

TimestampPrecision = Literal["second", "minute", "day"]
SeedKind = Literal["feed", "sitemap", "listing"]
BylineKind = Literal["person", "organisation", "agency"]
BlockKind = Literal["p", "h", "quote", "li", "pre", "entry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timestamp:
    """A time that a publisher gave."""

    at: datetime
    """UTC."""
    offset_minutes: int | None = None
    """The publisher's own offset from UTC; None when it gave none and the source's timezone was used."""
    precision: TimestampPrecision = "second"
    """"day": only the date was given; `at` is then midnight in the source's timezone."""
    raw: str = ""
    """As written."""
    provenance: str = ""
    """The part of the page or feed that it was taken from: "json-ld", "meta", "visible", "feed", "url", ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A discovered URL, with all that its entry in the feed, sitemap or listing contains."""

    url: str
    """Absolute."""
    kind: SeedKind = "feed"
    via: str = ""
    """URL of the feed, sitemap or listing that contains it."""
    position: int = 0
    """0 is the first one in the document."""
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    """Plain text."""
    content_html: str | None = None
    """The full content if the feed contains it: HTML as published."""
    authors: tuple[str, ...] = ()
    """As written, not cleaned."""
    published: Timestamp | None = None
    published_raw: str | None = None
    """The date as written, even if it cannot be parsed."""
    updated: Timestamp | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None

    @property
    def has_page(self) -> bool:
        """False for an entry of a feed without a URL: its `url` is the feed's, with the guid as the fragment."""
        return "#" not in self.url or "#/" in self.url or "#!" in self.url  # a route, see `crawler.urls.is_hash_route`


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Entries of a feed, sitemap or listing that did not become links."""

    code: ReasonCode
    what: str = ""
    """URL, guid or title of the entry; "" if it has none of them."""
    count: int = 1
    """More than 1 only for entries beyond a limit, which are counted but not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response for an article's URL, as received."""

    source: str
    """ID of the source."""
    url: str
    """As requested."""
    final_url: str
    """After redirects."""
    status: int
    """HTTP status."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    """After content decoding (gzip, br, ...), before character decoding. Not in `repr`, so that logs stay readable."""
    fetched_at: datetime
    link: Link | None = None
    """The link that was followed; None for a recheck or a replay."""
    rendered: bool = False
    """The body is the DOM after scripts ran."""

    def header(self, name: str) -> str | None:
        """Return the first header of that name, case-insensitive; None if there is none."""
        lower = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower), None)


class StoredEnum(str, Enum):
    """An enum whose members are stored and printed as their value."""

    def __str__(self) -> str:
        """Return the value, in all versions of Python."""
        return str(self.value)


class ResponseStatus(StoredEnum):
    """The result of a request for a seed or an article."""

    CONTENT = "content"
    UNCHANGED = "unchanged"
    """The same bytes as last time, sent in full."""
    NOT_MODIFIED = "not_modified"
    """HTTP 304."""
    FAILED = "failed"
    REFUSED = "refused"
    """The request was not sent."""


class PollStatus(StoredEnum):
    """The values of `polls.outcome`."""

    NEW = "new"
    KNOWN = "known"
    """A document without new links."""
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def has_document(self) -> bool:
        """Whether a document was received and parsed."""
        return self in (PollStatus.NEW, PollStatus.KNOWN)


class FetchStatus(StoredEnum):
    """The values of `fetches.outcome`."""

    NEW = "new"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not_modified"
    BLOCKED = "blocked"
    EMPTY = "empty"
    FAILED = "failed"
    REFUSED = "refused"
    GONE = "gone"

    @property
    def counts_as_read(self) -> bool:
        """Whether the article's text was extracted or is known to be unchanged."""
        return self in (FetchStatus.NEW, FetchStatus.REVISED, FetchStatus.UNCHANGED, FetchStatus.NOT_MODIFIED)


class Status(StoredEnum):
    """The result of an extraction. The raw page is stored in any case."""

    OK = "ok"
    TEASER = "teaser"
    """Paywalled or cut: the text is the part that the page shows."""
    BLOCKED = "blocked"
    """A bot wall, a consent wall or a captcha instead of the article."""
    EMPTY = "empty"
    """The page has no article text."""
    FAILED = "failed"
    """The extractor crashed or timed out; `reason` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """One name of the byline."""

    name: str
    kind: BylineKind = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, subhead, quote, list item or live-blog entry. `text` is one line."""

    text: str
    kind: BlockKind = "p"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionHints:
    """What the extractor needs to know about the source of a page; created by `Source.hints`."""

    timezone: str = "UTC"
    """IANA name, for times written without an offset."""
    language: str | None = None
    """The source's usual language, used where the page does not decide."""
    site_name: str | None = None
    selectors: Mapping[str, str] = field(default_factory=dict)
    """CSS selectors that override a field: title, lead, text, byline, published, modified, section, remove."""
    extractor: str = "auto"
    """The extractor of the text: "auto", "trafilatura" or "wirewatch"."""
    headline: str | None = None
    """"og" or "h1": the headline that the source's feed usually carries where a page has two; None if not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The fields extracted from one page."""

    status: Status
    reason: str = ""
    """Why the status is not OK, for people; code reads `reason_code`."""
    reason_code: ReasonCode | None = None
    title: str | None = None
    lead: str | None = None
    """The standfirst; not repeated in `blocks`."""
    blocks: tuple[Block, ...] = ()
    bylines: tuple[Byline, ...] = ()
    published: Timestamp | None = None
    modified: Timestamp | None = None
    language: str | None = None
    """ISO 639-1."""
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    canonical_url: str | None = None
    """As written in the page; `crawler/url_identity.py` decides whether it is used."""
    site_name: str | None = None
    headlines: Mapping[str, str] = field(default_factory=dict)
    """"og" and "h1" -> headline, if the page has two different ones; `title` is one of them or another candidate."""
    field_sources: Mapping[str, str] = field(default_factory=dict)
    """Field -> its provenance ("title": "json-ld")."""

    @property
    def text(self) -> str:
        """The text of the blocks, separated by empty lines."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def byline(self) -> str:
        """The names in one line, for display and search."""
        return ", ".join(byline.name for byline in self.bylines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A robots.txt as received."""

    http_status: int | None
    """None if there was no response."""
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAfter:
    """A domain that must not be requested before `until`."""

    until: datetime
    reason: str
