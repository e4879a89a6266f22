"""The search page: articles by full text, and topics, sources and authors by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from datasette.utils.asgi import BadRequest
from markupsafe import Markup, escape

from crawler.archive.articles.search import article_query
from crawler.config.topic_tables import format_query_error
from crawler.search.query_ast import QueryError
from crawler.search.searches import NO_WORDS, prefix_hint
from crawler.sqlite.connection import Connection
from crawler.text.tokenizer import SEPARATOR, fold, offset_map
from schedules.datasette_plugin import article_queries
from schedules.datasette_plugin.queries import PageRow, filter_choices
from schedules.datasette_plugin.responses import Context, PageRequest

SEARCH_FILTERS = ("source", "tag", "topic", "language", "since", "until")
HITS_PER_PAGE = 25
MAX_COUNTED = 2_000
"""Hits that are counted by source: the newest."""
MAX_WORDS_LENGTH = 1_000
"""Characters. SQLite refuses LIKE patterns over 50,000 bytes."""
OPEN, CLOSE = "\ue001", "\ue002"
"""Delimiters of a hit, from the private use area. If a text contains them, too much is highlighted."""
SNIPPET_CUT = " … "
_DELIMITER = re.compile(f"({OPEN}|{CLOSE})")


def search_context(db: Connection, request: PageRequest) -> Context:
    """The newest hits first: the FTS index is read from the newest, so a frequent word costs as much as a rare one.

    Raises BadRequest if the search is too long, NotFound if `before` is invalid.
    """
    words, before = (request.args.get("q") or "").strip(), request.before
    filters = request.filters(*SEARCH_FILTERS)
    values = request.sql_values(filters)
    if len(words) > MAX_WORDS_LENGTH:
        raise BadRequest(f"The search is too long: {len(words):,} characters, at most {MAX_WORDS_LENGTH:,}")
    context: Context = {"words": words, "filters": filters, "before": before, "has_words": False}
    try:
        query = article_query(db, words)
    except QueryError as error:
        return context | {"fault": format_query_error(words, error)}
    context["has_words"] = query != NO_WORDS
    if query == NO_WORDS:
        return context
    by_source = article_queries.count_hits(db, query, values, MAX_COUNTED)
    rows = article_queries.find_hits(db, query, values, before=before, limit=HITS_PER_PAGE + 1)
    pattern = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return context | {
        "filter_names": SEARCH_FILTERS,
        "choices": filter_choices(db),
        "hits": [row | _highlighted(db, query, row) for row in rows[:HITS_PER_PAGE]],
        "by_source": by_source,
        "count": sum(row["hits"] for row in by_source),
        "max_counted": MAX_COUNTED,
        "next_before": rows[HITS_PER_PAGE - 1]["revision_id"] if len(rows) > HITS_PER_PAGE else None,
        "topics": article_queries.named_topics(db, pattern),
        "sources": article_queries.named_sources(db, pattern),
        "authors": article_queries.named_authors(db, words),
        "hint": prefix_hint(words),
    }


def _highlighted(db: Connection, query: str, row: PageRow) -> PageRow:
    """Title and snippet of a hit as HTML."""
    shown = article_queries.hit_snippet(db, query, row["revision_id"], (OPEN, CLOSE, SNIPPET_CUT))
    texts = article_queries.segmented_texts(db, row["revision_id"])
    return {name: _as_html(_as_stored(text or "", texts)) for name, text in shown.items()}


def _as_stored(shown: str, texts: Sequence[str]) -> str:
    """A snippet of the index, delimiters included, in the characters of the text that it was taken from."""
    shown = shown.replace(SEPARATOR, "")
    begin = len(SNIPPET_CUT) if shown.startswith(SNIPPET_CUT) else 0
    end = len(shown) - (len(SNIPPET_CUT) if shown.endswith(SNIPPET_CUT) else 0)
    bare = _DELIMITER.sub("", shown[begin:end])
    for text in texts:
        at = fold(text).find(bare)
        if at >= 0:
            return shown[:begin] + "".join(_unfolded(shown[begin:end], text, offset_map(text), at)) + shown[end:]
    return shown


def _unfolded(shown: str, text: str, offsets: Sequence[int], at: int) -> Iterator[str]:
    for part in _DELIMITER.split(shown):
        if part in (OPEN, CLOSE):
            yield part
        else:
            yield text[offsets[at] : offsets[at + len(part)]]
            at += len(part)


def _as_html(text: str) -> Markup:
    parts, inside = [], False
    for part in _DELIMITER.split(text):
        if part in (OPEN, CLOSE):
            inside = part == OPEN
        elif part:
            parts.append(Markup("<mark>{}</mark>").format(part) if inside else escape(part))
    return Markup("").join(parts)
