"""The words that the archive holds, as full-text search knows them."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.sqlite.connection import Connection


@dataclass(frozen=True, slots=True)
class Term:
    """A word as the tokenizer has it: lower case, without diacritics."""

    word: str
    revisions: int
    """That hold it."""


class Vocabulary:
    """Looks up words. The table behind it is temporary and belongs to the connection."""

    def __init__(self, db: Connection) -> None:
        db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, revisions_fts, row)")
        self._db = db

    def beginning_with(self, prefix: str, *, limit: int = 1000) -> list[Term]:
        """The words that begin so, the most frequent first."""
        rows = self._db.execute(
            "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? ORDER BY doc DESC, term LIMIT ?",
            (prefix, prefix + "\U0010ffff", limit),
        )
        return [Term(row["term"], row["doc"]) for row in rows]

    def revisions_with(self, word: str) -> int:
        """How many revisions hold the word; 0 where none does."""
        row = self._db.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (word,)).fetchone()
        return int(row["doc"]) if row is not None else 0
