"""The Scrapy pipeline: process a page in a child process, store the result, count it."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from scrapy.exceptions import NotConfigured

from crawler.archive.articles.record_fetch import FetchOutcome, record_fetch
from crawler.archive.storage.warc_records import pack
from crawler.context import CrawlContext
from crawler.exceptions import ArchiveError, WorkerError
from crawler.items import FetchRecord, ProcessedPage
from crawler.models import Article, ExtractionHints, FetchStatus, Page, Status
from crawler.reasons import ReasonCode
from pipelines.process_page import process_page, processed_page

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)


class ArchivePipeline:
    """Stores each `FetchRecord`; if there is no text, the text of the feed in its place."""

    def __init__(self, crawler: Crawler, run: CrawlContext) -> None:
        self._crawler = crawler
        self._run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the run of the spider. Raises NotConfigured for `scrapy shell` and `scrapy fetch`, which have none."""
        run = getattr(crawler.spider, "run", None)
        if run is None:
            raise NotConfigured
        return cls(crawler, run)

    async def process_item(self, fetch: FetchRecord) -> FetchRecord:
        """Return the item when it is committed to disk."""
        try:
            if fetch.page is not None:
                fetch = fetch.with_processed(await self._process(fetch.page, fetch))
            if fetch.is_feed_only:
                stored, from_feed = await self._store_feed_text(fetch) or await self._store(fetch), None
            else:
                stored, from_feed = await self._store_page(fetch)
        except ArchiveError as error:
            self._run.stop(self._crawler, error)
            return fetch
        # Both count: a source whose pages are blocked must not look healthy because of its feed.
        for outcome in (from_feed, stored):
            if outcome is not None and (outcome is stored or outcome.revision_id is not None):
                self._run.stats.count_fetch(fetch.source.id, fetch.url, outcome.outcome, outcome.reason)
                if outcome.outcome is FetchStatus.NEW and outcome.is_partial:
                    self._run.stats[fetch.source.id].without_text += 1
        self._run.stats.request_done(fetch.source.id)
        return fetch

    async def _store_page(self, fetch: FetchRecord) -> tuple[FetchOutcome, FetchOutcome | None]:
        """Store the fetch of a page; without a text, also the text of the feed."""
        stored = await self._store(fetch)
        return stored, None if stored.outcome.counts_as_read else await self._store_feed_text(fetch)

    async def _store(self, fetch: FetchRecord) -> FetchOutcome:
        return await self._run.writer.do_in_group(record_fetch, fetch, max_attempts=self._run.config.max_attempts)

    async def _store_feed_text(self, fetch: FetchRecord) -> FetchOutcome | None:
        """Store the full content or the summary of the feed entry; None if it has neither."""
        from pipelines.feed_fallback import article_from_link

        if fetch.link is None:
            return None
        try:
            article = await self._run.workers.run(article_from_link, fetch.link, self._hints(fetch), fetch.at)
        except WorkerError as error:
            log.warning("%s: the text of the feed cannot be extracted: %s", fetch.url, error)
            return None
        return None if article is None else await self._store(fetch.with_feed_text(processed_page(article)))

    def _hints(self, fetch: FetchRecord) -> ExtractionHints:
        """The source's hints, with the headline that was learned from its feed."""
        return replace(fetch.source.hints, headline=self._run.headlines.get(fetch.source.id))

    async def _process(self, page: Page, fetch: FetchRecord) -> ProcessedPage:
        try:
            return await self._run.workers.run(process_page, page, self._hints(fetch))
        except WorkerError as error:
            reason, code = error.reason, error.code
        except Exception as error:  # a bug must not cost the page
            log.exception("%s: extraction failed", fetch.url)
            reason, code = f"extraction failed: {type(error).__name__}: {error}", ReasonCode.PARSER_FAILED
        article = Article(status=Status.FAILED, reason=reason, reason_code=code)
        return processed_page(article, pack(page))
