"""SQL functions for the pages and the canned queries. Pure.

SQLite's time limit does not interrupt them, so each refuses or cuts inputs that would take long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

from crawler.search.searches import plain_query
from crawler.sqlite.values import clean_text
from crawler.text.diff import DiffSpan, diff_paragraphs, text_paragraphs
from crawler.text.tokenizer import to_index_form

MAX_CHANGE_LENGTH = 1_200
"""Characters of an edit that a cell shows."""
MAX_SEARCH_LENGTH = 10_000
"""Characters of a search; the search page allows fewer."""
MAX_TEXT_LENGTH = 2_000_000
"""Characters of a text, several times that of the longest articles: 0.5 s."""
MAX_SECONDS = 2.0
"""Time limit for all calls of one query together, as long as Datasette's `sql_time_limit_ms`."""
PAUSE_BETWEEN_QUERIES = 0.02
"""Seconds without a call after which the next one belongs to another query."""
COARSE_NOTE = "(too much to compare word by word) "


def search_query(text: str | None) -> str:
    """A search of plain words as an FTS5 query. Raises ValueError if it is too long."""
    text = text or ""
    if len(text) > MAX_SEARCH_LENGTH:
        raise ValueError(f"search of {len(text):,} characters, at most {MAX_SEARCH_LENGTH:,}")
    return plain_query(clean_text(text))


def words_changed(*texts: str | None) -> str:
    """What an edit [-removed-] and [+added+], with "…" for unchanged text.

    Arguments: title, lead and text of the version before, then of the version after. Raises ValueError if they are too long.
    """
    _check_length(*texts)
    old, new = [text or "" for text in texts[:3]], [text or "" for text in texts[3:]]
    rows = [
        *diff_paragraphs(old[:1], new[:1]),
        *diff_paragraphs(old[1:2], new[1:2]),
        *diff_paragraphs(text_paragraphs(old[2]), text_paragraphs(new[2])),
    ]
    changes = ["".join(_shortened(row.inline)) for row in rows if row.kind != "same"]
    shown = (COARSE_NOTE if any(row.is_coarse for row in rows) else "") + " … ".join(changes)
    return shown if len(shown) <= MAX_CHANGE_LENGTH else shown[:MAX_CHANGE_LENGTH] + " …"


def segmented(text: str | None) -> str:
    """Text as it is in the index. Raises ValueError if it is too long."""
    _check_length(text)
    return to_index_form(text or "")


def _check_length(*texts: str | None) -> None:
    length = sum(len(text or "") for text in texts)
    if length > MAX_TEXT_LENGTH:
        raise ValueError(f"text of {length:,} characters, at most {MAX_TEXT_LENGTH:,}")


def _shortened(spans: Sequence[DiffSpan]) -> Iterator[str]:
    """The changed words, with a few around them."""
    for span in spans:
        if span.kind == "added":
            yield f"[+{span.text}+]"
        elif span.kind == "removed":
            yield f"[-{span.text}-]"
        else:
            yield span.text if len(span.text) <= 80 else f"{span.text[:30]}…{span.text[-40:]}"


class _TimeLimit:
    """Refuses calls once those of one query have taken MAX_SECONDS: SQLite checks its own limit every 1,000 steps only."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.ended = 0.0

    def limited(self, function: Callable[..., str]) -> Callable[..., str]:
        def call(*args: Any) -> str:
            began = perf_counter()
            if began - self.ended > PAUSE_BETWEEN_QUERIES:
                self.seconds = 0.0
            if self.seconds > MAX_SECONDS:
                raise TimeoutError("the SQL functions of this query took too long")
            try:
                return function(*args)
            finally:
                self.ended = perf_counter()
                self.seconds += self.ended - began

        return call


def register(connection: Any) -> None:
    """Adds the functions to a connection. Datasette calls `escape_fts` for the search box of a table."""
    limit = _TimeLimit()
    for name, arguments, function in (
        ("escape_fts", 1, search_query),
        ("search_query", 1, search_query),
        ("segment", 1, segmented),
        ("words_changed", 6, words_changed),
    ):
        connection.create_function(name, arguments, limit.limited(function), deterministic=True)
