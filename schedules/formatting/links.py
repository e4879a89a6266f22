"""Values of attributes in mails and pages: links (http and https only, in ASCII) and language tags."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

MAX_URL_SHOWN = 2_000
"""Characters of a URL that all browsers and mail programs accept."""
_KEPT = "%/:=&?~#+!$,;@()*[]-._"
"""Characters of RFC 3986 that are not quoted. An apostrophe is quoted, because it can end an attribute."""


def safe_link(url: str | None) -> str | None:
    """`url` in ASCII, or None if it is not an unambiguous http(s) URL."""
    text = (url or "").strip()
    if not text or len(text) > MAX_URL_SHOWN or any(ord(character) < 33 or ord(character) == 127 for character in text):
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc or "\\" in text:
        return None
    ascii_host = _ascii(parts.netloc)
    if ascii_host is None:
        return None
    rest = text.split("//", 1)[1][len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{ascii_host}{quote(rest, safe=_KEPT, errors='replace')}"


def _ascii(netloc: str) -> str | None:
    """The host in ASCII, with Punycode for other letters; None if it is invalid."""
    if not netloc.isascii():
        try:
            netloc = netloc.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return netloc if all(character.isalnum() or character in ".-:[]_" for character in netloc) else None


def language_tag(language: str | None) -> str:
    """Value of the `lang` attribute, which chooses the font; empty if it is no language tag."""
    return language if language and language.isascii() and language.replace("-", "").isalnum() else ""


class ArchiveLinks:
    """Addresses of pages of the published archive (schedules/datasette_plugin); None without `base`."""

    def __init__(self, base: str | None) -> None:
        link = safe_link(base)
        self.base = link.rstrip("/") if link else None

    def page(self, kind: str, key: int | str | None) -> str | None:
        """The page of a story, event or source, by its ID; None also without `key`."""
        return f"{self.base}/{kind}/{quote(str(key), safe='')}" if self.base and key is not None else None

    def sentence(self, article_id: int, number: int | None, alert_id: int) -> str | None:
        """The sentence of an alert in the revision that it was found in."""
        text = f"/{number}" if number is not None else ""
        return f"{self.base}/article/{article_id}{text}#alert-{alert_id}" if self.base else None

    def alerts(self, first: int, last: int, *, topic: str | None = None) -> str | None:
        """The list of alerts with these IDs."""
        if not self.base:
            return None
        query = {"topic_id__exact": topic} if topic else {}
        query |= {"alert_id__gte": str(first), "alert_id__lte": str(last), "_sort_desc": "alert_id"}
        return f"{self.base}/archive/alert_list?{urlencode(query)}"
