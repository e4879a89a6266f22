"""The records of one fetch and of one poll: filled by the spider, completed by the pipeline, stored by the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crawler.crawl_state import QueueEntry, Recheck
from crawler.models import Article, Link, Page, ResponseStatus, Status
from crawler.reasons import Reason, ReasonCode

if TYPE_CHECKING:
    from crawler.config.sources import Source
    from crawler.events.features import EventFeatures


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPage:
    """A raw page, compressed for its WARC file in a child process."""

    page: Page
    """Without body and link."""
    sha256: str
    """Of the body."""
    size: int
    """Bytes of the body."""
    record: bytes
    """A complete gzip member that holds one WARC record."""
    record_sha256: str
    """Of `record`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedPage:
    """The result of extraction for one page, or for the text of a feed entry."""

    article: Article
    fingerprint: str
    other_fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Key of `Article.headlines` -> the fingerprint with that headline as the title, if it is not the title."""
    sketch: bytes | None = None
    """MinHash sketch for finding copies of the text; None if the text is too short to compare."""
    event_features: EventFeatures | None = None
    """Names, figures and words by which its event is found; None without a text."""
    page: PackedPage | None = None
    """None if the text is not from a page."""
    extractor: str = ""
    """Version of the extractor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One fetch of an article. A Scrapy item."""

    source: Source
    url: str
    """As requested."""
    at: datetime
    status: ResponseStatus = ResponseStatus.CONTENT
    reason: Reason | None = None
    """Why there is no page; None if there is one."""
    run_id: int | None = None
    """None for a replay."""
    replayed_at: datetime | None = None
    """When a replay stored the page, so that an old recording plans no recheck; None for a crawl."""
    http_status: int | None = None
    final_url: str | None = None
    """After redirects; None: the same as `url`."""
    entry: QueueEntry | None = None
    """The queue entry that was fetched; None for a recheck or a replay."""
    recheck: Recheck | None = None
    page: Page | None = None
    """As received, until it is processed."""
    processed: ProcessedPage | None = None
    from_feed: bool = False
    """The text is the feed's, in place of a page that could not be read."""
    milliseconds: int | None = None
    retry_at: datetime | None = None
    """When to try again; None: by the number of attempts."""

    @property
    def link(self) -> Link | None:
        """The link that led to the article."""
        return self.entry.link if self.entry else None

    @property
    def article(self) -> Article | None:
        """The extracted article."""
        return self.processed.article if self.processed else None

    @property
    def packed(self) -> PackedPage | None:
        """The raw page to be stored."""
        return self.processed.page if self.processed else None

    @property
    def is_feed_only(self) -> bool:
        """Whether the article is an item of a feed without a URL, so that there is no page to fetch."""
        return self.link is not None and not self.link.has_page

    @property
    def is_empty_rendering(self) -> bool:
        """Whether the browser showed no text: perhaps the page was read too early."""
        is_empty = self.article is not None and self.article.status is Status.EMPTY
        return is_empty and self.packed is not None and self.packed.page.rendered

    @property
    def has_response(self) -> bool:
        """Whether the server sent a response for this article."""
        return self.http_status is not None or self.packed is not None

    @property
    def identifies_itself(self) -> bool:
        """Whether the page's canonical URL and its redirects can be trusted: not on walls and error pages."""
        if self.article is None:
            return self.status is ResponseStatus.UNCHANGED  # the bytes of a page that was read before
        return self.article.status in (Status.OK, Status.TEASER, Status.EMPTY)

    def with_processed(self, processed: ProcessedPage) -> FetchRecord:
        """Return the record with the extraction's result in place of the page."""
        return replace(self, page=None, processed=processed, final_url=self.page.final_url if self.page else None)

    def with_feed_text(self, processed: ProcessedPage) -> FetchRecord:
        """Return a record of the feed's text for the same queue entry."""
        return FetchRecord(
            source=self.source, url=self.url, at=self.at, run_id=self.run_id, entry=self.entry,
            processed=processed, from_feed=True, retry_at=self.retry_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """One request for a seed, or for a document that the seed leads to."""

    source: Source
    seed_url: str
    at: datetime
    status: ResponseStatus = ResponseStatus.CONTENT
    reason: Reason | None = None
    """Why there is no document, or what is noteworthy about it."""
    run_id: int | None = None
    http_status: int | None = None
    links: tuple[Link, ...] = ()
    entries: int | None = None
    """Entries that the document holds; each is in `links` or counted in `left_out`. None if there is no document."""
    left_out: Mapping[ReasonCode, int] = field(default_factory=dict)
    """Number of entries that did not become links, by reason."""
    url: str | None = None
    """A document that the seed leads to: a sitemap of an index, the next page of a listing. None: the seed's own URL.
    Links of it belong to the seed, its validators do not."""
    is_index: bool = False
    """The links are in the documents that it leads to."""
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    backfill: timedelta | None = None
    """Links published longer ago are stored but not fetched; None: all are fetched."""
    moved_to: str | None = None
    """URL of the document after permanent redirects."""
    milliseconds: int | None = None
    poll_interval: timedelta | None = None
    """Configured interval, from which the next poll is computed; None: the next poll is not scheduled here."""
    ahead_seconds: int | None = None
    """How far the server's clock is ahead of ours; None if unknown."""

    @property
    def has_document(self) -> bool:
        """Whether a document was received and parsed."""
        return self.status is ResponseStatus.CONTENT

    @property
    def is_unchanged(self) -> bool:
        """Whether the document is the same as last time."""
        return self.status in (ResponseStatus.NOT_MODIFIED, ResponseStatus.UNCHANGED)

    @property
    def has_failed(self) -> bool:
        """Whether there is no document, not even a known one."""
        return self.status in (ResponseStatus.FAILED, ResponseStatus.REFUSED)

    @property
    def is_deeper(self) -> bool:
        """Whether it is a document that the seed leads to."""
        return self.url is not None

    @property
    def dates(self) -> tuple[datetime | None, ...]:
        """When each link was published, in the order of the document."""
        return tuple(link.published.at if link.published else None for link in self.links)
