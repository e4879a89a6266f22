"""What the crawl reads from the archive: what is due, what waits, what was there before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crawler.archive.crawl.links import link_of_row
from crawler.crawl_state import ChildRead, QueueEntry, Recheck, SeedState
from crawler.polling.rechecks import RECHECK_AGES, RETRIES, too_far
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none


def seed_states(db: Connection, source: str) -> dict[str, SeedState]:
    """By URL; ways that were never polled are there once a crawl has met them."""
    rows = db.execute(
        "SELECT url, etag, last_modified, body_sha256, last_full_fetch_at, polled_at, next_poll_at, failures,"
        " moved_to FROM seeds"
        " WHERE source_id = ?",
        (source,),
    )
    return {
        row["url"]: SeedState(**_with_times(row, "last_full_fetch_at", "polled_at", "next_poll_at")) for row in rows
    }


CHILD_READS_SINCE = timedelta(days=30)
"""Age of the polls that `child_reads` looks at: each child is read more often."""


def child_reads(db: Connection, source: str, seed_url: str, *, now: datetime) -> dict[str, ChildRead]:
    """The reads of the documents that a seed led to, such as the child sitemaps of an index, by URL."""
    rows = db.execute(
        "SELECT polls.url, max(polls.at) AS at, max(iif(polls.outcome = 'new' AND polls.known > 0, polls.at, NULL))"
        " AS grew_at FROM seeds JOIN polls ON polls.seed_id = seeds.id"
        " WHERE seeds.source_id = ? AND seeds.url = ? AND polls.url IS NOT NULL AND polls.at > ? GROUP BY polls.url",
        (source, seed_url, format_utc(now - CHILD_READS_SINCE)),
    )
    return {row["url"]: ChildRead(at=parse_utc(row["at"]), grew_at=parse_utc_or_none(row["grew_at"])) for row in rows}


def seeds_not_due(db: Connection, *, now: datetime) -> set[tuple[str, str]]:
    """(source, URL) of the ways that are left alone now. What a crawl asks first, before anything heavy is imported."""
    rows = db.execute(
        "SELECT source_id, url FROM seeds WHERE next_poll_at > :now AND polled_at <= :now", {"now": format_utc(now)}
    )
    return {(row["source_id"], row["url"]) for row in rows}


def due_since(db: Connection, now: datetime) -> dict[str, datetime]:
    """Source -> since when its longest due way is due."""
    rows = db.execute(
        "SELECT source_id, min(next_poll_at) AS since FROM seeds WHERE next_poll_at <= ? GROUP BY source_id",
        (format_utc(now),),
    )
    return {row["source_id"]: parse_utc(row["since"]) for row in rows}


def waiting_by_source(db: Connection) -> dict[str, int]:
    """Returns how many URLs wait, by source ID."""
    rows = db.execute("SELECT source_id, count(*) AS waiting FROM queue WHERE state = 'waiting' GROUP BY source_id")
    return {row["source_id"]: row["waiting"] for row in rows}


def polled_sources(db: Connection) -> set[str]:
    """Returns the IDs of sources that were ever polled."""
    rows = db.execute("SELECT DISTINCT source_id FROM seeds WHERE polled_at IS NOT NULL")
    return {row["source_id"] for row in rows}


def next_poll(db: Connection) -> datetime | None:
    """Returns when the next seed of an active source is due; None where one was never polled, or there is none."""
    row = db.execute(
        "SELECT CASE WHEN count(*) = count(next_poll_at) THEN min(next_poll_at) END FROM seeds"
        " JOIN sources ON sources.id = source_id WHERE sources.retired_at IS NULL"
    ).fetchone()
    return parse_utc_or_none(row[0])


_NOT_QUEUED = "NOT EXISTS (SELECT 1 FROM queue WHERE queue.article_id = articles.id AND queue.state = 'waiting')"
"""An article of which only the feed's text is there is asked for by its entry of the queue, at its time."""


def sources_with_work(db: Connection, *, now: datetime) -> set[str]:
    """Sources with URLs that wait, or articles due to be looked at again."""
    rows = db.execute(
        "SELECT DISTINCT source_id FROM queue WHERE state = 'waiting'"
        " AND (next_try_at IS NULL OR next_try_at <= :now OR next_try_at > :far_try)"
        " UNION SELECT id FROM sources"
        f" WHERE EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_check_at <= :now AND {_NOT_QUEUED})"
        f" OR EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_check_at > :far_visit AND {_NOT_QUEUED})",
        _times(now),
    )
    return {row["source_id"] for row in rows}


def waiting(db: Connection, source: str, *, now: datetime, limit: int) -> list[QueueEntry]:
    """URLs that wait and may be tried now, the newest found first: news is read while it is new."""
    rows = db.execute(
        "SELECT queue.key AS queue_key, queue.url AS queue_url, queue.attempts, queue.link_id, links.*, seeds.kind,"
        " seeds.url AS via FROM queue LEFT JOIN links ON links.id = queue.link_id"
        " LEFT JOIN seeds ON seeds.id = links.seed_id"
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


def due_rechecks(db: Connection, source: str, *, now: datetime, limit: int) -> list[Recheck]:
    """Articles to look at again for edits, the longest due first."""
    rows = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, last_full_fetch_at FROM articles"
        f" WHERE source_id = :source AND (next_check_at <= :now OR next_check_at > :far_visit) AND {_NOT_QUEUED}"
        " ORDER BY next_check_at LIMIT :limit",
        {"source": source, "limit": limit, **_times(now)},
    )
    return [Recheck(**_with_times(row, "last_full_fetch_at")) for row in rows]


def recheck_of(db: Connection, article_id: int) -> Recheck | None:
    """An article as something to look at again; None where it became another one."""
    row = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, last_full_fetch_at FROM articles"
        " WHERE id = ? AND merged_into IS NULL",
        (article_id,),
    ).fetchone()
    return Recheck(**_with_times(row, "last_full_fetch_at")) if row is not None else None


def _times(now: datetime) -> dict[str, str]:
    """What is due lies up to `now`, or so far ahead that a wrong clock planned it."""
    return {
        "now": format_utc(now),
        "far_try": format_utc(too_far(RETRIES[-1], now=now)),
        "far_visit": format_utc(too_far(RECHECK_AGES[-1], now=now)),
    }


def _with_times(row: Any, *times: str) -> dict[str, Any]:
    return {name: parse_utc_or_none(row[name]) if name in times else row[name] for name in row.keys()}  # noqa: SIM118 -- a Row
