"""What is written of hosts: who asked us to wait, and robots.txt as it was last received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.archive.connection import Connection
from crawler.archive.store import Store
from crawler.archive.values import iso, moment, storable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRobots:
    """A robots.txt as received."""

    http_status: int | None
    """None: no response came."""
    body: bytes
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """No request to a domain before `until`."""

    until: datetime
    reason: str


def note_wait(store: Store, domain: str, wait: Wait, at: datetime) -> None:
    """A domain asked us to wait; a longer wait that it asked for before stays."""
    store.db.execute(
        "INSERT INTO hosts VALUES (?, ?, ?, ?) ON CONFLICT (domain) DO UPDATE SET not_before = excluded.not_before,"
        " reason = excluded.reason, updated_at = excluded.updated_at"
        " WHERE hosts.not_before IS NULL OR hosts.not_before < excluded.not_before"
        " OR hosts.updated_at > excluded.updated_at",
        (domain, iso(wait.until), storable(wait.reason), iso(at)),
    )


def note_robots(store: Store, origin: str, robots: StoredRobots) -> None:
    """robots.txt as it was just received."""
    store.db.execute(
        "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)",
        (origin, robots.http_status, robots.body, iso(robots.fetched_at)),
    )


def waits(db: Connection, *, now: datetime) -> dict[str, Wait]:
    """The domains that want to be left alone now; what was noted in the future was noted by a wrong clock."""
    rows = db.execute(
        "SELECT domain, not_before, reason FROM hosts WHERE not_before > :now AND updated_at <= :now", {"now": iso(now)}
    )
    return {row["domain"]: Wait(until=moment(row["not_before"]), reason=row["reason"] or "") for row in rows}


def stored_robots(db: Connection, origin: str) -> StoredRobots | None:
    """robots.txt as it was last received; None where it never was."""
    row = db.execute("SELECT http_status, body, fetched_at FROM robots WHERE origin = ?", (origin,)).fetchone()
    if row is None:
        return None
    return StoredRobots(http_status=row["http_status"], body=row["body"] or b"", fetched_at=moment(row["fetched_at"]))
