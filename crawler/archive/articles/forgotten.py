"""Recognise articles that were removed with `scrapy archive forget`, by the hashes of their URL forms."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.sqlite.values import clean_text

FORGOTTEN = Reason(ReasonCode.FORGOTTEN, "removed with `scrapy archive forget`; not stored again")


def key_sha256(key: str) -> str:
    """The hash under which a tombstone holds a URL form."""
    return hashlib.sha256(clean_text(key).encode()).hexdigest()


def forgotten_id_of(db: Connection, keys: Sequence[str]) -> int | None:
    """forgotten.id of the removed article with one of these keys; None if none was removed."""
    if db.execute("SELECT 1 FROM forgotten_keys LIMIT 1").fetchone() is None:  # nearly every archive
        return None
    hashes = [key_sha256(key) for key in keys]
    row = db.execute(
        f"SELECT forgotten_id FROM forgotten_keys WHERE key_sha256 IN ({marks(hashes)})", hashes
    ).fetchone()
    return int(row[0]) if row is not None else None


def extend_tombstone(db: Connection, forgotten_id: int, keys: Sequence[str]) -> None:
    """Add URL forms to a tombstone and delete the links and queue entries under them. Runs inside a transaction."""
    for key in dict.fromkeys(clean_text(key) for key in keys if key):
        db.execute("INSERT OR IGNORE INTO forgotten_keys VALUES (?, ?)", (key_sha256(key), forgotten_id))
        db.execute("DELETE FROM queue WHERE key = ?", (key,))
        db.execute("UPDATE queue SET link_id = NULL WHERE link_id IN (SELECT id FROM links WHERE key = ?)", (key,))
        db.execute(
            "DELETE FROM links WHERE key = ? AND NOT EXISTS (SELECT 1 FROM revisions WHERE link_id = links.id)", (key,)
        )
