"""The leaves of daily roots: one line of text for each revision, raw page and alert, in the order of their IDs.

A deletion on purpose leaves a tombstone with the hash of the leaf, so that the daily roots can still be verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from crawler.evidence.verify_pack import leaf_hash
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc

LeafKind = Literal["revision", "page", "alert"]
LEAF_KINDS: tuple[LeafKind, ...] = get_args(LeafKind)
"""In the order in which they follow one another in a tree."""
LOWEST_ID = -(2**63)
"""SQLite's lowest integer: the first root covers every ID up to its limits."""


class LeafTable(NamedTuple):
    """Where the rows of one kind of leaf are."""

    table: str
    time: str
    """Column: when it was seen, fetched or created."""
    sha256: str
    """Column: hash of its content."""


LEAF_TABLES: dict[LeafKind, LeafTable] = {
    "revision": LeafTable("revisions", "seen_at", "row_sha256"),
    "page": LeafTable("pages", "fetched_at", "record_sha256"),
    "alert": LeafTable("alerts", "created_at", "row_sha256"),
}


@dataclass(frozen=True, slots=True)
class IdRange:
    """The rows of one kind that a root covers: IDs above `above`, up to `last`."""

    above: int
    last: int

    def __contains__(self, row_id: int) -> bool:
        """Return whether the ID is in the range."""
        return self.above < row_id <= self.last


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf, or what a removed row has left of it."""

    kind: LeafKind
    row_id: int
    digest: bytes
    """Its hash in the tree."""
    text: str | None
    """None if the row was removed."""


def leaves(db: Connection, kind: LeafKind, rows: IdRange) -> Iterator[Leaf]:
    """The leaves of one kind in the order of their IDs, those of removed rows included."""
    table, time, sha256 = LEAF_TABLES[kind]
    found = db.execute(
        f"SELECT id, {time} AS time, {sha256} AS sha256, NULL AS leaf FROM {table} WHERE id > :above AND id <= :last"
        " UNION ALL SELECT row_id, NULL, NULL, leaf_sha256 FROM tombstones WHERE kind = :kind"
        f" AND row_id > :above AND row_id <= :last AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = row_id) ORDER BY 1",
        {"kind": kind, "above": rows.above, "last": rows.last},
    )
    for row_id, at, content, removed in found:
        if removed is not None:
            yield Leaf(kind, row_id, _digest(removed), None)
            continue
        text = f"{kind} {row_id} {at} {content}"  # such as "revision 12 2026-11-29T10:00:00Z 5e88…"
        yield Leaf(kind, row_id, leaf_hash(text), text)


def leaf_of(db: Connection, kind: LeafKind, row_id: int) -> Leaf | None:
    """The leaf of one row; None if there is neither a row nor a tombstone."""
    return next(leaves(db, kind, IdRange(row_id - 1, row_id)), None)


def _digest(written: str) -> bytes:
    """The hash of a tombstone; a damaged one gives a hash that fits no root."""
    try:
        return bytes.fromhex(written)
    except ValueError:
        return b""


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
