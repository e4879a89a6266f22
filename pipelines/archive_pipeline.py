"""The Scrapy pipeline: hand a page to a child process, what it read to the writer, what came of it to the count."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

from crawler.archive.articles.record_fetch import FetchOutcome, FetchRecord, record_fetch
from crawler.archive.storage.warc_records import pack
from crawler.context import CrawlContext, FetchSummary
from crawler.exceptions import ArchiveError, WorkerError
from crawler.items import FetchResult
from crawler.models import Article, Page, Status
from crawler.reasons import ReasonCode
from pipelines.process_page import EXTRACTOR_VERSION, ProcessedPage, process_page, processed_page

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)

WITHOUT_TEXT = frozenset({"blocked", "empty", "failed", "refused", "gone"})
"""Outcomes after which a full-content feed serves as the article."""


class ArchivePipeline:
    """`Attempt` in, the archive out."""

    def __init__(self, crawler: Crawler, run: CrawlContext) -> None:
        self._crawler = crawler
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The run is the spider's."""
        run = getattr(crawler.spider, "run", None)
        if run is None:
            raise NotConfigured  # `scrapy shell` and `scrapy fetch` have no archive open
        return cls(crawler, run)

    async def process_item(self, attempt: FetchResult) -> FetchResult:
        """Comes back when it is on the disk."""
        try:
            if attempt.is_feed_only:
                recorded = await self._from_feed(attempt) or await self._file(attempt)
                self._run.record_result(_fetch_summary(attempt, recorded))
                return attempt
            recorded = await self._file(attempt)
            from_feed = await self._from_feed(attempt) if recorded.outcome in WITHOUT_TEXT else None
        except ArchiveError as error:
            self._stop(error)
            return attempt
        # Both count: an outlet that blocks its pages must not look well because its feed says something of them.
        if from_feed is not None and from_feed.outcome in ("new", "revised"):
            self._run.count(_fetch_summary(attempt, from_feed))
        self._run.record_result(_fetch_summary(attempt, recorded))
        return attempt

    async def _file(self, attempt: FetchResult) -> FetchOutcome:
        reading = await self._read(attempt.page, attempt) if attempt.page is not None else None
        return await self._run.writer.do(record_fetch, _fetch_record(self._run, attempt, reading))

    async def _from_feed(self, attempt: FetchResult) -> FetchOutcome | None:
        """What the feed says in the place of a page that cannot be had: its full content, or at least its summary."""
        from pipelines.feed_fallback import article_from_link

        if attempt.entry is None or attempt.entry.link is None:
            return None
        try:
            article = await self._run.workers.run(
                article_from_link, attempt.entry.link, attempt.source.hints, attempt.at
            )
        except WorkerError as error:
            log.warning("%s: the feed's text cannot be read: %s", attempt.url, error)
            return None
        if article is None:
            return None
        return await self._run.writer.do(
            record_fetch, _fetch_record(self._run, attempt, processed_page(article), feed=True)
        )

    async def _read(self, page: Page, attempt: FetchResult) -> ProcessedPage:
        workers = self._run.workers
        try:
            return await workers.run(process_page, page, attempt.source.hints)
        except WorkerError as error:
            reason, code = error.reason, error.code
        except Exception as error:  # a fault of ours must not cost the page
            log.exception("%s: the reader failed", attempt.url)
            reason, code = f"the extractor failed: {type(error).__name__}: {error}", ReasonCode.PARSER_FAILED
        article = Article(status=Status.FAILED, reason=reason, reason_code=code)
        return processed_page(article, pack(page))

    def _stop(self, error: ArchiveError) -> None:
        """Without an archive there is nothing to crawl for. Not awaited: the spider closes when this item is done."""
        if self._run.archive_error is None:
            self._run.archive_error = error
            assert self._crawler.engine is not None
            self._closing = asyncio.ensure_future(self._crawler.engine.close_spider_async(reason="archive"))


def _fetch_summary(attempt: FetchResult, recorded: FetchOutcome) -> FetchSummary:
    return FetchSummary(source=attempt.source.id, outcome=recorded.outcome, reason=recorded.reason, url=attempt.url)


def _fetch_record(
    run: CrawlContext, attempt: FetchResult, reading: ProcessedPage | None, *, feed: bool = False
) -> FetchRecord:
    page = attempt.page
    return FetchRecord(
        source=attempt.source.id,
        rules=attempt.source.key_rules,
        run_id=run.run_id,
        url=attempt.url,
        final_url=attempt.url if feed else page.final_url if page is not None else attempt.final_url or attempt.url,
        at=attempt.at,
        link=attempt.entry.link if attempt.entry else None,
        link_id=attempt.entry.link_id if attempt.entry else None,
        queue_key=attempt.entry.key if attempt.entry else None,
        http_status=None if feed else attempt.http_status,
        failed=None if feed else attempt.failed,
        reason=attempt.reason,
        article=reading.article if reading else None,
        fingerprint=reading.fingerprint if reading else "",
        sketch=reading.sketch if reading else None,
        page=reading.page if reading else None,
        etag=page.header("ETag") if page else None,
        last_modified=page.header("Last-Modified") if page else None,
        milliseconds=None if feed else attempt.milliseconds,
        retry_at=attempt.retry_at,
        max_attempts=run.config.max_attempts,
        extractor=EXTRACTOR_VERSION,
    )
