"""Search the current versions of articles, in plain words or in the language of topics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.events.queries import source_languages
from crawler.config.topics import TOPICS_FILE, load_terms
from crawler.search.searches import searched_query
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc
from crawler.text.word_forms import phrase_forms


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
