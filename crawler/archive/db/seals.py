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

from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.rows import insert_row


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTable:
    """A table whose rows are sealed."""

    key: tuple[str, ...] = ("id",)
    parts: tuple[str, str, str] | None = None
    """Table of the rows that belong to a row, its reference to the row, its columns."""
    state: frozenset[str] = frozenset()
    """Columns that are not sealed: they change with each fetch or poll, or are compared with other tables."""

    @property
    def condition(self) -> str:
        """SQL that selects the row with a key."""
        return " AND ".join(f"{name} = ?" for name in self.key)

    def key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.key)


_ARTICLE_STATE = frozenset(
    "title byline published_at language section status words last_fetched_at latest_revision_id revision_count"
    " next_check_at fetch_count gone_at etag last_modified body_sha256 last_full_fetch_at merged_into".split()
)
_QUEUE_STATE = frozenset(
    "link_id state attempts next_try_at reason_code reason completed_at article_id".split()  # the URL must stay right
)
_OUTBOX_STATE = frozenset("content state attempts next_try_at error fault sent_at".split())  # content_sha256 is sealed
SEALED: Mapping[str, SealedTable] = {
    "sources": SealedTable(),
    "polls": SealedTable(),
    "links": SealedTable(),
    "queue": SealedTable(key=("key",), state=_QUEUE_STATE),
    "coverage": SealedTable(state=frozenset({"poll_id"})),
    "articles": SealedTable(state=_ARTICLE_STATE),
    "article_urls": SealedTable(key=("key", "url")),
    "revisions": SealedTable(parts=("bylines", "revision_id", "position, name, kind")),
    "fetches": SealedTable(),
    "stories": SealedTable(),
    "story_articles": SealedTable(key=("article_id",)),
    "events": SealedTable(),
    "event_stories": SealedTable(key=("story_id",)),
    "topics": SealedTable(),
    "topic_versions": SealedTable(state=frozenset({"cursor"})),
    "matches": SealedTable(parts=("match_sentences", "match_id", "position, change, field, sentence, spans, replaces")),
    "figures": SealedTable(),
    "alerts": SealedTable(),
    "problems": SealedTable(),
    "outbox": SealedTable(state=_OUTBOX_STATE),
    "deliveries": SealedTable(key=("alert_id", "digest_id", "recipient"), state=frozenset({"outbox_id"})),
    "digest_recipients": SealedTable(key=("digest_id", "recipient")),
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
    sealed = {
        name: value if type(value) is str else _plain(value)
        for name, value in values.items()
        if value is not None and name not in left_out
    }
    return _JSON.encode([sealed, [list(part) for part in parts]]).encode("ascii")


_JSON = json.JSONEncoder(sort_keys=True)


def _plain(value: Any) -> Any:
    """A value that is the same before it is stored and after: SQLite returns True as 1, and 3 in a REAL column as 3.0."""
    return int(value) if isinstance(value, bool) or (isinstance(value, float) and value.is_integer()) else value


def insert_sealed(
    db: Connection,
    table: str,
    columns: Mapping[str, Any],
    conflict: str = "",
    parts: Iterable[Sequence[Any]] = (),
) -> int:
    """Insert a row with its seal; returns its rowid, 0 if there was a conflict. `conflict`: an ON CONFLICT clause.

    `columns` may leave out columns that are null; a column with another default must be in it. `parts`: the rows that
    belong to the row, which the caller inserts.
    """
    state = SEALED[table].state
    columns = {name: value for name, value in columns.items() if name != "row_sha256"}
    seal = row_sha256({name: value for name, value in columns.items() if name not in state}, parts)
    return insert_row(db, table, {**columns, "row_sha256": seal}, conflict)


def stored_seal(db: Connection, table: str, row: Mapping[str, Any]) -> str:
    """The seal that a stored row should have. `row` has all columns of the table."""
    return hashlib.sha256(stored_content(db, table, row)).hexdigest()


def stored_content(db: Connection, table: str, row: Mapping[str, Any]) -> bytes:
    """The bytes of which the seal of a stored row should be the SHA-256."""
    sealed = SEALED[table]
    if sealed.state:
        row = {name: value for name, value in row.items() if name not in sealed.state}
    if sealed.parts is None:
        return sealed_content(row)
    name, reference, columns = sealed.parts
    found = db.execute(f"SELECT {columns} FROM {name} WHERE {reference} = ? ORDER BY position", (row[sealed.key[0]],))
    return sealed_content(row, (tuple(part) for part in found))


def seal_row(db: Connection, table: str, *key: object) -> None:
    """Seal a row as it is now: called in the transaction that changed it."""
    seal_rows(db, table, SEALED[table].condition, key)


def seal_rows(db: Connection, table: str, condition: str, parameters: Sequence[object]) -> None:
    """Seal all rows that meet an SQL condition as they are now: called in the transaction that changed them."""
    sealed = SEALED[table]
    for row in db.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(parameters)).fetchall():
        seal = stored_seal(db, table, dict(row))
        db.execute(f"UPDATE {table} SET row_sha256 = ? WHERE {sealed.condition}", (seal, *sealed.key_of(row)))


def keys_of_valid(db: Connection, table: str, condition: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """Keys of the rows that meet an SQL condition and whose seal matches. Only these are sealed again after a change."""
    rows = db.execute(f"SELECT * FROM {table} WHERE {condition}", tuple(parameters)).fetchall()
    key_of = SEALED[table].key_of
    return [key_of(row) for row in rows if stored_seal(db, table, dict(row)) == row["row_sha256"]]
