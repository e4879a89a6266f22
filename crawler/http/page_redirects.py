"""Find the address to which a page without content of its own sends its reader: redirects that are not in HTTP."""

from __future__ import annotations

import re

from w3lib.html import get_meta_refresh

from crawler.urls import absolute

MAX_PAGE = 16_384
"""Bytes of a page that only redirects; a larger page is content that is loaded again from time to time."""
MAX_REFRESH = 5
"""Seconds after which a redirect is followed; longer ones are pages that reload themselves."""
MAX_SCRIPTED = 4_096
"""Characters of a page whose script redirects. The expressions below take quadratic time on hostile pages: 30 ms for these."""
MAX_VISIBLE = 200
"""Characters of text in a page whose script redirects ("You will be redirected. Click here if not.")."""
_PROGRAM = re.compile(r"<script\b[^>]*\s(?:src\s*=|type\s*=\s*[\"']?application/)", re.IGNORECASE)
"""A script that is loaded or holds data: the page is an application, whose code may set `location` for some readers only."""
_HEADER = re.compile(r"""\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*url\s*=\s*["']?([^"']+)""", re.IGNORECASE)
_SCRIPT = re.compile(
    r"""\blocation(?:\.href)?\s*=\s*(["'])([^"'\s<>]{1,2000})\1|\blocation\.(?:replace|assign)\(\s*(["'])([^"'\s<>]{1,2000})\3"""
)
_HIDDEN = re.compile(r"<(script|style|noscript|title)\b[^>]*>.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def redirect_in_page(html: str, url: str, refresh: str | None = None) -> str | None:
    """Return where the page at `url` sends its reader: by the header `refresh`, a meta element or a script.

    None if it does not, or if it only loads itself again.
    """
    target = _by_header(refresh) or _by_meta(html) or _by_script(html)
    found = absolute(url, target.replace("\\/", "/")) if target else None
    return None if found == absolute(url, "") else found


def _by_header(refresh: str | None) -> str | None:
    found = _HEADER.match(refresh or "")
    return found[2].strip() if found and int(found[1]) <= MAX_REFRESH else None


def _by_meta(html: str) -> str | None:
    delay, target = get_meta_refresh(html, ignore_tags=("script", "noscript"))
    return target if delay is not None and delay <= MAX_REFRESH else None


def _by_script(html: str) -> str | None:
    found = _SCRIPT.search(html) if len(html) <= MAX_SCRIPTED else None
    if found is None or _PROGRAM.search(html) or len(" ".join(_HIDDEN.sub(" ", html).split())) > MAX_VISIBLE:
        return None
    return found[2] or found[4]
