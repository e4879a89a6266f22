"""Convert a feed's title or summary, which may be text, HTML or HTML escaped twice, to plain text."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<(?:[a-zA-Z/!][^<>]{0,2000})>")
_UNSEEN = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"</?(?:p|br|div|li|h\d)\b[^<>]*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_SPACE = re.compile(r"\s+")
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
"""Quotes and dashes of Windows-1252 written as character numbers ("&#146;"); browsers decode them in the same way."""
MAX_READ = 200_000
"""Characters of markup that are read."""
MAX_TEXT = 20_000
"""Characters of a title or summary that are kept; longer texts are whole articles, which `content_html` holds."""


def markup_to_text(text: str | None) -> str | None:
    """The visible text on one line; None if there is no text."""
    if not text:
        return None
    text = text[:MAX_READ]
    for _ in range(2):  # "&amp;lt;b&amp;gt;" is common: escaped by the CMS, and again by the feed's template
        if _TAG.search(text):
            text = _TAG.sub("", _BREAK.sub(" ", _UNSEEN.sub(" ", text)))
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return _SPACE.sub(" ", text.translate(_C1)).strip()[:MAX_TEXT] or None


def whole_characters(text: str) -> str:
    """The text without lone surrogates, which JSON can express and SQLite cannot store."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
