"""The exception by which a downloader middleware refuses a request."""

from __future__ import annotations

from datetime import datetime

from scrapy.exceptions import IgnoreRequest

from crawler.exceptions import FetchRefusedError
from crawler.reasons import ReasonCode


class RequestRefusedError(IgnoreRequest, FetchRefusedError):
    """A request was not sent. Scrapy passes it to the request's errback. `until`: when it may be sent, if known."""

    def __init__(self, url: str, reason: str, code: ReasonCode, until: datetime | None = None) -> None:
        FetchRefusedError.__init__(self, url, reason, code, until)
