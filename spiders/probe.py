"""A spider that fetches a few documents and returns the responses, for `scrapy sources add` and `scrapy sources check`.

A plan drives it: a coroutine that gets the function `ask` and decides what to fetch next. Its requests pass the same
middlewares as all others: robots.txt, private networks, delays.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.http.failure_reasons import describe_failure
from crawler.http.private_networks import refused
from crawler.urls import host_of
from spiders.responses import request_meta

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResponse:
    """The result of one request."""

    url: str
    final_url: str
    """After redirects."""
    status: int | None = None
    """HTTP status; None if there was no response."""
    content_type: str | None = None
    link_headers: tuple[str, ...] = ()
    body: bytes = b""
    error: str | None = None
    """One line; why there was no complete response."""

    @property
    def fault(self) -> str | None:
        """Why there is no document: no response, or a status other than 200."""
        if self.error is None and self.status != 200:
            return f"HTTP {self.status}"
        return self.error


class ProbeRequest(Protocol):
    """The function that a plan sends requests with. Never raises; errors are in the response."""

    def __call__(
        self, url: str, *, source: Source | None = None, seed: Seed | None = None
    ) -> Awaitable[ProbeResponse]: ...


ProbeProgress = Callable[[str], None]
Plan = Callable[[ProbeRequest], Awaitable[None]]


class Probe(Spider):
    """Runs one plan. It has no class name, so that `scrapy list` does not show it."""

    def __init__(self, plan: Plan, run: CrawlContext, progress: ProbeProgress | None = None, **kwargs: Any) -> None:
        """`run`: what the middlewares read. `progress` is called with the URL of each request."""
        super().__init__(name="probe", **kwargs)
        self.run = run
        self._plan = plan
        self._progress = progress

    async def start(self) -> AsyncIterator[Any]:
        """Run the plan."""
        await self._plan(self.ask)
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # Scrapy requires an async generator
            yield item

    async def ask(self, url: str, *, source: Source | None = None, seed: Seed | None = None) -> ProbeResponse:
        """Send one request through the downloader middlewares."""
        if self._progress is not None:
            self._progress(url)
        meta: dict[str, Any] = request_meta(source, seed, render_wait=self.run.config.render_wait) if source else {}
        if urlsplit(url).path == "/robots.txt":
            meta["is_robots"] = True  # RFC 9309: robots.txt itself is always allowed
        engine = self.crawler.engine
        assert engine is not None
        try:
            response = await engine.download_async(Request(url, meta=meta, dont_filter=True))
        except Exception as error:
            log.debug("%s", url, exc_info=True)
            # If the host has a private address, the reason is that, not the failed fetch of its robots.txt.
            reason = refused(host_of(url)) or describe_failure(Failure(error), url).reason.text  # type: ignore[no-untyped-call]  # Twisted
            return ProbeResponse(url=url, final_url=url, error=reason)
        return _probe_response(url, response)


def _probe_response(url: str, response: Response) -> ProbeResponse:
    content_type = response.headers.get("Content-Type")
    truncated = "truncated response" if {"partial", "dataloss", "truncated"} & set(response.flags) else None
    return ProbeResponse(
        url=url,
        final_url=response.url,
        status=response.status,
        content_type=content_type.decode("latin-1") if content_type else None,
        link_headers=tuple(value.decode("utf-8", "replace") for value in response.headers.getlist("Link")),
        body=response.body,
        error=truncated,
    )
