"""Downloader middleware: one slot for each registered domain, and no request to a domain before its Retry-After."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request, signals
from scrapy.http import Response

from crawler import scrapy_internals
from crawler.http.host_state import HostStateStore, host_state_of
from crawler.http.retry_after import THROTTLING_STATUSES, retry_after_until
from crawler.middlewares.exceptions import RequestRefusedError
from crawler.models import RetryAfter
from crawler.reasons import ReasonCode
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class RetryAfterMiddleware:
    """Sends each request through the slot of its registered domain; refuses it while the domain asks to wait.

    A domain asks to wait with HTTP 429 or 503. The wait is stored, so that the next crawl respects it too.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._store: HostStateStore | None = None
        self._waits: dict[str, RetryAfter] = {}
        self._unsaved: dict[str, RetryAfter] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware and connect it to Scrapy's signals."""
        middleware = cls(crawler)
        crawler.signals.connect(middleware.response_downloaded, signals.response_downloaded)
        return middleware

    @property
    def store(self) -> HostStateStore:
        """The store of the running crawl. Created late: `scrapy shell` has no spider when it creates middlewares."""
        if self._store is None:
            self._store = host_state_of(self._crawler.spider)
            self._waits = dict(self._store.retry_afters())
        return self._store

    def process_request(self, request: Request) -> None:
        """Choose the slot of the request. Raises RequestRefusedError while its domain asks to wait."""
        now = self.store.clock()
        domain = _domain_of(request)
        request.meta["download_slot"] = domain
        wait = self._waits.get(domain)
        if wait is not None and wait.until > now:
            raise _wait_refusal(request, wait)

    def response_downloaded(self, request: Request, response: Response) -> None:
        """Note a request to wait, and refuse the requests that are queued for the same domain.

        Scrapy sends this signal before it takes the next request from the slot; `process_response` would be too late.
        """
        if response.status not in THROTTLING_STATUSES:
            return
        domain = _domain_of(request)
        header = response.headers.get("Retry-After")
        value = header.decode("latin-1") if header is not None else None
        reason = f"HTTP {response.status}" + (f", Retry-After {value[:40]}" if value else "")
        wait = RetryAfter(until=retry_after_until(value, now=self.store.clock()), reason=reason)
        known = self._waits.get(domain)
        if known is None or known.until < wait.until:
            self._waits[domain] = self._unsaved[domain] = wait
        scrapy_internals.fail_queued_requests(
            self._crawler, domain, lambda queued: _wait_refusal(queued, self._waits[domain])
        )

    async def process_response(self, request: Request, response: Response) -> Response:
        """Store a new wait of the domain for the next crawl."""
        domain = _domain_of(request)
        wait = self._unsaved.pop(domain, None)
        if wait is not None:
            await self.store.record_retry_after(domain, wait)
        return response


def _domain_of(request: Request) -> str:
    return registered_domain(host_of(request.url))


def _wait_refusal(request: Request, wait: RetryAfter) -> RequestRefusedError:
    reason = f"{wait.reason}: not before {wait.until:%Y-%m-%d %H:%M} UTC"
    return RequestRefusedError(request.url, reason, ReasonCode.RETRY_AFTER, wait.until)
