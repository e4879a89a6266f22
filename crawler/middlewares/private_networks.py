"""Downloader middleware: refuses requests to private addresses, except those that a source's table permits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.http import Response

from crawler.exceptions import FetchRefusedError, ParseError
from crawler.http.private_network_proxy import REFUSED_HEADER, UNREACHABLE_HEADER
from crawler.http.private_networks import bare, private_literal, refusal, refused
from crawler.middlewares.exceptions import RequestRefusedError
from crawler.reasons import ReasonCode
from crawler.urls import host_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class PrivateNetworkMiddleware:
    """Restricts each source to its own private hosts, and translates refusals of the resolver and of the proxy.

    The resolver (`crawler/http/private_networks.py`) serves the whole process: it does not know for which source a
    name is looked up, and it does not see what an egress proxy connects to. This middleware knows both.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._private = frozenset(bare(host) for host in crawler.settings.getlist("WIREWATCH_PRIVATE_HOSTS"))
        self._hosts_by_source: dict[str, frozenset[str]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise RequestRefusedError for a private address in the URL, and for a private host of another source."""
        host = bare(host_of(request.url))
        if host in self._private:
            if host not in self._permitted(request.meta.get("source")):
                reason = f"{host} is a private host of another source"
                raise RequestRefusedError(request.url, reason, ReasonCode.PRIVATE_NETWORK)
            return
        address = private_literal(host)
        if address is not None:
            raise RequestRefusedError(request.url, refusal(host, address), ReasonCode.PRIVATE_NETWORK)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise RequestRefusedError if the resolver refused the host; to Scrapy it looks like an unknown name."""
        reason = None if isinstance(exception, FetchRefusedError) else refused(host_of(request.url))
        if reason is not None:
            raise RequestRefusedError(request.url, reason, ReasonCode.PRIVATE_NETWORK) from exception

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise the error that the browser's proxy reported; such a response is not the outlet's page."""
        if "playwright" in request.meta:
            if (reason := response.headers.get(REFUSED_HEADER)) is not None:
                raise RequestRefusedError(request.url, reason.decode("utf-8", "replace"), ReasonCode.PRIVATE_NETWORK)
            if (reason := response.headers.get(UNREACHABLE_HEADER)) is not None:
                raise ParseError(request.url, reason.decode("utf-8", "replace"), ReasonCode.CONNECTION)
        return response

    def _permitted(self, source_id: str | None) -> frozenset[str]:
        """The private hosts of a source; all of them if the spider has no sources, as in `scrapy sources add`."""
        if not self._hosts_by_source:
            sources = getattr(self._crawler.spider, "sources", ())
            self._hosts_by_source = {
                source.id: frozenset(bare(host) for host in source.private_hosts) for source in sources
            }
        return self._hosts_by_source.get(source_id or "", frozenset()) if self._hosts_by_source else self._private
