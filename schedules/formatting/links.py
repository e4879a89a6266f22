"""Links of a mail: only http and https, only characters that cannot mean anything else."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

MAX_URL_SHOWN = 2_000
"""Characters of an address that browsers and mail programs follow for sure."""
_KEPT = "%/:=&?~#+!$,;@()*[]-._"
"""Of RFC 3986; an apostrophe is written as %27, as it ends attributes."""


def safe_link(url: str | None) -> str | None:
    """`url` in ASCII, or None where it is no web address that can be followed without a doubt of where it leads."""
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
    return f"{parts.scheme.lower()}://{ascii_host}{_quoted(rest)}"


def _ascii(netloc: str) -> str | None:
    """The host as DNS has it: a name of other letters in Punycode."""
    if not netloc.isascii():
        try:
            netloc = netloc.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return netloc if all(character.isalnum() or character in ".-:[]_" for character in netloc) else None


def _quoted(text: str) -> str:
    try:
        return quote(text, safe=_KEPT)
    except UnicodeError:  # a lone surrogate
        return quote(text, safe=_KEPT, errors="replace")


class ArchiveLinks:
    """Pages of a Datasette that serves archive.db (schedules/browsing); all are None where there is none."""

    def __init__(self, base: str | None) -> None:
        link = safe_link(base)
        self.base = link.rstrip("/") if link else None

    def sentence(self, article_id: int, number: int | None, alert_id: int) -> str | None:
        """What an alert found, in the very text in which it was found: a later edit does not change the evidence."""
        text = f"/{number}" if number is not None else ""
        return f"{self.base}/article/{article_id}{text}#alert-{alert_id}" if self.base else None

    def story(self, story_id: int) -> str | None:
        """All who carry it, and what each adds."""
        return f"{self.base}/story/{story_id}" if self.base else None

    def source(self, source_id: str) -> str | None:
        """How an outlet is."""
        return f"{self.base}/source/{quote(source_id, safe='')}" if self.base else None

    def alerts(self, first: int, last: int, *, topic: str | None = None) -> str | None:
        if not self.base:
            return None
        relevant = {"topic_id__exact": topic} if topic else {}
        relevant |= {"alert_id__gte": str(first), "alert_id__lte": str(last), "_sort_desc": "alert_id"}
        return f"{self.base}/archive/alert_list?{urlencode(relevant)}"
