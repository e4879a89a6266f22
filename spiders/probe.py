"""A spider that asks for a few documents and hands back what came: for `scrapy sources add` and `check`.

What to ask next depends on what came, so a plan drives it: a coroutine that is given `ask`. Requests go the way of all
others: robots.txt, the guard against private addresses, the pace of each domain, the User-Agent.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request, Spider
from twisted.python.failure import Failure

from crawler.context import CrawlContext
from crawler.http.failure_reasons import describe_failure
from crawler.http.private_networks import refused
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy.http import Response

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResponse:
    """What came of asking for one URL."""

    url: str
    final_url: str
    """After redirects."""
    status: int | None = None
    """HTTP; None where no response came."""
    content_type: str | None = None
    body: bytes = b""
    error: str | None = None
    """Why nothing came, one line; None where something did."""

    @property
    def fault(self) -> str | None:
        """Why there is nothing to read: no response, or not 200."""
        if self.error is None and self.status != 200:
            return f"HTTP {self.status}"
        return self.error


class ProbeRequest(Protocol):
    """How a plan asks. Never raises: what went wrong stands in the answer."""

    def __call__(self, url: str, *, source: str | None = None, rendered: bool = False) -> Awaitable[ProbeResponse]: ...


ProbeProgress = Callable[[str], None]
Plan = Callable[[ProbeRequest], Awaitable[None]]


class Probe(Spider):
    """Runs one plan, and is done. It has no name of its own, so that `scrapy list` does not show it."""

    def __init__(self, plan: Plan, run: CrawlContext, progress: ProbeProgress | None = None, **kwargs: Any) -> None:
        """`run`: what the politeness of the downloader reads and writes. `progress` hears of each URL asked for."""
        super().__init__(name="probe", **kwargs)
        self.run = run
        self._plan = plan
        self._progress = progress

    async def start(self) -> AsyncIterator[Any]:
        """All of it happens here."""
        await self._plan(self.ask)
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # Scrapy wants a generator
            yield item

    async def ask(self, url: str, *, source: str | None = None, rendered: bool = False) -> ProbeResponse:
        """One request, with everything that the downloader's middlewares do to it."""
        if self._progress is not None:
            self._progress(url)
        meta: dict[str, Any] = {"source": source} if source else {}
        if urlsplit(url).path == "/robots.txt":
            meta["is_robots"] = True  # RFC 9309: no rule is for robots.txt itself
        if rendered:
            meta["playwright"] = True
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url, meta=meta, dont_filter=True))
        except Exception as error:
            log.debug("%s", url, exc_info=True)
            # A guarded host's robots.txt cannot be had either; the guard knows the reason behind that.
            reason = refused(host_of(url)) or describe_failure(Failure(error), url).reason.text  # type: ignore[no-untyped-call]  # Twisted
            return ProbeResponse(url=url, final_url=url, error=reason)
        return _answer(url, response)


def _answer(url: str, response: Response) -> ProbeResponse:
    content_type = response.headers.get("Content-Type")
    cut = "cut short on the way" if {"partial", "dataloss", "truncated"} & set(response.flags) else None
    return ProbeResponse(
        url=url,
        final_url=response.url,
        status=response.status,
        content_type=content_type.decode("latin-1") if content_type else None,
        body=response.body,
        error=cut,
    )
