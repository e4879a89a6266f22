"""Shared rules for the entries of feeds, sitemaps and listings: addresses, and entries that do not become links."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from crawler.models import LeftOut, Link
from crawler.reasons import ReasonCode
from crawler.urls import MAX_URL, absolute, host_of, is_hash_route

_Entry = TypeVar("_Entry")
MAX_WHAT = 200
"""Characters of an address or title in `LeftOut`."""
_ABSOLUTE = re.compile(r"https?://[a-z0-9.-]+/(?!.*(?:/\.|&amp;))[!-\"$->@-~]*(?:\?[!-\"$-~]+)?")
"""Addresses that need no normalisation. Nearly all match, and one sitemap may hold 50,000."""


_SCHEME_SLIP = re.compile(r"(?:feed:(?://)?)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[/?:]|\Z)", re.IGNORECASE)
"""A host that a relative address begins with: "a.example/x", "feed://a.example/x"."""
_DOUBLED = re.compile(r"^(?:(?:feed|https?):?/*[^/?#]*?)?(https?)(?::/{0,3}|/{2,3})(?=[\w-]+\.)", re.IGNORECASE)
"""The scheme of "https//a.example/x", "https:/a.example/x", "https://https://a.example/x", "https://a.examplehttps://a.example/x"."""
OTHER_SEEDS = "list a feed, a sitemap or the JSON that the page loads (`scrapy sources add HOME` looks for them)"
HASH_ROUTED = f"have only a fragment (#/...) of this page as their address, because a script shows them; {OTHER_SEEDS}"
"""What is wrong with a site whose articles have no pages of their own, and what to do."""
_ANCHOR = re.compile(r"""^<a\s[^<>]{0,500}?href\s*=\s*["']([^"'<>]+)""", re.IGNORECASE)
"""A link written as markup, as some content systems do."""


def page_url(base: str, address: str | None) -> str | None:
    """The absolute form of an address as feeds write it, which may be escaped twice or lack the scheme.

    None if it is invalid, or not the address of a page (`is_hash_route`).
    """
    text = (address or "").strip()
    if not text:
        return None
    if len(text) <= MAX_URL and _ABSOLUTE.fullmatch(text):
        return text
    if is_hash_route(text):
        return None
    if "&amp;" in text:
        text = html.unescape(text)
    if anchor := _ANCHOR.match(text):
        text = anchor[1]
    text = _DOUBLED.sub(r"\1://", text)
    slip = _SCHEME_SLIP.match(text)
    if slip and (slip[1][:4].lower() == "www." or slip[1].lower() == host_of(base).removeprefix("www.")):
        text = "//" + text[slip.start(1) :]
    return absolute(base, text)


def is_web_address(text: str | None) -> bool:
    """Whether a guid is an absolute URL. A relative guid such as "12345" is not an address."""
    return bool(text) and bool(re.match(r"\s*https?://[^/\s]", str(text), re.IGNORECASE))


def distinct_texts(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The texts in order, without empty ones and duplicates."""
    return tuple(dict.fromkeys(text for text in texts if text))


def divided(entries: Iterable[Link | LeftOut]) -> tuple[tuple[Link, ...], tuple[LeftOut, ...]]:
    """The links among the parsed entries, and the others."""
    links: list[Link] = []
    left_out: list[LeftOut] = []
    for entry in entries:
        if isinstance(entry, Link):
            links.append(entry)
        else:
            left_out.append(entry)
    return tuple(links), tuple(left_out)


def within_limit(entries: Sequence[_Entry], limit: int) -> Sequence[_Entry]:
    """At most `limit` entries, from both ends: the newest may be at either end."""
    half = limit // 2
    return entries if len(entries) <= limit else [*entries[: limit - half], *entries[-half:]]


def beyond_limit(count: int) -> tuple[LeftOut, ...]:
    """`count` entries that are not parsed."""
    return (LeftOut(code=ReasonCode.TOO_MANY_ENTRIES, count=count),) if count > 0 else ()


def without_url(addresses: Iterable[str | None], title: str | None = None) -> LeftOut:
    """An entry without a usable address: `addresses` are those that cannot be used."""
    address = next((address.strip() for address in addresses if address and address.strip()), None)
    if address is None:
        return LeftOut(code=ReasonCode.NO_URL, what=(title or "")[:MAX_WHAT])
    if is_hash_route(address):
        return LeftOut(code=ReasonCode.HASH_ROUTE, what=address[:MAX_WHAT])
    return LeftOut(code=code_of_bad_url(address), what=address[:MAX_WHAT])


def code_of_bad_url(address: str) -> ReasonCode:
    """Why an address cannot be a link."""
    if len(address) > MAX_URL:
        return ReasonCode.URL_TOO_LONG
    scheme = re.match(r"\s*([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
    return ReasonCode.INVALID_URL if scheme is None or scheme[1].lower() in {"http", "https"} else ReasonCode.NOT_HTTP
