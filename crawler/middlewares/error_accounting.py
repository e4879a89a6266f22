"""A spider middleware: an exception in a spider or in the storing of an item is an error of the run, which then exits with 1.

Scrapy logs such exceptions and goes on, and ends with status 0.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.python.failure import Failure
    from typing_extensions import Self

    from crawler.context import CrawlContext


class ErrorAccounting:
    """Notes exceptions of every spider, those of Python spiders too, in `CrawlContext.errors`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the exceptions that Scrapy logs."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.callback_failed, signals.spider_error)
        crawler.signals.connect(middleware.item_failed, signals.item_error)
        return middleware

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what `start()` yields; note an exception, after which Scrapy fetches what was yielded before."""
        try:
            async for request_or_item in start:
                yield request_or_item
        except Exception as error:
            self._note(error, None)
            raise

    def callback_failed(self, failure: Failure, response: Response | Failure) -> None:
        """Note an exception in a callback, or in an errback, which has a failure in place of a response."""
        request = getattr(response, "request", None)
        self._note(failure.value, request.meta.get("source") if request is not None else None)

    def item_failed(self, failure: Failure) -> None:
        """Note an exception in an item pipeline."""
        self._note(failure.value, None)

    def _note(self, error: BaseException | None, source_id: str | None) -> None:
        spider = self._crawler.spider
        run: CrawlContext | None = getattr(spider, "run", None)
        if run is not None and not run.interrupted:
            where = source_id or " ".join(source.id for source in getattr(spider, "sources", ()))
            run.errors.append(f"{where}: {type(error).__name__}: {error}")
