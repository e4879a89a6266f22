"""What the crawl reads from the archive: what is due, what waits, what was there before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.connection import Connection
from crawler.archive.links import link_of_row
from crawler.archive.polls import QueueEntry
from crawler.archive.values import iso, moment, moment_or_none
from crawler.timetable import RETRIES, VISITS, too_far


@dataclass(frozen=True, slots=True, kw_only=True)
class WayState:
    """What the archive knows of a way."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    full_at: datetime | None = None
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0

    def is_due(self, now: datetime) -> bool:
        """Also where it was last asked in the future: the clock was set back since."""
        return self.next_poll_at is None or self.polled_at is None or not self.polled_at <= now < self.next_poll_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An article that is due to be looked at again."""

    article_id: int
    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    full_at: datetime | None


def way_states(db: Connection, source: str) -> dict[str, WayState]:
    """By URL; ways that were never polled are there once a crawl has met them."""
    rows = db.execute(
        "SELECT url, etag, last_modified, body_sha256, full_at, polled_at, next_poll_at, failures FROM ways"
        " WHERE source_id = ?",
        (source,),
    )
    return {row["url"]: WayState(**_with_times(row, "full_at", "polled_at", "next_poll_at")) for row in rows}


def ways_not_due(db: Connection, *, now: datetime) -> set[tuple[str, str]]:
    """(source, URL) of the ways that are left alone now. What a crawl asks first, before anything heavy is imported."""
    rows = db.execute(
        "SELECT source_id, url FROM ways WHERE next_poll_at > :now AND polled_at <= :now", {"now": iso(now)}
    )
    return {(row["source_id"], row["url"]) for row in rows}


def due_since(db: Connection, now: datetime) -> dict[str, datetime]:
    """Source -> since when its longest due way is due."""
    rows = db.execute(
        "SELECT source_id, min(next_poll_at) AS since FROM ways WHERE next_poll_at <= ? GROUP BY source_id",
        (iso(now),),
    )
    return {row["source_id"]: moment(row["since"]) for row in rows}


_NOT_QUEUED = "NOT EXISTS (SELECT 1 FROM queue WHERE queue.article_id = articles.id AND queue.state = 'waiting')"
"""An article of which only the feed's text is there is asked for by its entry of the queue, at its time."""


def sources_with_work(db: Connection, *, now: datetime) -> set[str]:
    """Sources with URLs that wait, or articles due to be looked at again."""
    rows = db.execute(
        "SELECT DISTINCT source_id FROM queue WHERE state = 'waiting'"
        " AND (next_try_at IS NULL OR next_try_at <= :now OR next_try_at > :far_try)"
        " UNION SELECT id FROM sources"
        f" WHERE EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_visit_at <= :now AND {_NOT_QUEUED})"
        f" OR EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_visit_at > :far_visit AND {_NOT_QUEUED})",
        _times(now),
    )
    return {row["source_id"] for row in rows}


def waiting(db: Connection, source: str, *, now: datetime, limit: int) -> list[QueueEntry]:
    """URLs that wait and may be tried now, the newest found first: news is read while it is new."""
    rows = db.execute(
        "SELECT queue.key AS queue_key, queue.url AS queue_url, queue.attempts, queue.link_id, links.*, ways.kind,"
        " ways.url AS via FROM queue LEFT JOIN links ON links.id = queue.link_id"
        " LEFT JOIN ways ON ways.id = links.way_id"
        " WHERE queue.source_id = :source AND queue.state = 'waiting'"
        " AND (queue.next_try_at IS NULL OR queue.next_try_at <= :now OR queue.next_try_at > :far_try)"
        " ORDER BY queue.attempts, queue.added_at DESC, queue.rowid LIMIT :limit",
        {"source": source, "limit": limit, **_times(now)},
    )
    return [
        QueueEntry(
            key=row["queue_key"],
            url=row["queue_url"],
            link_id=row["link_id"],
            attempts=row["attempts"],
            link=link_of_row(row) if row["link_id"] is not None else None,
        )
        for row in rows
    ]


def count_waiting(db: Connection, source: str) -> int:
    """URLs of a source that wait, whenever they may be tried."""
    row = db.execute("SELECT count(*) FROM queue WHERE source_id = ? AND state = 'waiting'", (source,)).fetchone()
    return int(row[0])


def due_visits(db: Connection, source: str, *, now: datetime, limit: int) -> list[Visit]:
    """Articles to look at again for edits, the longest due first."""
    rows = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, full_at FROM articles"
        f" WHERE source_id = :source AND (next_visit_at <= :now OR next_visit_at > :far_visit) AND {_NOT_QUEUED}"
        " ORDER BY next_visit_at LIMIT :limit",
        {"source": source, "limit": limit, **_times(now)},
    )
    return [Visit(**_with_times(row, "full_at")) for row in rows]


def visit_of(db: Connection, article_id: int) -> Visit | None:
    """An article as something to look at again; None where it became another one."""
    row = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, full_at FROM articles"
        " WHERE id = ? AND merged_into IS NULL",
        (article_id,),
    ).fetchone()
    return Visit(**_with_times(row, "full_at")) if row is not None else None


def _times(now: datetime) -> dict[str, str]:
    """What is due lies up to `now`, or so far ahead that a wrong clock planned it."""
    return {
        "now": iso(now),
        "far_try": iso(too_far(RETRIES[-1], now=now)),
        "far_visit": iso(too_far(VISITS[-1], now=now)),
    }


def _with_times(row: Any, *times: str) -> dict[str, Any]:
    return {name: moment_or_none(row[name]) if name in times else row[name] for name in row.keys()}  # noqa: SIM118 -- a Row
