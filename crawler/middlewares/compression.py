"""Downloader middleware: decompresses responses, and detects those that were cut off."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler.encodings.content_encoding import TooLarge, Truncated, decompress, shows_its_end
from crawler.exceptions import ParseError
from crawler.reasons import ReasonCode

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self


class StrictHttpCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's middleware, except that it flags truncated streams, which Scrapy's accepts.

    It leaves the character encoding to the parsers: Scrapy would guess it for each page, which costs as much as parsing.
    """

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Create the middleware of a crawler, whose spider repeats requests."""
        middleware = super().from_crawler(crawler)
        middleware.crawler = crawler
        return middleware

    def process_response(
        self,
        request: Request,
        response: Response,
        spider: Spider | None = None,  # noqa: ARG002 -- Scrapy's signature
    ) -> Response | Request:
        """Return the response with its body decompressed, or with the flag "truncated" if the body is incomplete.

        If fewer bytes came than were announced, the body is complete if it shows its end: some servers announce a wrong
        length. If it does not, the request is repeated; the last response has the flag "dataloss".
        Raises ParseError if the body is damaged or larger than the limit: a failed attempt, of which there are few.
        """
        encodings = [
            name.decode("latin-1")
            for name in chain.from_iterable(v.split(b",") for v in response.headers.getlist("Content-Encoding"))
        ]
        limit = request.meta.get("download_maxsize", self._max_size)
        try:
            body = decompress(response.body, encodings, max_size=limit)
        except Truncated:
            response.flags.append("truncated")
            return self._repeated(request, response) or response
        except TooLarge:
            raise ParseError(request.url, f"larger than {limit:,} bytes unpacked", ReasonCode.TOO_LARGE) from None
        except ValueError as error:
            raise ParseError(request.url, str(error), ReasonCode.BAD_ENCODING) from None
        decompressed = body is not response.body
        for flag in {"partial", "dataloss"} & set(response.flags):  # no length was announced, or a wrong one
            if decompressed or shows_its_end(body):
                response.flags.remove(flag)
        repeated = self._repeated(request, response)
        if repeated is not None:
            return repeated
        return _with_body(response, body) if decompressed else response

    def _repeated(self, request: Request, response: Response) -> Request | None:
        """The request again if its response lost data; None if it did not, or after the last try."""
        spider = self.crawler.spider
        if "dataloss" not in response.flags or spider is None:
            return None
        return get_retry_request(request, spider=spider, reason="dataloss", give_up_log_level="DEBUG")


def _with_body(response: Response, body: bytes) -> Response:
    """A copy of the response with another body. `Response.replace` would first guess the encoding of the old body."""
    content_type = response.headers.get("Content-Type")
    cls = (
        responsetypes.from_content_type(content_type)
        if content_type is not None
        else responsetypes.from_body(body[:5000])
    )
    return cls(
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
