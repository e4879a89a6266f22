"""Store the Retry-After waits of domains and the last received robots.txt of hosts."""

from __future__ import annotations

from datetime import datetime

from crawler.archive.storage.store import ArchiveStore
from crawler.models import RetryAfter, StoredRobots
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text, format_utc, parse_utc


def record_retry_after(store: ArchiveStore, domain: str, wait: RetryAfter, at: datetime) -> None:
    """Store a Retry-After of a domain, unless a longer wait is stored already."""
    store.db.execute(
        "INSERT INTO hosts VALUES (?, ?, ?, ?) ON CONFLICT (domain) DO UPDATE SET not_before = excluded.not_before,"
        " reason = excluded.reason, updated_at = excluded.updated_at"
        " WHERE hosts.not_before IS NULL OR hosts.not_before < excluded.not_before"
        " OR hosts.updated_at > excluded.updated_at",
        (domain, format_utc(wait.until), clean_text(wait.reason), format_utc(at)),
    )


def record_robots(store: ArchiveStore, origin: str, robots: StoredRobots) -> None:
    """Store a robots.txt that was just received."""
    store.db.execute(
        "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?)",
        (origin, robots.http_status, robots.body, format_utc(robots.fetched_at)),
    )


def retry_afters(db: Connection, *, now: datetime) -> dict[str, RetryAfter]:
    """Return the waits that have not expired, by domain; rows written in the future come from a wrong clock."""
    rows = db.execute(
        "SELECT domain, not_before, reason FROM hosts WHERE not_before > :now AND updated_at <= :now",
        {"now": format_utc(now)},
    )
    return {row["domain"]: RetryAfter(until=parse_utc(row["not_before"]), reason=row["reason"] or "") for row in rows}


def stored_robots(db: Connection, origin: str) -> StoredRobots | None:
    """Return the last received robots.txt of an origin; None if there is none."""
    row = db.execute("SELECT http_status, body, fetched_at FROM robots WHERE origin = ?", (origin,)).fetchone()
    if row is None:
        return None
    return StoredRobots(
        http_status=row["http_status"], body=row["body"] or b"", fetched_at=parse_utc(row["fetched_at"])
    )
