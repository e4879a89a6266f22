"""Scrapy's downloader middlewares of ours: manners before a request goes out, no way inside, honest bodies when it is in."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.responsetypes import responsetypes
from twisted.python.failure import Failure

from crawler.encodings.content_encoding import TooLarge, Truncated, decompress, shows_its_end
from crawler.exceptions import ArchiveError, FetchRefusedError, ParseError
from crawler.http import robotstxt
from crawler.http.failure_reasons import describe_failure
from crawler.http.host_state import ArchiveHostState, HostStateStore, InMemoryHostState
from crawler.http.private_network_proxy import REFUSED_HEADER, UNREACHABLE_HEADER
from crawler.http.private_networks import bare, private_literal, refusal, refused
from crawler.http.retry_after import THROTTLING_STATUSES, retry_after_until
from crawler.http.robotstxt import RobotsRules
from crawler.models import RetryAfter, StoredRobots
from crawler.reasons import Reason, ReasonCode
from crawler.urls import host_of, registered_domain

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)
ROBOTS_PRIORITY = 1000
"""Before everything else of its host."""


class RequestRefusedError(IgnoreRequest, FetchRefusedError):
    """A request that we chose not to send; Scrapy hands it to the errback."""

    def __init__(self, url: str, reason: str, code: ReasonCode, until: datetime | None = None) -> None:
        FetchRefusedError.__init__(self, url, reason, code, until)


class Politeness:
    """Obeys Retry-After and robots.txt; gives each registered domain one slot, whatever host a redirect leads to."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._notes: HostStateStore | None = None
        self._waits: dict[str, RetryAfter] = {}
        self._unsaved: dict[str, RetryAfter] = {}
        self._rules: dict[str, asyncio.Future[RobotsRules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy asks."""
        made = cls(crawler)
        crawler.signals.connect(made.response_downloaded, signals.response_downloaded)
        return made

    @property
    def notes(self) -> HostStateStore:
        """Of the spider's run. Asked for late: `scrapy shell` has its spider after its middlewares."""
        if self._notes is None:
            run = getattr(self._crawler.spider, "run", None)
            self._notes = ArchiveHostState(run) if run is not None else InMemoryHostState()
            self._waits = dict(self._notes.retry_afters())
        return self._notes

    async def process_request(self, request: Request) -> None:
        """Refuse, or send through the slot of its registered domain."""
        now = self.notes.clock()
        domain = registered_domain(host_of(request.url))
        request.meta["download_slot"] = domain
        wait = self._waits.get(domain)
        if wait is not None and wait.until > now:
            raise _asked_to_wait(request, wait)
        if request.meta.get("is_robots"):
            return
        rules = await self._rules_for(request, domain)
        reason = rules.refusal(request.url)
        if reason is not None:
            again = (
                robotstxt.FRESH_FOR
                if reason.code is ReasonCode.ROBOTS_DISALLOWED
                else robotstxt.RETRY_UNREACHABLE_AFTER
            )
            raise RequestRefusedError(request.url, reason.text, reason.code, now + again)

    def response_downloaded(self, request: Request, response: Response) -> None:
        """Note who asks to be left alone, before the next request of its slot goes out, and send none of those."""
        if response.status not in THROTTLING_STATUSES:
            return
        domain = registered_domain(host_of(request.url))
        header = response.headers.get("Retry-After")
        text = header.decode("latin-1") if header is not None else None
        said = f", Retry-After {text[:40]}" if text else ""
        wait = RetryAfter(until=retry_after_until(text, now=self.notes.clock()), reason=f"HTTP {response.status}{said}")
        before = self._waits.get(domain)
        if before is None or before.until < wait.until:
            self._waits[domain] = self._unsaved[domain] = wait
        assert self._crawler.engine is not None
        slot = self._crawler.engine.downloader.slots.get(domain)
        while slot is not None and slot.queue:
            queued, answer = slot.queue.popleft()
            answer.errback(_asked_to_wait(queued, self._waits[domain]))

    async def process_response(self, request: Request, response: Response) -> Response:
        """Keep what was noted for the next run."""
        domain = registered_domain(host_of(request.url))
        wait = self._unsaved.pop(domain, None)
        if wait is not None:
            await self.notes.record_retry_after(domain, wait)
        return response

    async def _rules_for(self, request: Request, domain: str) -> RobotsRules:
        """The rules of a URL's origin, asked for once; whoever comes meanwhile waits."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(origin)
        if known is None:
            known = self._rules[origin] = asyncio.get_running_loop().create_future()
            rules = RobotsRules(None, robotstxt.UNREACHABLE)
            try:
                rules = await self._learn(origin, request)
                self._slow_down(domain, rules.delay)
            except ArchiveError as error:  # it could not be noted: the crawl ends by itself, for the same reason
                rules = RobotsRules(None, Reason(ReasonCode.ROBOTS_UNREACHABLE, str(error)))
            except Exception:
                log.exception("%s/robots.txt", origin)
            finally:  # cancelled too: others wait for it
                known.set_result(rules)
        return await asyncio.shield(known)

    async def _learn(self, origin: str, request: Request) -> RobotsRules:
        stored = self.notes.robots(origin)
        now = self.notes.clock()
        if stored is not None and robotstxt.is_fresh(stored, now):
            return robotstxt.robots_rules(stored.http_status, stored.body)
        try:
            fetched, why = await self._fetch(origin, request)
        except RequestRefusedError as refusal:  # a private address: nothing was asked, nothing is kept
            return RobotsRules(None, Reason(refusal.code, refusal.reason))
        rules = RobotsRules(None, why) if why else robotstxt.robots_rules(fetched.http_status, fetched.body)
        if rules.forbidden and (before := robotstxt.fallback_rules(stored, now)) is not None:
            return robotstxt.robots_rules(before.http_status, before.body)
        await self.notes.record_robots(origin, fetched)
        return rules

    async def _fetch(self, origin: str, asked_for: Request) -> tuple[StoredRobots, Reason | None]:
        """What came; where nothing did, why. A cut one is none: what is missing may forbid. Raises Refused."""
        meta = {"is_robots": True, "source": asked_for.meta.get("source")}
        request = Request(f"{origin}/robots.txt", priority=ROBOTS_PRIORITY, callback=NO_CALLBACK, meta=meta)
        assert self._crawler.engine is not None
        status: int | None = None
        body, why = b"", None
        try:
            response = await self._crawler.engine.download_async(request)
            if {"truncated", "dataloss"} & set(response.flags):
                why = _unreachable("the response was cut off")
            else:
                status, body = response.status, response.body[: robotstxt.MAX_BYTES + 1]
        except RequestRefusedError:
            raise
        except IgnoreRequest as error:
            if "max redirections" not in str(error):
                raise
            status = 404  # RFC 9309, 2.3.1.2: after five redirects it may be taken as not there
        except Exception:  # no answer, whatever the reason: it forbids
            why = _unreachable(describe_failure(Failure(), request.url).reason.text)  # type: ignore[no-untyped-call]  # Twisted's
        return StoredRobots(http_status=status, body=body, fetched_at=self.notes.clock()), why

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


def _unreachable(cause: str) -> Reason:
    return Reason(robotstxt.UNREACHABLE.code, f"{robotstxt.UNREACHABLE.text}: {cause}")


def _asked_to_wait(request: Request, wait: RetryAfter) -> RequestRefusedError:
    reason = f"{wait.reason}: not before {wait.until:%Y-%m-%d %H:%M} UTC"
    return RequestRefusedError(request.url, reason, ReasonCode.RETRY_AFTER, wait.until)


class PrivateNetworkMiddleware:
    """Says why `guard.py` made no connection, and keeps each source to its own private hosts.

    The resolver is one for the process: it cannot tell for which source a host is asked for, and it sees no address
    that an egress proxy connects to. Here both are known. The nearest of ours to the network.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._private = frozenset(bare(host) for host in crawler.settings.getlist("WIREWATCH_PRIVATE_HOSTS"))
        self._of_source: dict[str, frozenset[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy asks."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what is private as it is written, and another source's private host."""
        host = bare(host_of(request.url))
        if host in self._private and host in self._allowed(request.meta.get("source")):
            return
        if host in self._private:
            raise RequestRefusedError(
                request.url, f"{host} is a private host of another source", ReasonCode.PRIVATE_NETWORK
            )
        address = private_literal(host)
        if address is not None:
            raise RequestRefusedError(request.url, refusal(host, address), ReasonCode.PRIVATE_NETWORK)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """A name that has a private address looks like one that was not found."""
        reason = None if isinstance(exception, FetchRefusedError) else refused(host_of(request.url))
        if reason is not None:
            raise RequestRefusedError(request.url, reason, ReasonCode.PRIVATE_NETWORK) from exception

    def process_response(self, request: Request, response: Response) -> Response:
        """What the browser's proxy answered in an outlet's place is no page of it."""
        if "playwright" in request.meta:
            if (reason := response.headers.get(REFUSED_HEADER)) is not None:
                raise RequestRefusedError(request.url, reason.decode("utf-8", "replace"), ReasonCode.PRIVATE_NETWORK)
            if (reason := response.headers.get(UNREACHABLE_HEADER)) is not None:
                raise ParseError(request.url, reason.decode("utf-8", "replace"), ReasonCode.CONNECTION)
        return response

    def _allowed(self, source_id: str | None) -> frozenset[str]:
        """The private hosts of a source; all where the spider has no sources, as `scrapy sources add` has none."""
        if not self._of_source:
            sources = getattr(self._crawler.spider, "sources", ())
            self._of_source = {source.id: frozenset(bare(host) for host in source.private_hosts) for source in sources}
        return self._of_source.get(source_id or "", frozenset()) if self._of_source else self._private


class StrictHttpCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's, except that a stream which does not come to its end is flagged, and one that does is known to be whole.

    The encoding of the text is left to whoever reads it: Scrapy guesses it for each page, which costs as much as parsing.
    """

    def process_response(self, request: Request, response: Response, spider: Spider | None = None) -> Response:  # noqa: ARG002 -- Scrapy's signature
        """Decompressed; "truncated" in its flags where it was cut. Raises ParseError where it cannot be unpacked:
        it was asked for, so it is a failed attempt, and those end."""
        encodings = [
            name.decode("latin-1")
            for name in chain.from_iterable(v.split(b",") for v in response.headers.getlist("Content-Encoding"))
        ]
        limit = request.meta.get("download_maxsize", self._max_size)
        try:
            body = decompress(response.body, encodings, max_size=limit)
        except Truncated:
            response.flags.append("truncated")
            return response
        except TooLarge:
            raise ParseError(request.url, f"larger than {limit:,} bytes unpacked", ReasonCode.TOO_LARGE) from None
        except ValueError as error:
            raise ParseError(request.url, str(error), ReasonCode.BAD_ENCODING) from None
        unpacked = body is not response.body
        if "partial" in response.flags and (unpacked or shows_its_end(body)):
            response.flags.remove("partial")  # its length was not told, but its end is there
        return _with_body(response, body) if unpacked else response


def _with_body(response: Response, body: bytes) -> Response:
    """`replace` would guess the encoding of the packed bytes first."""
    said = response.headers.get("Content-Type")
    kind = responsetypes.from_content_type(said) if said is not None else responsetypes.from_body(body[:5000])
    return kind(
        url=response.url,
        status=response.status,
        headers=response.headers,
        body=body,
        flags=response.flags,
        request=response.request,
        certificate=response.certificate,
        ip_address=response.ip_address,
        protocol=response.protocol,
    )
