"""What a deletion on purpose leaves: the hash of the leaf, so that the daily roots can still be verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.evidence.leaves import LeafKind, leaf_of
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A row that was removed on purpose."""

    kind: LeafKind
    row_id: int
    removed_at: str
    reason: str


def leave_tombstones(db: Connection, kind: LeafKind, row_ids: Sequence[int], *, at: datetime, reason: str) -> None:
    """Record that rows are removed. Call it before they are deleted, in the same transaction.

    Raises NotFoundError for a row that does not exist.
    """
    for row_id in row_ids:
        leaf = leaf_of(db, kind, row_id)
        if leaf is None or leaf.text is None:
            raise NotFoundError(f"no {kind} {row_id} in the archive")
        db.execute(
            "INSERT INTO tombstones (kind, row_id, leaf_sha256, removed_at, reason) VALUES (?, ?, ?, ?, ?)",
            (kind, row_id, leaf.digest.hex(), format_utc(at), clean_text(reason)),
        )


def tombstones(db: Connection) -> list[Tombstone]:
    """All removed rows in the order of their removal."""
    rows = db.execute("SELECT kind, row_id, removed_at, reason FROM tombstones ORDER BY removed_at, kind, row_id")
    return [from_row(Tombstone, row) for row in rows]


def tombstone_of(db: Connection, kind: LeafKind, row_id: int) -> Tombstone | None:
    """The tombstone of a row; None if it was not removed on purpose."""
    return next((one for one in tombstones(db) if (one.kind, one.row_id) == (kind, row_id)), None)
