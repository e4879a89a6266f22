"""RFC 3161 time-stamps for daily roots, from the authority that WIREWATCH_TSA_URL names."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta

from crawler.archive.evidence.daily_roots import DailyRoot, root_line, roots_without_timestamp, set_timestamp
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import Connection

TIMESTAMP_TIMEOUT = 30.0
"""Seconds for one request to the authority."""
RETRY_FOR = timedelta(days=7)
"""A root that could not be time-stamped is tried again for this time."""
MAX_TOKEN = 1 << 20
"""Most bytes of a response; a token with its certificates has a few thousand."""


class TimestampError(WirewatchError):
    """A root could not be time-stamped. Raised by `request_timestamp`."""


def stamp_new_roots(db: Connection, url: str, *, now: datetime) -> Iterator[str]:
    """Have each recent root time-stamped that has no token yet. Yields a line for each failure."""
    for root in roots_without_timestamp(db, since=now - RETRY_FOR):
        try:
            set_timestamp(db, root.day, request_timestamp(url, stamped_text(root)))
        except TimestampError as error:
            yield f"{error}; the root of {root.day} is time-stamped at a later run"


def stamped_text(root: DailyRoot) -> bytes:
    """The bytes that a time-stamp is for: the line of the digest's foot."""
    return f"{root_line(root)}\n".encode("ascii")


def request_timestamp(url: str, data: bytes) -> bytes:
    """The authority's response (DER, TimeStampResp) for SHA-256 of `data`. Raises TimestampError.

    Its signature is not verified here: a recipient does this with the certificates that they trust.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response
    except ImportError:
        raise TimestampError(
            "WIREWATCH_TSA_URL needs the package rfc3161-client; run `pip install -e '.[timestamps]'` in the checkout"
        ) from None
    wanted = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    content = _post(url, wanted.as_bytes())
    try:
        response = decode_timestamp_response(content)
        is_ours = (
            response.status in (0, 1)  # granted, granted with modifications
            and response.tst_info.message_imprint.message == wanted.message_imprint.message
            and response.tst_info.nonce == wanted.nonce
        )
    except ValueError as error:
        raise TimestampError(f"{url}: not a time-stamp response ({error})") from error
    if not is_ours:
        raise TimestampError(f"{url}: the response is a refusal (status {response.status}) or for other data")
    return content


def _post(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    if not url.startswith(("http://", "https://")):
        raise TimestampError(f"WIREWATCH_TSA_URL = {url!r}: write an http or https URL")
    request = urllib.request.Request(url, body, headers)  # noqa: S310 -- the scheme was checked
    try:
        with urllib.request.urlopen(request, timeout=TIMESTAMP_TIMEOUT) as response:  # noqa: S310 -- see above
            content: bytes = response.read(MAX_TOKEN)
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise TimestampError(f"{url}: no time-stamp ({reason})") from error
    return content
