"""Find the address to which a page without content of its own sends its reader: redirects that are not in HTTP."""

from __future__ import annotations

import html
import re

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
_HEADER = re.compile(r"""\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)""", re.IGNORECASE)
"""The value of `Refresh`, as the HTML standard reads it: "0;url=/b", "0, /b"."""
_UNUSED = re.compile(r"<!--.*?(?:-->|\Z)|<(script|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"<meta\b([^>]*)>", re.IGNORECASE)
_IS_REFRESH = re.compile(r"""\bhttp-equiv\s*=\s*["']?\s*refresh\b""", re.IGNORECASE)
_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
_SCRIPT = re.compile(
    r"""\blocation(?:\.href)?\s*=\s*(["'])([^"'\s<>]{1,2000})\1|\blocation\.(?:replace|assign)\(\s*(["'])([^"'\s<>]{1,2000})\3"""
)
_HIDDEN = re.compile(r"<(script|style|noscript|title)\b[^>]*>.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def redirect_in_page(page: str, url: str, refresh: str | None = None) -> str | None:
    """Return where the page at `url` sends its reader: by the header `refresh`, a meta element or a script.

    None if it does not, or if it only loads itself again.
    """
    target = _by_header(refresh) or _by_meta(page) or _by_script(page)
    found = absolute(url, target.replace("\\/", "/")) if target else None
    return None if found == absolute(url, "") else found


def _by_header(refresh: str | None) -> str | None:
    found = _HEADER.match(refresh or "")
    return found[2].strip() if found and int(found[1]) <= MAX_REFRESH else None


def _by_meta(page: str) -> str | None:
    for tag in _META.finditer(_UNUSED.sub(" ", page)):
        content = _CONTENT.search(tag[1]) if _IS_REFRESH.search(tag[1]) else None
        if content is not None:
            return _by_header(html.unescape(content[1] or content[2] or content[3] or ""))
    return None


def _by_script(page: str) -> str | None:
    found = _SCRIPT.search(page) if len(page) <= MAX_SCRIPTED else None
    if found is None or _PROGRAM.search(page) or len(" ".join(_HIDDEN.sub(" ", page).split())) > MAX_VISIBLE:
        return None
    return found[2] or found[4]
