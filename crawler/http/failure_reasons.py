"""Translate a failed request into a reason: a code and a short message."""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import NamedTuple

from twisted.python.failure import Failure

from crawler.exceptions import FetchRefusedError, ParseError, WirewatchError
from crawler.http.private_networks import refused
from crawler.models import ResponseStatus
from crawler.reasons import Reason, ReasonCode
from crawler.scrapy_internals import is_redirect_limit
from crawler.urls import host_of

_NO_HOST = Reason(ReasonCode.DNS, "host name not found")
_NO_RESPONSE = Reason(ReasonCode.TIMEOUT, "no response in time")
_REFUSED = Reason(ReasonCode.CONNECTION, "connection refused")
_CLOSED = Reason(ReasonCode.CONNECTION, "connection closed without a response")
_BY_EXCEPTION = {
    "DNSLookupError": _NO_HOST,
    "CannotResolveHostError": _NO_HOST,
    "DownloadTimeoutError": _NO_RESPONSE,
    "TimeoutError": _NO_RESPONSE,
    "TCPTimedOutError": _NO_RESPONSE,
    "ConnectionRefusedError": _REFUSED,
    "DownloadConnectionRefusedError": _REFUSED,
    "ConnectionLost": Reason(ReasonCode.CONNECTION, "connection lost"),
    "ConnectionDone": _CLOSED,
    "ResponseNeverReceived": _CLOSED,
    "ResponseDataLossError": Reason(ReasonCode.TRUNCATED, "the response was cut off"),
    "DownloadCancelledError": Reason(ReasonCode.TOO_LARGE, "page larger than the limit"),
    "NoRouteError": Reason(ReasonCode.CONNECTION, "no route to the host"),
}
"""Class names of Scrapy and Twisted; the classes themselves differ between Scrapy versions and download handlers."""
_REDIRECT_LOOP = Reason(
    ReasonCode.TOO_MANY_REDIRECTS,
    "the redirects did not end; if the outlet sets a cookie first, write cookies = true in its table of sources.toml",
)
_INVALID_HTTP = Reason(ReasonCode.INVALID_HTTP, "the response is not valid HTTP")


class FailureReason(NamedTuple):
    """Why a request gave no response."""

    status: ResponseStatus
    """FAILED, or REFUSED if the request was not sent."""
    reason: Reason
    until: datetime | None = None
    """When to try again, if known."""


def describe_failure(failure: Failure, url: str) -> FailureReason:
    """Return whether a request was refused or failed, and why."""
    error: BaseException = failure.value or RuntimeError("unknown error")
    causes = _causes(error)
    refusal = next((cause for cause in causes if isinstance(cause, FetchRefusedError)), None)
    if refusal is not None:
        return FailureReason(ResponseStatus.REFUSED, Reason(refusal.code, refusal.reason), refusal.until)
    if isinstance(error, ParseError):
        return FailureReason(ResponseStatus.FAILED, Reason(error.code, error.reason))
    if isinstance(error, WirewatchError):
        return FailureReason(ResponseStatus.FAILED, Reason(ReasonCode.DOWNLOAD_FAILED, str(error)))
    for cause in causes:
        if (
            isinstance(cause, ssl.SSLError)
            or "OpenSSL" in type(cause).__module__
            or "certificate" in str(cause).lower()
        ):
            return FailureReason(
                ResponseStatus.FAILED, Reason(ReasonCode.TLS, f"certificate rejected: {_first_line(cause)}")
            )
    if "DNSLookup" in type(error).__name__ or "CannotResolve" in type(error).__name__:
        reason = refused(host_of(url))
        if reason is not None:
            return FailureReason(ResponseStatus.REFUSED, Reason(ReasonCode.PRIVATE_NETWORK, reason))
    return FailureReason(ResponseStatus.FAILED, _known(error, causes) or _other(error))


def _known(error: BaseException, causes: list[BaseException]) -> Reason | None:
    """The reason by the class name of the exception, or of those that Twisted wrapped in it."""
    if type(error).__name__ in _BY_EXCEPTION:
        return _BY_EXCEPTION[type(error).__name__]
    wrapped = [reason for cause in causes for reason in _wrapped(cause)]
    if any(type(reason).__name__ in ("ParseError", "ValueError", "BadHeaders") for reason in wrapped):
        return _INVALID_HTTP
    names = (type(each).__name__ for each in (*wrapped, *causes))
    return next((_BY_EXCEPTION[name] for name in names if name in _BY_EXCEPTION), None)


def _other(error: BaseException) -> Reason:
    if is_redirect_limit(error):
        return _REDIRECT_LOOP
    return Reason(ReasonCode.DOWNLOAD_FAILED, _first_line(error) or type(error).__name__)


def _causes(error: BaseException) -> list[BaseException]:
    """An error with its causes and the errors that Twisted wrapped in it."""
    found: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue:
        each = queue.pop(0)
        if each is None or each in found:
            continue
        found.append(each)
        queue += [each.__cause__, each.__context__, *_wrapped(each)]
    return found


def _wrapped(error: BaseException) -> list[BaseException]:
    """The errors inside Twisted's ResponseFailed and similar."""
    reasons = getattr(error, "reasons", None) or ()
    return [inner.value for inner in reasons if isinstance(inner, Failure) and inner.value]


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200]
