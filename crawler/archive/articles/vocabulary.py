"""Look up the words of the full-text index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.sqlite.connection import Connection


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
