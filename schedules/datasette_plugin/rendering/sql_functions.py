"""SQL functions for the pages and the canned queries. Pure.

SQLite's time limit does not interrupt them, so each refuses or cuts inputs that would take long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from crawler.search.query_ast import quote_fts
from crawler.sqlite.values import clean_text
from crawler.text.diff import DiffSpan
from crawler.text.tokenizer import has_words, to_index_form
from schedules.datasette_plugin.rendering.side_by_side import side_by_side, text_paragraphs

_PART = re.compile(r'(-?)"([^"]*)"(\*?)|(\S+)')
MAX_SEARCH_WORDS = 32
"""More words make a query that takes too long."""
PREFIX_LENGTH = 5
"""Letters of a prefix that also finds other forms of a word."""
MAX_CHANGE_LENGTH = 1_200
"""Characters of an edit that a cell shows."""
COARSE_NOTE = "(too much to compare word by word) "


def search_query(text: str | None) -> str:
    """A search as typed, as an FTS5 query that is always valid: all words must occur.

    "phrases" stay together, prefix* finds beginnings, -word excludes. Letters are folded, and scripts without spaces
    are segmented, as in the index.
    """
    included: list[str] = []
    excluded: list[str] = []
    for is_excluded, words, star in list(_parts(clean_text(text or "")))[:MAX_SEARCH_WORDS]:
        (excluded if is_excluded else included).append(quote_fts(words) + "*" * star)
    if not included:
        return '""'
    return " AND ".join(included) + "".join(f" NOT {one}" for one in excluded)


def prefix_hint(text: str) -> str | None:
    """A prefix to try when a search finds nothing; None if no word is long enough."""
    parts = _parts(clean_text(text))
    words = [word for excluded, words, star in parts if not excluded and not star for word in words.split()]
    long = next((word for word in words if len(word) > PREFIX_LENGTH and word.isalnum()), None)
    return f"{long[:PREFIX_LENGTH]}*" if long else None


def _parts(text: str) -> Iterator[tuple[bool, str, bool]]:
    """(Excluded, words, prefix) of each word or phrase."""
    for minus, phrase, star, word in _PART.findall(text):
        if word:
            stripped = word.strip('"').removeprefix("-")
            body = stripped.rstrip("*")
            if has_words(body):
                yield word.startswith("-"), body, stripped.endswith("*")
        elif has_words(phrase):
            yield bool(minus), phrase, bool(star)


def words_changed(*texts: str | None) -> str:
    """What an edit [-removed-] and [+added+], with "…" for unchanged text.

    Arguments: title, lead and text of the version before, then of the version after.
    """
    old, new = [text or "" for text in texts[:3]], [text or "" for text in texts[3:]]
    rows = [
        *side_by_side(old[:1], new[:1]),
        *side_by_side(old[1:2], new[1:2]),
        *side_by_side(text_paragraphs(old[2]), text_paragraphs(new[2])),
    ]
    changes = ["".join(_shortened(row.inline or (*row.before, *row.after))) for row in rows if row.kind != "same"]
    shown = (COARSE_NOTE if any(row.is_coarse for row in rows) else "") + " … ".join(changes)
    return shown if len(shown) <= MAX_CHANGE_LENGTH else shown[:MAX_CHANGE_LENGTH] + " …"


def _shortened(spans: Sequence[DiffSpan]) -> Iterator[str]:
    """The changed words, with a few around them."""
    for span in spans:
        if span.kind == "added":
            yield f"[+{span.text}+]"
        elif span.kind == "removed":
            yield f"[-{span.text}-]"
        else:
            yield span.text if len(span.text) <= 80 else f"{span.text[:30]}…{span.text[-40:]}"


def register(connection: Any) -> None:
    """Adds the functions to a connection. Datasette calls `escape_fts` for the search box of a table."""
    connection.create_function("escape_fts", 1, search_query, deterministic=True)
    connection.create_function("search_query", 1, search_query, deterministic=True)
    connection.create_function("segment", 1, lambda text: to_index_form(text or ""), deterministic=True)
    connection.create_function("words_changed", 6, words_changed, deterministic=True)
