"""Describe requests, convert responses to pages, and read their headers: completeness, redirects, validators, clock skew."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy.http import Response

from crawler.config.sources import Seed, Source
from crawler.crawl_state import Recheck, SeedState
from crawler.http.render_wait import render_meta
from crawler.models import Link, Page
from crawler.reasons import Reason, ReasonCode, http_reason
from crawler.urls import MAX_REQUEST_URL, is_too_long


def truncation_reason(response: Response) -> Reason | None:
    """Return why the body is not complete; None if it is."""
    if response.status == 206:
        return Reason(ReasonCode.TRUNCATED, "HTTP 206: only a part of the page was sent")
    for flag in ("dataloss", "partial", "truncated"):
        if flag in response.flags:
            return Reason(ReasonCode.TRUNCATED, "the response was cut off")
    return None


def empty_reason(response: Response) -> Reason | None:
    """Return why a response has no page, not even an error page; None if it has one."""
    if response.status == 304:
        text = "HTTP 304, but no earlier response is stored"
        return None if _was_conditional(response) else Reason(ReasonCode.HTTP_304_UNEXPECTED, text)
    if 300 <= response.status < 400:  # Scrapy follows what can be followed
        where = "".join(char for char in (header(response, "Location") or "")[:100] if char.isprintable())
        text = f"HTTP {response.status} " + (f"to {where}" if where else "without a Location header")
        return Reason(ReasonCode.REDIRECT, text)
    reason = truncation_reason(response)
    if reason is None and response.status < 400 and not response.body.strip():
        return Reason(ReasonCode.EMPTY_RESPONSE, f"HTTP {response.status} with an empty page")
    return reason


def error_reason(response: Response) -> Reason | None:
    """Return why the response of a seed has no document; None if it has one."""
    return http_reason(response.status) if response.status >= 400 else empty_reason(response)


def _was_conditional(response: Response) -> bool:
    sent = response.request.headers if response.request is not None else {}
    return any(name in sent for name in ("If-None-Match", "If-Modified-Since"))


def header(response: Response, name: str) -> str | None:
    """Return the first header of that name; None if there is none."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value is not None else None


def clock_skew(response: Response | None, now: datetime) -> int | None:
    """Return how far the server's clock is ahead of ours, in seconds.

    None if the response has no valid Date header or may come from a cache.
    """
    if response is None or response.headers.get("Age") is not None:
        return None
    try:
        return round((parsedate_to_datetime(header(response, "Date") or "") - now).total_seconds())
    except (TypeError, ValueError):  # not a date, or a date without an offset
        return None


def permanent_target(response: Response) -> str | None:
    """Return the URL that the leading permanent redirects (301, 308) lead to; None if the first one is not permanent."""
    addresses = [*response.meta.get("redirect_urls", ())[1:], response.url]
    target = None
    for status, address in zip(response.meta.get("redirect_reasons", ()), addresses, strict=False):
        if status not in (301, 308):
            break
        target = address
    return target


def milliseconds(response: Response | None) -> int | None:
    """Return the duration of the download; None if it is unknown."""
    latency = response.meta.get("download_latency") if response is not None and response.request else None
    return round(1000 * latency) if latency is not None else None


FEED_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, application/xml;q=0.9,"
    " text/xml;q=0.9, */*;q=0.5"
)


def invalid_url_reason(url: str) -> Reason:
    """Return why a URL, which is not requestable, is not requested."""
    if is_too_long(url):
        return Reason(ReasonCode.URL_TOO_LONG, f"the URL has more than {MAX_REQUEST_URL:,} characters")
    return Reason(ReasonCode.INVALID_URL, "the URL cannot be requested")


def request_headers(source: Source, *, is_feed: bool = False) -> dict[str, str]:
    """Return the headers that choose language and format: the source's language, and feed types first for feeds."""
    language = source.language
    accept_language = "*" if not language else language if language == "en" else f"{language}, en;q=0.5"
    return {"Accept-Language": accept_language, **({"Accept": FEED_ACCEPT} if is_feed else {})}


def request_meta(source: Source, seed: Seed | None = None, *, render_wait: float) -> dict[str, Any]:
    """The `meta` of each request for a source: its ID, its cookies, and whether and how it is rendered.

    `seed`: the seed whose document is requested; None for an article. `render_wait`: WIREWATCH_RENDER_WAIT.
    """
    meta: dict[str, Any] = {"source": source.id}
    meta |= {"cookiejar": source.id} if source.cookies else {"dont_merge_cookies": True}
    is_listing = seed is not None and seed.kind == "listing"
    if source.render and (seed is None or is_listing):
        selector = seed.selector if seed is not None else source.selectors.get("text")
        meta |= render_meta(selector=selector, is_listing=is_listing, seconds=render_wait)
    return meta


def validators(state: SeedState | Recheck, *, now: datetime, full_after: timedelta) -> dict[str, str]:
    """Return the headers of a conditional request, from the last full response.

    Empty if that is older than `full_after`, because some servers send HTTP 304 forever.
    """
    if state.last_full_fetch_at is None or not timedelta() <= now - state.last_full_fetch_at < full_after:
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def as_page(response: Response, source: Source, requested_url: str, link: Link | None, *, at: datetime) -> Page:
    """Return the response as a `Page`; `link` is the link that was followed, None for a recheck."""
    headers = tuple(
        (name.decode("latin-1"), value.decode("utf-8", "replace"))
        for name, values in response.headers.items()
        for value in values
    )
    return Page(
        source=source.id,
        url=requested_url,
        final_url=response.url,
        status=response.status,
        headers=headers,
        body=response.body,
        fetched_at=at,
        link=link,
        rendered=source.render,
    )
