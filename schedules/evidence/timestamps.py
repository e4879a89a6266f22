"""Time-stamps for daily roots: from an RFC 3161 authority, and from OpenTimestamps calendars."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.parse import urlsplit

from crawler.archive.evidence.daily_roots import DailyRoot, daily_roots, root_line
from crawler.archive.evidence.root_timestamps import TimestampKind, root_timestamps, store_timestamp
from crawler.config.app import AppConfig, user_agent
from crawler.evidence.opentimestamps import timestamp_branches
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

TIMESTAMP_TIMEOUT = 30.0
"""Seconds for one request to a service."""
RETRY_FOR = timedelta(days=7)
"""A root that could not be time-stamped is tried again for this time."""
MAX_TOKEN = 1 << 20
"""Most bytes of a response; a token with its certificates has a few thousand, a reply of a calendar a few hundred."""


class TimestampError(WirewatchError):
    """A root could not be time-stamped. Raised by `TimestampService.request`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampService:
    """An authority or a calendar that the settings name."""

    kind: TimestampKind
    url: str

    @property
    def host(self) -> str:
        """The host with its port."""
        return urlsplit(self.url).netloc

    def request(self, data: bytes) -> bytes:
        """The service's reply for SHA-256 of `data`. Raises TimestampError."""
        return _request_rfc3161(self.url, data) if self.kind == "rfc3161" else _request_opentimestamps(self.url, data)


def timestamp_services(config: AppConfig) -> list[TimestampService]:
    """The services of WIREWATCH_TSA_URL and WIREWATCH_OTS_CALENDARS."""
    calendars = [TimestampService(kind="opentimestamps", url=url) for url in config.ots_calendars]
    return [TimestampService(kind="rfc3161", url=config.tsa_url), *calendars] if config.tsa_url else calendars


def stamp_new_roots(db: Connection, services: list[TimestampService], *, now: datetime) -> Iterator[str]:
    """Have each service time-stamp the recent roots that it has not yet stamped. Yields a line for each failure.

    After a failure, a service is not asked again in the same run.
    """
    stored = {(one.day, one.kind, one.host) for one in root_timestamps(db)} if services else set()
    recent = [root for root in daily_roots(db) if root.created_at >= format_utc(now - RETRY_FOR)] if services else []
    for service in services:
        for root in recent:
            if (root.day, service.kind, service.host) in stored:
                continue
            try:
                content = service.request(stamped_text(root))
            except TimestampError as error:
                yield f"{error}; the root of {root.day} is time-stamped at a later run"
                break
            store_timestamp(db, root.day, service.kind, service.host, content, at=now)


def stamped_text(root: DailyRoot) -> bytes:
    """The bytes that a time-stamp is for: the line of the digest's foot."""
    return f"{root_line(root)}\n".encode("ascii")


def _request_rfc3161(url: str, data: bytes) -> bytes:
    """The authority's response (DER, TimeStampResp).

    Its signature is not verified here: a recipient does this with the certificates that they trust.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response
    except ImportError:
        raise TimestampError(
            "WIREWATCH_TSA_URL needs the package rfc3161-client; run `pip install -e '.[timestamps]'` in the checkout"
        ) from None
    wanted = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    content = _post(url, wanted.as_bytes(), headers, setting="WIREWATCH_TSA_URL")
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


def _request_opentimestamps(url: str, data: bytes) -> bytes:
    """The calendar's reply: a serialized timestamp, which the calendar itself connects to a Bitcoin block hours later."""
    headers = {"Accept": "application/vnd.opentimestamps.v1"}
    digest = hashlib.sha256(data).digest()
    content = _post(url, digest, headers, setting="WIREWATCH_OTS_CALENDARS", path="/digest")
    try:
        timestamp_branches(content)
    except ValueError as error:
        raise TimestampError(f"{url}: not an OpenTimestamps reply ({error})") from error
    return content


def _post(url: str, body: bytes, headers: Mapping[str, str], *, setting: str, path: str = "") -> bytes:
    if not url.startswith(("http://", "https://")):
        raise TimestampError(f"{setting} = {url!r}: write an http or https URL")
    if "@" in urlsplit(url).netloc:  # urllib does not send them, and its error would print them
        raise TimestampError(f"{setting}: write the URL without a user name and a password")
    address = f"{url.rstrip('/')}{path}" if path else url
    request = urllib.request.Request(address, body, {"User-Agent": user_agent(), **headers})  # noqa: S310 -- its scheme was checked
    try:
        with urllib.request.urlopen(request, timeout=TIMESTAMP_TIMEOUT) as response:  # noqa: S310 -- as above
            content: bytes = response.read(MAX_TOKEN)
    except (OSError, ValueError, HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise TimestampError(f"{url}: no time-stamp ({reason})") from error
    return content
