"""Row seals: a hash over every column of a row that readers are shown, verified by `scrapy archive check`.

SQLite's integrity check examines the structure of the file, not the content of its rows. The seal of a row includes the
rows that belong to it: the bylines of a revision, the sentences of a match.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crawler.sqlite.connection import Connection

SEALED = {
    "revisions": ("bylines", "revision_id", "position, name, kind"),
    "matches": ("match_sentences", "match_id", "position, change, field, sentence, spans, replaces"),
    "alerts": None,
}
"""Sealed table -> (table of its parts, its reference to the row, its columns)."""
_TEXT_COLUMNS = frozenset({"title", "lead", "byline", "text"})
"""Columns of revisions that are covered by text_sha256, so that long texts are hashed only once."""
_LEFT_OUT = frozenset({"id", "row_sha256"})


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
    parts = SEALED[table]
    if parts is None:
        return sealed_content(row)
    name, reference, columns = parts
    found = db.execute(f"SELECT {columns} FROM {name} WHERE {reference} = ? ORDER BY position", (row["id"],))
    return sealed_content(row, (tuple(part) for part in found))
