"""Scrapy's downloader middlewares of ours: politeness before a request goes out, honest bodies when the response is in."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.python.failure import Failure

from crawler import robots
from crawler.archive.hosts import StoredRobots, Wait, note_robots, note_wait, stored_robots, waits
from crawler.decompress import TooLarge, Truncated, decompress
from crawler.errors import FetchRefused
from crawler.failures import told
from crawler.politeness import ASKS_TO_WAIT, wait_until
from crawler.robots import Rules
from crawler.run import CrawlRun
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)
ROBOTS_PRIORITY = 1000
"""Before everything else of its host."""


class Refused(IgnoreRequest, FetchRefused):
    """A request that we chose not to send; Scrapy hands it to the errback."""

    def __init__(self, url: str, reason: str, until: datetime | None = None) -> None:
        FetchRefused.__init__(self, url, reason, until)


class Politeness:
    """Obeys Retry-After and robots.txt; gives each registered domain one slot, whatever host a redirect leads to."""

    def __init__(self, crawler: Crawler, run: CrawlRun) -> None:
        self._crawler = crawler
        self._run = run
        self._waits: dict[str, Wait] = waits(run.reader, now=run.clock())
        self._rules: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The run is the spider's."""
        return cls(crawler, getattr(crawler.spider, "run"))  # noqa: B009 -- Spider does not declare it

    async def process_request(self, request: Request) -> None:
        """Refuse, or send through the slot of its registered domain."""
        domain = registered_domain(host_of(request.url))
        request.meta["download_slot"] = domain
        wait = self._waits.get(domain)
        if wait is not None and wait.until > self._run.clock():
            raise Refused(request.url, f"{wait.reason}: not before {wait.until:%Y-%m-%d %H:%M} UTC", wait.until)
        if request.meta.get("is_robots"):
            return
        rules = await self._rules_for(request.url, domain)
        refusal = rules.refusal(request.url)
        if refusal is not None:
            raise Refused(request.url, refusal, self._run.clock() + robots.FRESH)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Note who asks to be left alone."""
        if response.status in ASKS_TO_WAIT:
            domain, now = registered_domain(host_of(request.url)), self._run.clock()
            header = response.headers.get("Retry-After")
            text = header.decode("latin-1") if header is not None else None
            said = f", Retry-After {text[:40]}" if text else ""
            wait = Wait(until=wait_until(text, now=now), reason=f"HTTP {response.status}{said}")
            self._waits[domain] = wait
            await self._run.writer.do(note_wait, domain, wait, now)
        return response

    async def _rules_for(self, url: str, domain: str) -> Rules:
        """The rules of a URL's origin, asked for once; whoever comes meanwhile waits."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(origin)
        if known is None:
            known = self._rules[origin] = asyncio.get_running_loop().create_future()
            try:
                rules = await self._learn(origin)
            except Exception:
                log.exception("%s/robots.txt", origin)
                rules = Rules(None, robots.UNREACHABLE)
            self._slow_down(domain, rules.delay)
            known.set_result(rules)
        return await asyncio.shield(known)

    async def _learn(self, origin: str) -> Rules:
        stored = stored_robots(self._run.reader, origin)
        now = self._run.clock()
        if stored is not None and robots.is_fresh(stored, now):
            return robots.rules_of(stored.http_status, stored.body)
        fetched, why = await self._fetch(origin)
        rules = robots.rules_of(fetched.http_status, fetched.body)
        if why is not None:
            rules = Rules(None, why)
        if rules.forbidden and (before := robots.instead(stored, now)) is not None:
            return robots.rules_of(before.http_status, before.body)
        await self._run.writer.do(note_robots, origin, fetched)
        return rules

    async def _fetch(self, origin: str) -> tuple[StoredRobots, str | None]:
        """What came; where nothing did, why."""
        request = Request(
            f"{origin}/robots.txt", priority=ROBOTS_PRIORITY, callback=NO_CALLBACK, meta={"is_robots": True}
        )
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception:  # no answer, whatever the reason: it forbids
            kind, reason, _ = told(Failure(), request.url)  # type: ignore[no-untyped-call]  # Twisted's
            why = reason if kind == "refused" else f"{robots.UNREACHABLE}: {reason}"
            return StoredRobots(http_status=None, body=b"", fetched_at=self._run.clock()), why
        body = response.body[: robots.MAX_BYTES]
        return StoredRobots(http_status=response.status, body=body, fetched_at=self._run.clock()), None

    def _slow_down(self, domain: str, delay: float) -> None:
        """Crawl-delay makes a slot slower than it is, never faster."""
        if not delay:
            return
        assert self._crawler.engine is not None
        downloader = self._crawler.engine.downloader
        settings = downloader.per_slot_settings.setdefault(domain, {})
        settings["delay"] = max(delay, settings.get("delay", downloader._delay))
        slot = downloader.slots.get(domain)
        if slot is not None:
            slot.delay = max(slot.delay, delay)


class HonestCompression(HttpCompressionMiddleware):
    """Scrapy's, except that a stream which does not come to its end is flagged, and that no page is decoded to text here.

    Scrapy guesses the encoding of each decompressed page, which costs as much as parsing it, and its readers get bytes.
    """

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Response:  # noqa: ARG002 -- Scrapy's signature
        """Decompressed; "truncated" in its flags where it was cut. Raises Refused where it unpacks to too much."""
        encodings = [
            name.decode("latin-1")
            for name in chain.from_iterable(v.split(b",") for v in response.headers.getlist("Content-Encoding"))
        ]
        flags = list(response.flags)
        body = response.body
        try:
            body = decompress(body, encodings, max_size=self._max_size)
        except Truncated:
            flags.append("truncated")
        except TooLarge:
            raise Refused(request.url, f"larger than {self._max_size:,} bytes unpacked") from None
        except ValueError as error:
            raise Refused(request.url, str(error)) from None
        return Response(
            url=response.url,
            status=response.status,
            headers=response.headers,
            body=body,
            flags=flags,
            request=response.request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )
