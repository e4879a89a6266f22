"""Store and read the time-stamps of daily roots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc

TimestampKind = Literal["rfc3161", "opentimestamps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RootTimestamp:
    """One row of root_timestamps."""

    day: str
    kind: TimestampKind
    host: str
    content: bytes


def root_timestamps(db: Connection) -> list[RootTimestamp]:
    """All stored replies, in the order of days and of their arrival."""
    rows = db.execute("SELECT day, kind, host, content FROM root_timestamps ORDER BY day, received_at, kind, host")
    return [from_row(RootTimestamp, row) for row in rows]


def store_timestamp(db: Connection, day: str, kind: TimestampKind, host: str, content: bytes, *, at: datetime) -> None:
    """Store the reply of a service for the root of a day."""
    with transaction(db):
        # Another process may have stored one meanwhile: either is valid.
        db.execute(
            "INSERT OR IGNORE INTO root_timestamps (day, kind, host, content, received_at) VALUES (?, ?, ?, ?, ?)",
            (day, kind, host, content, format_utc(at)),
        )
