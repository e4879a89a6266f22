"""Downloader middleware: fetches robots.txt of each origin, and refuses the requests that it disallows."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawler import scrapy_internals
from crawler.exceptions import ArchiveError
from crawler.http import robotstxt
from crawler.http.failure_reasons import describe_failure
from crawler.http.host_state import HostStateStore, host_state_of
from crawler.http.robotstxt import RobotsRules
from crawler.middlewares.exceptions import RequestRefusedError
from crawler.models import StoredRobots
from crawler.reasons import Reason, ReasonCode
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)
ROBOTS_PRIORITY = 1000
"""Priority of a request for robots.txt: before all other requests of its host."""


class RobotsTxtMiddleware:
    """Obeys robots.txt as RFC 9309 describes: redirects, unreachable files, caching for a day, Crawl-delay.

    Scrapy's own middleware treats an unreachable robots.txt as permission and keeps nothing between crawls.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._store: HostStateStore | None = None
        self._rules: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware."""
        return cls(crawler)

    @property
    def store(self) -> HostStateStore:
        """The store of the running crawl. Created late: `scrapy shell` has no spider when it creates middlewares."""
        if self._store is None:
            self._store = host_state_of(self._crawler.spider)
        return self._store

    async def process_request(self, request: Request) -> None:
        """Raise RequestRefusedError if robots.txt disallows the request or cannot be fetched."""
        if request.meta.get("is_robots"):
            return
        reason = (await self._rules_for(request)).refusal(request.url)
        if reason is not None:
            disallowed = reason.code is ReasonCode.ROBOTS_DISALLOWED
            wait = robotstxt.FRESH_FOR if disallowed else robotstxt.RETRY_UNREACHABLE_AFTER
            raise RequestRefusedError(request.url, reason.text, reason.code, self.store.clock() + wait)

    async def _rules_for(self, request: Request) -> RobotsRules:
        """The rules of the request's origin. The first request loads them; requests that come meanwhile wait for it."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        pending = self._rules.get(origin)
        if pending is None:
            pending = self._rules[origin] = asyncio.get_running_loop().create_future()
            rules = RobotsRules(None, robotstxt.UNREACHABLE)
            try:
                rules = await self._load(origin, request)
                if rules.delay:
                    domain = registered_domain(host_of(request.url))
                    scrapy_internals.raise_slot_delay(self._crawler, domain, rules.delay)
            except ArchiveError as error:  # the rules could not be stored; the crawl ends for the same reason
                rules = RobotsRules(None, Reason(ReasonCode.ROBOTS_UNREACHABLE, str(error)))
            except Exception:
                log.exception("Loading %s/robots.txt failed", origin)
            finally:  # also when cancelled: other requests wait for the result
                pending.set_result(rules)
        return await asyncio.shield(pending)

    async def _load(self, origin: str, request: Request) -> RobotsRules:
        """Return the stored rules if they are fresh, else fetch them. Unreachable: the stored ones for some days."""
        stored = self.store.robots(origin)
        now = self.store.clock()
        if stored is not None and robotstxt.is_fresh(stored, now):
            return robotstxt.robots_rules(stored.http_status, stored.body)
        try:
            fetched, failure = await self._fetch(origin, request)
        except RequestRefusedError as refusal:  # for example a private address: no request was sent, nothing is stored
            return RobotsRules(None, Reason(refusal.code, refusal.reason))
        rules = RobotsRules(None, failure) if failure else robotstxt.robots_rules(fetched.http_status, fetched.body)
        if rules.forbidden and (fallback := robotstxt.fallback_rules(stored, now)) is not None:
            return robotstxt.robots_rules(fallback.http_status, fallback.body)
        await self.store.record_robots(origin, fetched)
        return rules

    async def _fetch(self, origin: str, original: Request) -> tuple[StoredRobots, Reason | None]:
        """Fetch robots.txt. Returns the response, and the reason if there was none or it was cut off.

        A truncated file counts as unreachable: the missing part may disallow something. Raises RequestRefusedError.
        """
        meta = {"is_robots": True, "source": original.meta.get("source"), "dont_merge_cookies": True}
        request = Request(f"{origin}/robots.txt", priority=ROBOTS_PRIORITY, callback=NO_CALLBACK, meta=meta)
        assert self._crawler.engine is not None
        status: int | None = None
        body, failure = b"", None
        try:
            response = await self._crawler.engine.download_async(request)
            if {"truncated", "dataloss"} & set(response.flags):
                failure = _unreachable("the response was cut off")
            else:
                status, body = response.status, response.body[: robotstxt.MAX_BYTES + 1]
        except RequestRefusedError:
            raise
        except IgnoreRequest as error:
            if not scrapy_internals.is_redirect_limit(error):
                raise
            status = 404  # RFC 9309, 2.3.1.2: after five redirects the file may be treated as unavailable
        except Exception:  # without a response everything is disallowed, whatever the cause
            failure = _unreachable(describe_failure(Failure(), request.url).reason.text)  # type: ignore[no-untyped-call]  # Twisted's
        return StoredRobots(http_status=status, body=body, fetched_at=self.store.clock()), failure


def _unreachable(cause: str) -> Reason:
    return Reason(robotstxt.UNREACHABLE.code, f"{robotstxt.UNREACHABLE.text}: {cause}")
