"""Search the current versions of articles, in plain words or in the language of topics; look up URLs, headlines and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.events.queries import source_languages
from crawler.config.topics import TOPICS_FILE, load_terms
from crawler.search.query_ast import quote_fts
from crawler.search.searches import searched_query
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc
from crawler.text.tokenizer import tokenize
from crawler.text.word_forms import phrase_forms
from crawler.urls import absolute, url_key


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """An article whose current version a search finds."""

    id: int
    title: str
    source: str
    """The outlet's name."""
    language: str | None
    at: datetime
    """Published, or else first seen."""
    url: str
    snippet: str
    """Words around the hits, which stand in [square brackets]; letters as in the index."""


def article_query(db: Connection, words: str) -> str:
    """A search as an FTS5 query, with the lists and names of the files next to the archive, in the languages of its sources.

    Raises QueryError.
    """
    folder = Path(db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]).parent
    terms = load_terms(folder / TOPICS_FILE) if "$" in words else {}
    languages = sorted(source_languages(db))
    return searched_query(clean_text(words), terms, lambda written: phrase_forms(written, languages))


def search_articles(
    db: Connection,
    query: str,
    *,
    source: str | None = None,
    language: str | None = None,
    since: datetime | None = None,
    limit: int = -1,
) -> list[FoundArticle]:
    """Articles whose current version an FTS5 query finds, the version stored last first; -1 for all."""
    rows = db.execute(
        "SELECT a.id, coalesce(a.title, '') AS title, s.name AS source, a.language,"
        " coalesce(a.published_at, a.first_seen_at) AS at, a.url,"
        " snippet(revisions_fts, -1, '[', ']', ' … ', 24) AS snippet"
        " FROM revisions_fts f JOIN articles a ON a.latest_revision_id = f.rowid JOIN sources s ON s.id = a.source_id"
        " WHERE f.revisions_fts MATCH :query AND (:source IS NULL OR a.source_id = :source)"
        " AND (:language IS NULL OR a.language = :language)"
        " AND coalesce(a.published_at, a.first_seen_at) >= :since ORDER BY f.rowid DESC LIMIT :limit",
        {
            "query": query, "source": source, "language": language, "limit": limit,
            "since": format_utc(since) if since else "",
        },
    )  # fmt: skip
    return [from_row(FoundArticle, row) for row in rows]


LEAST_COMMON = 0.6
"""Share of the distinct words of two headlines that they have in common, for both to be of the same report."""
MOST_CANDIDATES = 50
MOST_WORDS = 40
"""Words of a headline that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What the archive has of a URL or headline."""

    written: str
    article_id: int | None = None
    title: str | None = None
    """Of that article."""
    reason: str | None = None
    """Why a known URL has no article: it waits, or it was dropped."""


def look_up_article(db: Connection, written: str) -> Lookup:
    """Look up a line: a URL, in any of its forms, or a headline, also of an earlier version or with a few other words."""
    url = absolute("", written) if "://" in written else None
    return _by_url(db, written, url) if url is not None else _by_headline(db, written)


def _by_url(db: Connection, written: str, url: str) -> Lookup:
    row = db.execute(
        "SELECT a.id, a.title FROM article_urls u JOIN articles a ON a.id = u.article_id"
        " WHERE u.url = :url OR u.key = :key ORDER BY u.url <> :url LIMIT 1",
        {"url": url, "key": url_key(url)},
    ).fetchone()
    if row is not None:
        return Lookup(written=written, article_id=row["id"], title=row["title"])
    queued = db.execute(
        "SELECT state, reason FROM queue WHERE key = ? AND article_id IS NULL", (url_key(url),)
    ).fetchone()
    if queued is None:
        return Lookup(written=written)
    why = f": {queued['reason']}" if queued["reason"] else ""
    return Lookup(written=written, reason=f"{queued['state']}{why}")


def _by_headline(db: Connection, written: str) -> Lookup:
    words = set(tokenize(written)[:MOST_WORDS])
    if not words:
        return Lookup(written=written)
    quoted = [quote_fts(word) for word in sorted(words)]
    for operator in (" AND ", " OR "):
        rows = db.execute(
            "SELECT r.article_id, r.title FROM (SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?"
            " ORDER BY rank LIMIT ?) f JOIN revisions r ON r.id = f.rowid WHERE r.title IS NOT NULL",
            (f"title : ({operator.join(quoted)})", MOST_CANDIDATES),
        )
        found = [(_common(words, set(tokenize(row["title"]))), row["article_id"], row["title"]) for row in rows]
        best = max(found, default=(0.0, 0, ""))
        if best[0] >= LEAST_COMMON:
            return Lookup(written=written, article_id=best[1], title=best[2])
    return Lookup(written=written)


def _common(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


@dataclass(frozen=True, slots=True)
class Term:
    """A token of the index: lower case, without diacritics."""

    word: str
    revisions: int
    """Number of revisions that contain it."""


class Vocabulary:
    """Looks up words, in a temporary table of the connection."""

    def __init__(self, db: Connection) -> None:
        db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, revisions_fts, row)")
        self._db = db

    def beginning_with(self, prefix: str, *, limit: int = 1000) -> list[Term]:
        """Return the words with a prefix, the most frequent first."""
        rows = self._db.execute(
            "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? ORDER BY doc DESC, term LIMIT ?",
            (prefix, prefix + "\U0010ffff", limit),
        )
        return [Term(row["term"], row["doc"]) for row in rows]

    def frequent(self, min_revisions: int) -> Iterator[Term]:
        """Yield all words that so many revisions contain, in alphabetical order."""
        rows = self._db.execute("SELECT term, doc FROM temp.vocabulary WHERE doc >= ?", (min_revisions,))
        yield from (Term(row["term"], row["doc"]) for row in rows)

    def revisions_with(self, word: str) -> int:
        """Return the number of revisions that contain a word."""
        row = self._db.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (word,)).fetchone()
        return int(row["doc"]) if row is not None else 0


def revisions_matching(db: Connection, query: str) -> int:
    """Return the number of revisions that an FTS5 query finds."""
    return int(db.execute("SELECT count(*) FROM revisions_fts WHERE revisions_fts MATCH ?", (query,)).fetchone()[0])
