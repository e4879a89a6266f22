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
    """As it was written."""
    provenance: str = ""
    """Who said so: "json-ld", "meta", "visible", "feed", "url", ..."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A discovered URL, with everything that the feed, sitemap or listing said of it."""

    url: str
    """Absolute."""
    kind: SeedKind = "feed"
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
    published: Timestamp | None = None
    published_raw: str | None = None
    """The date as written, also where it could not be understood."""
    updated: Timestamp | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    image: str | None = None

    @property
    def has_page(self) -> bool:
        """False for an item of a feed without an address: its URL is the feed's with the guid as the fragment."""
        return "#" not in self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Entries of a feed, sitemap or listing that did not become links."""

    code: ReasonCode
    what: str = ""
    """URL, guid or title of the entry, as far as it has one."""
    count: int = 1
    """More than 1 only for entries beyond a limit, which are counted but not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRead:
    """The reads of one child sitemap so far."""

    at: datetime
    """Of the last read that succeeded."""
    grew_at: datetime | None = None
    """When it last had new links as well as known ones; None if it never did."""


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
        relevant = name.lower()
        return next((value for key, value in self.headers if key.lower() == relevant), None)


class StoredEnum(str, Enum):
    """An enum whose members are stored and printed as their value."""

    def __str__(self) -> str:
        """Return the value, whatever the version of Python."""
        return str(self.value)


class ResponseStatus(StoredEnum):
    """What a request for a seed or an article returned."""

    CONTENT = "content"
    UNCHANGED = "unchanged"
    """The same bytes as last time, sent in full."""
    NOT_MODIFIED = "not_modified"
    """HTTP 304."""
    FAILED = "failed"
    REFUSED = "refused"
    """The request was not sent."""


class PollStatus(StoredEnum):
    """`polls.outcome`."""

    NEW = "new"
    KNOWN = "known"
    """A document in which nothing is new."""
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    REFUSED = "refused"

    @property
    def has_document(self) -> bool:
        """Whether a document was received and parsed."""
        return self in (PollStatus.NEW, PollStatus.KNOWN)


class FetchStatus(StoredEnum):
    """`fetches.outcome`."""

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
        """Whether the article's text was read or is known to be the same."""
        return self in (FetchStatus.NEW, FetchStatus.REVISED, FetchStatus.UNCHANGED, FetchStatus.NOT_MODIFIED)


class Status(StoredEnum):
    """Result of an extraction. The raw page is stored in any case."""

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
class ExtractionHints:
    """What a reader of a page is told about its source; made from a `Source` by `Source.hints`."""

    timezone: str = "UTC"
    """IANA name, for times written without an offset."""
    language: str | None = None
    """The source's usual language, a tie-breaker."""
    site_name: str | None = None
    selectors: Mapping[str, str] = field(default_factory=dict)
    """CSS selectors that override a field: title, lead, text, byline, published, modified, section, remove."""
    extractor: str = "auto"
    """Which extractor reads the text: "auto", "trafilatura" or "wirewatch"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What was read off one page."""

    status: Status
    reason: str = ""
    """For people: why the status is not ok."""
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
    """As the page claims it; whether to trust it is decided in `crawler/url_identity.py`."""
    site_name: str | None = None
    field_sources: Mapping[str, str] = field(default_factory=dict)
    """field -> the witness that won ("title": "json-ld")."""

    @property
    def text(self) -> str:
        """The blocks, one paragraph each, an empty line between them."""
        return "\n\n".join(block.text for block in self.blocks)

    @property
    def byline(self) -> str:
        """The names in one line, for reading and searching."""
        return ", ".join(byline.name for byline in self.bylines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A robots.txt as received."""

    http_status: int | None
    """None: no response came."""
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAfter:
    """No request to a domain before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A discovered URL that waits to be fetched."""

    key: str
    url: str
    link_id: int | None
    attempts: int = 0
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedState:
    """What the archive knows of a way."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    last_full_fetch_at: datetime | None = None
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0
    moved_to: str | None = None
    """Address that permanent redirects led to; it is tried when the configured one is gone."""

    def is_due(self, now: datetime) -> bool:
        """Also where it was last asked in the future: the clock was set back since."""
        return self.next_poll_at is None or self.polled_at is None or not self.polled_at <= now < self.next_poll_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """An article that is due to be looked at again."""

    article_id: int
    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    last_full_fetch_at: datetime | None
