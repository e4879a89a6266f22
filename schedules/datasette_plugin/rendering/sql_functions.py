"""SQL functions that the pages and ready-made queries use. Pure; Datasette's connections get them in `plugin.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crawler.search.query_ast import quote_fts
from crawler.sqlite.values import clean_text
from crawler.text.tokenizer import has_words, to_index_form
from schedules.datasette_plugin.rendering.side_by_side import side_by_side, text_paragraphs

_PART = re.compile(r'(-?)"([^"]*)"(\*?)|(\S+)')
MOST_WORDS = 32
"""Of a search: more make a query that takes longer than anyone waits."""
BEGINNING = 5
"""Letters of a word that find its other forms as well."""
LONGEST_CHANGE = 1_200
"""Characters of an edit that a cell of a table shows."""
TOO_MUCH = "(too much to compare word by word) "
"""Stands before struck and added words that may hold some that stayed."""


def search_query(text: str | None) -> str:
    """What somebody typed as a query of FTS5 that cannot fail: all words must be there.

    "phrases" stay together, begin* finds beginnings, -word must not be there. Letters are folded and scripts written
    without spaces set apart as the index has them.
    """
    relevant: list[str] = []
    is_excluded: list[str] = []
    for minus, words, star in _parts(clean_text(text or ""))[:MOST_WORDS]:
        (is_excluded if minus else relevant).append(quote_fts(words) + "*" * star)
    if not relevant:
        return '""'
    return " AND ".join(relevant) + "".join(f" NOT {one}" for one in is_excluded)


def beginning(text: str) -> str | None:
    """What to try where a search finds nothing: the beginning of a word that was looked for. None where that is no help."""
    words = [
        word for minus, words, star in _parts(clean_text(text)) if not minus and not star for word in words.split()
    ]
    long = next((word for word in words if len(word) > BEGINNING and word.isalnum()), None)
    return f"{long[:BEGINNING]}*" if long else None


def _parts(text: str) -> list[tuple[bool, str, bool]]:
    return list(_each_part(text))


def _each_part(text: str) -> Iterator[tuple[bool, str, bool]]:
    for minus, phrase, star, word in _PART.findall(text):
        if word:
            stripped = word.strip('"').removeprefix("-")
            body = stripped.rstrip("*")
            if has_words(body):
                yield word.startswith("-"), body, stripped.endswith("*")
        elif has_words(phrase):
            yield bool(minus), phrase, bool(star)


def words_changed(*texts: str | None) -> str:
    """Title, lead and text before; the same after: what was [-struck-] and [+added+], with "…" for what stayed."""
    titles = side_by_side([texts[0] or ""], [texts[3] or ""])
    leads = side_by_side([texts[1] or ""], [texts[4] or ""])
    bodies = side_by_side(text_paragraphs(texts[2] or ""), text_paragraphs(texts[5] or ""))
    shown = []
    for row in (*titles, *leads, *bodies):
        if row.kind == "added" and row.after:
            shown.append("[+" + row.after_text + "+]")
        elif row.kind == "removed" and row.before:
            shown.append("[-" + row.before_text + "-]")
        elif row.kind == "changed":
            shown.append("".join(_shortened(row.inline)))
    text = (TOO_MUCH if any(row.is_coarse for row in bodies) else "") + " … ".join(shown)
    return text if len(text) <= LONGEST_CHANGE else text[:LONGEST_CHANGE] + " …"


def _shortened(pieces: Any) -> Iterator[str]:
    """The changed words with a few around them."""
    for piece in pieces:
        if piece.kind == "added":
            yield f"[+{piece.text}+]"
        elif piece.kind == "removed":
            yield f"[-{piece.text}-]"
        elif len(piece.text) > 80:
            yield f"{piece.text[:30]}…{piece.text[-40:]}"
        else:
            yield piece.text


def register(connection: Any) -> None:
    """Make them known to a connection. `escape_fts` is Datasette's own name for what reads its search box."""
    connection.create_function("escape_fts", 1, search_query, deterministic=True)
    connection.create_function("search_query", 1, search_query, deterministic=True)
    connection.create_function("segment", 1, lambda text: to_index_form(text or ""), deterministic=True)
    connection.create_function("words_changed", 6, words_changed, deterministic=True)
