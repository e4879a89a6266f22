"""IDs and quoting for the source tables that `scrapy sources add` and the OPML import print."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

from crawler.urls import host_of, registered_domain


def id_for(name: str, home: str, taken: Iterable[str]) -> str:
    """Return an unused ID, made from the name if it is mostly ASCII, otherwise from the host."""
    taken = {*taken, "all", "source"}
    base = _slug(name) if sum(char.isascii() for char in name) * 2 > len(name) else ""
    base = base or _slug(registered_domain(host_of(home)).partition(".")[0]) or "outlet"
    number = 2
    chosen = base
    while chosen in taken:
        chosen, number = f"{base}-{number}", number + 1
    return chosen


def quoted(text: str) -> str:
    """Return the text as a TOML basic string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _slug(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"^the\s+|['’]", "", ascii_only.lower()))
    return "-".join(words)[:40].strip("-")
