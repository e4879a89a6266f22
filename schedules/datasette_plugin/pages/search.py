"""The search page: articles by full text, and topics, sources and writers by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from crawler.sqlite.connection import Connection
from crawler.text.folding import fold, offset_map
from crawler.text.tokenizer import SEPARATOR
from schedules.datasette_plugin.rendering.sql_functions import beginning, search_query

HITS_PER_PAGE = 25
MOST_COUNTED = 2_000
"""Texts that are counted and sorted into facets: the newest. More are told as "more than 2,000"."""
OPEN, CLOSE = "\ue001", "\ue002"
"""Marks around what was found. From the private use area; where a text holds them, a mark is drawn too much, no more."""
_BETWEEN = re.compile(f"({OPEN}|{CLOSE})")
_CUT = " … "
"""Where a snippet was cut from its text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """An article that was found, with the words around what was looked for."""

    article: Mapping[str, Any]
    title: Markup
    snippet: Markup
    is_newest: bool
    """Whether it is the newest text of its article that holds the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found."""

    words: str
    asks: bool = False
    """Whether there is a word to look for: signs are none, and -word alone only leaves out."""
    found: tuple[SearchHit, ...] = ()
    count: int = 0
    """Texts found; MOST_COUNTED where there are more."""
    next_before: int | None = None
    by_source: tuple[tuple[str, str, int], ...] = ()
    topics: tuple[Mapping[str, Any], ...] = ()
    sources: tuple[Mapping[str, Any], ...] = ()
    writers: tuple[Mapping[str, Any], ...] = ()

    @property
    def hint(self) -> str | None:
        return beginning(self.words)

    @property
    def has_more_than_counted(self) -> bool:
        return self.count >= MOST_COUNTED


def search(db: Connection, words: str, *, source: str | None = None, before: int | None = None) -> Search:
    """The newest texts first. The FTS index walks from the newest, so a common word costs no more than a rare one."""
    query = search_query(words)
    if query == '""':
        return Search(words=words)
    counted = db.execute(
        "SELECT a.source_id, s.name, count(*) AS n FROM"
        " (SELECT rowid AS id FROM revisions_fts WHERE revisions_fts MATCH ? ORDER BY rowid DESC LIMIT ?) f"
        " JOIN revisions r ON r.id = f.id JOIN articles a ON a.id = r.article_id JOIN sources s ON s.id = a.source_id"
        " GROUP BY a.source_id ORDER BY n DESC, s.name",
        (query, MOST_COUNTED),
    ).fetchall()
    rows = db.execute(
        _FIND, {"query": query, "source": source, "before": before or 1 << 62, "limit": HITS_PER_PAGE + 1}
    ).fetchall()
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return Search(
        words=words,
        asks=True,
        found=tuple(_found(db, query, row) for row in rows[:HITS_PER_PAGE]),
        count=sum(row["n"] for row in counted),
        next_before=rows[HITS_PER_PAGE - 1]["revision_id"] if len(rows) > HITS_PER_PAGE else None,
        by_source=tuple((row["source_id"], row["name"], row["n"]) for row in counted),
        topics=_named(db, "SELECT id, title FROM topics WHERE title LIKE ? ESCAPE '\\' ORDER BY title LIMIT 5", like),
        sources=_named(db, "SELECT id, name FROM sources WHERE name LIKE ? ESCAPE '\\' ORDER BY name LIMIT 5", like),
        writers=_named(
            db,
            "SELECT name, count(*) AS articles FROM bylines WHERE name >= ?1 AND name < ?1 || char(1114111)"
            " GROUP BY name ORDER BY articles DESC LIMIT 5",
            words.strip(),
        ),
    )


_FIND = """
SELECT r.id AS revision_id, r.number, r.title, r.byline, r.published_at, r.seen_at, r.language, a.id AS id,
  a.latest_revision_id, a.revision_count, s.name AS source
FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN articles a ON a.id = r.article_id
JOIN sources s ON s.id = a.source_id
WHERE f.revisions_fts MATCH :query AND f.rowid < :before AND (:source IS NULL OR a.source_id = :source)
ORDER BY f.rowid DESC LIMIT :limit
"""


def _named(db: Connection, sql: str, words: str) -> tuple[dict[str, Any], ...]:
    return tuple(dict(row) for row in db.execute(sql, (words,)))


def _found(db: Connection, query: str, row: Any) -> SearchHit:
    shown = db.execute(
        "SELECT highlight(revisions_fts, 0, ?1, ?2) AS title, snippet(revisions_fts, -1, ?1, ?2, ?5, 30) AS snippet"
        " FROM revisions_fts WHERE revisions_fts MATCH ?3 AND rowid = ?4",
        (OPEN, CLOSE, query, row["revision_id"], _CUT),
    ).fetchone()
    stored = db.execute(
        "SELECT r.title, r.lead, r.byline, r.text FROM revision_segments s JOIN revisions r ON r.id = s.revision_id"
        " WHERE s.revision_id = ?",
        (row["revision_id"],),
    ).fetchone()
    texts = [text for text in stored or () if text]
    return SearchHit(
        article=dict(row),
        title=_marked(_as_written(shown["title"] or "", texts)),
        snippet=_marked(_as_written(shown["snippet"] or "", texts)),
        is_newest=row["revision_id"] == row["latest_revision_id"],
    )


def _as_written(shown: str, texts: Sequence[str]) -> str:
    """What the index shows, marks and all, in the characters of the one of `texts` that it was taken from."""
    shown = shown.replace(SEPARATOR, "")
    begin = len(_CUT) if shown.startswith(_CUT) else 0
    end = len(shown) - (len(_CUT) if shown.endswith(_CUT) else 0)
    bare = _BETWEEN.sub("", shown[begin:end])
    for text in texts:
        at = fold(text).find(bare)
        if at >= 0:
            return shown[:begin] + "".join(_written(shown[begin:end], text, offset_map(text), at)) + shown[end:]
    return shown


def _written(shown: str, text: str, origins: Sequence[int], at: int) -> Iterator[str]:
    for part in _BETWEEN.split(shown):
        if part in (OPEN, CLOSE):
            yield part
        else:
            yield text[origins[at] : origins[at + len(part)]]
            at += len(part)


def _marked(text: str) -> Markup:
    parts, inside = [], False
    for part in _BETWEEN.split(text):
        if part in (OPEN, CLOSE):
            inside = part == OPEN
        elif part:
            parts.append(Markup("<mark>{}</mark>").format(part) if inside else escape(part))
    return Markup("").join(parts)
