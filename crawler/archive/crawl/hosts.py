"""Store the Retry-After waits of domains and the last received robots.txt of origins, within limits."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

from crawler.archive.storage.store import ArchiveStore
from crawler.models import RetryAfter, StoredRobots
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text, format_utc, parse_utc
from crawler.urls import host_of, registered_domain

MAX_ROBOTS_BYTES = 512_001
"""Bytes of a body that are stored: one more than are parsed, so that the parser leaves out a line that was cut."""
ROBOTS_PER_DOMAIN = 20
"""Origins of a registered domain whose robots.txt is stored. Outlets use one to five; a site may invent any number."""
ROBOTS_KEPT_FOR = timedelta(days=30)
"""How long a robots.txt is stored. A host in use has it fetched each day; an unreachable one uses it for 30 days."""


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
    """Store a robots.txt that was just received; delete those that are not used and those beyond the domain's limit."""
    domain = registered_domain(host_of(origin))
    body = zlib.compress(robots.body[:MAX_ROBOTS_BYTES]) if robots.body else None
    store.db.execute(
        "INSERT OR REPLACE INTO robots (origin, domain, http_status, fetched_at, body) VALUES (?, ?, ?, ?, ?)",
        (origin, domain, robots.http_status, format_utc(robots.fetched_at), body),
    )
    store.db.execute("DELETE FROM robots WHERE fetched_at < ?", (format_utc(robots.fetched_at - ROBOTS_KEPT_FOR),))
    store.db.execute(
        "DELETE FROM robots WHERE domain = ?1 AND origin <> ?2 AND origin NOT IN"
        " (SELECT origin FROM robots WHERE domain = ?1 AND origin <> ?2 ORDER BY fetched_at DESC LIMIT ?3)",
        (domain, origin, ROBOTS_PER_DOMAIN - 1),
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
    try:
        body = zlib.decompressobj().decompress(row["body"], MAX_ROBOTS_BYTES) if row["body"] else b""
    except zlib.error:  # damaged: it is fetched again
        return None
    return StoredRobots(http_status=row["http_status"], body=body, fetched_at=parse_utc(row["fetched_at"]))
