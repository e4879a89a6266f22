"""Why a request gave nothing, in words that fit a row of the summary."""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import Literal, NamedTuple

from twisted.python.failure import Failure

from crawler.exceptions import FetchRefusedError, WirewatchError
from crawler.http.private_networks import refused
from crawler.urls import host_of

FailureKind = Literal["failed", "refused"]

_NAMES = {
    "DNSLookupError": "host name not found",
    "CannotResolveHostError": "host name not found",
    "DownloadTimeoutError": "no answer in time",
    "TimeoutError": "no answer in time",
    "TCPTimedOutError": "no answer in time",
    "ConnectionRefusedError": "connection refused",
    "DownloadConnectionRefusedError": "connection refused",
    "ConnectionLost": "connection lost",
    "ConnectionDone": "connection closed without an answer",
    "ResponseNeverReceived": "connection closed without an answer",
    "ResponseDataLossError": "page cut short on the way",
    "DownloadCancelledError": "page larger than the limit",
    "NoRouteError": "no route to the host",
}


class FailureReason(NamedTuple):
    """Why a request gave nothing."""

    kind: FailureKind
    reason: str
    until: datetime | None = None
    """When to ask again, where that is known."""


def describe_failure(failure: Failure, url: str) -> FailureReason:
    """Whether we chose not to ask or asked in vain, and why, in one line."""
    error: BaseException = failure.value or RuntimeError("no reason given")
    refusal = _refusal(error)
    if refusal is not None:
        return FailureReason("refused", refusal.reason, refusal.until)
    if isinstance(error, WirewatchError):
        return FailureReason("failed", str(error))
    for cause in _causes(error):
        if (
            isinstance(cause, ssl.SSLError)
            or "OpenSSL" in type(cause).__module__
            or "certificate" in str(cause).lower()
        ):
            return FailureReason("failed", f"certificate refused: {_first_line(cause)}")
    if "DNSLookup" in type(error).__name__ or "CannotResolve" in type(error).__name__:
        reason = refused(host_of(url))
        if reason is not None:
            return FailureReason("refused", reason)
    return FailureReason("failed", _named(error) or _first_line(error) or type(error).__name__)


def _named(error: BaseException) -> str | None:
    """By its own name, else by what Twisted met on the wire: Scrapy's own text of that is a Python object."""
    if type(error).__name__ in _NAMES:
        return _NAMES[type(error).__name__]
    causes = _causes(error)
    met = [reason for cause in causes for reason in _reasons(cause)]
    if any(type(reason).__name__ in ("ParseError", "ValueError", "BadHeaders") for reason in met):
        return "the answer is no valid HTTP"
    return next((_NAMES[type(each).__name__] for each in (*met, *causes) if type(each).__name__ in _NAMES), None)


def _refusal(error: BaseException | None) -> FetchRefusedError | None:
    return next((cause for cause in _causes(error) if isinstance(cause, FetchRefusedError)), None)


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error, what caused it, and what Twisted wrapped in it."""
    found: list[BaseException] = []
    queue = [error]
    while queue:
        each = queue.pop(0)
        if each is None or each in found:
            continue
        found.append(each)
        queue += [each.__cause__, each.__context__]
        queue += _reasons(each)
    return found


def _reasons(error: BaseException) -> list[BaseException]:
    """What Twisted's ResponseFailed and its kin wrap."""
    return [
        inner.value for inner in getattr(error, "reasons", None) or () if isinstance(inner, Failure) and inner.value
    ]


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200]
