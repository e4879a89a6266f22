"""Row seals: a hash over every column of a row that readers are shown, verified by `scrapy archive check`.

SQLite's integrity check examines the structure of the file, not the content of its rows. The seal of a row includes the
rows that belong to it: the bylines of a revision, the sentences of a match.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.sqlite.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table whose rows are sealed."""

    key: str = "id"
    parts: tuple[str, str, str] | None = None
    """Table of the rows that belong to a row, its reference to the row, its columns."""


SEALED: Mapping[str, SealedTable] = {
    "revisions": SealedTable(parts=("bylines", "revision_id", "position, name, kind")),
    "matches": SealedTable(parts=("match_sentences", "match_id", "position, change, field, sentence, spans, replaces")),
    "alerts": SealedTable(),
    "fetches": SealedTable(),
    "links": SealedTable(),
    "problems": SealedTable(),
    "story_articles": SealedTable(key="article_id"),
}
_TEXT_COLUMNS = frozenset({"title", "lead", "byline", "text"})
"""Columns of revisions that are covered by text_sha256, so that long texts are hashed only once."""
_LEFT_OUT = frozenset({"id", "row_sha256", "text_pruned_at"})


def row_sha256(values: Mapping[str, Any], parts: Iterable[Sequence[Any]] = ()) -> str:
    """The seal of a row. Nulls are left out, so that a migration may add columns."""
    return hashlib.sha256(sealed_content(values, parts)).hexdigest()


def sealed_content(values: Mapping[str, Any], parts: Iterable[Sequence[Any]] = ()) -> bytes:
    """The bytes of which the seal of a row is the SHA-256: JSON of its values and of the rows that belong to it."""
    left_out = _LEFT_OUT | _TEXT_COLUMNS if "text_sha256" in values else _LEFT_OUT
    sealed = {name: value for name, value in values.items() if name not in left_out and value is not None}
    return json.dumps([sealed, [list(part) for part in parts]], sort_keys=True).encode("ascii")


def stored_seal(db: Connection, table: str, row: Mapping[str, Any]) -> str:
    """The seal that a stored row should have. `row` has all columns of the table."""
    return hashlib.sha256(stored_content(db, table, row)).hexdigest()


def stored_content(db: Connection, table: str, row: Mapping[str, Any]) -> bytes:
    """The bytes of which the seal of a stored row should be the SHA-256."""
    sealed = SEALED[table]
    if sealed.parts is None:
        return sealed_content(row)
    name, reference, columns = sealed.parts
    found = db.execute(f"SELECT {columns} FROM {name} WHERE {reference} = ? ORDER BY position", (row[sealed.key],))
    return sealed_content(row, (tuple(part) for part in found))


def seal_row(db: Connection, table: str, key: int) -> None:
    """Seal a row as it is now: called in the transaction that changed it."""
    name = SEALED[table].key
    row = dict(db.execute(f"SELECT * FROM {table} WHERE {name} = ?", (key,)).fetchone())
    db.execute(f"UPDATE {table} SET row_sha256 = ? WHERE {name} = ?", (stored_seal(db, table, row), key))
