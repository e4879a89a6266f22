"""Read what a crawl has to do for a source: the states of its seeds, queued URLs, rechecks."""

from __future__ import annotations

from datetime import datetime, timedelta

from crawler.archive.crawl.due import NOT_QUEUED, due_times
from crawler.archive.crawl.links import link_of_row
from crawler.crawl_state import ChildRead, QueueEntry, Recheck, SeedState
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc


def seed_states(db: Connection, source: str) -> dict[str, SeedState]:
    """Return the states of a source's seeds, by URL. A seed that was never polled has one after its first crawl began."""
    rows = db.execute(
        "SELECT url, etag, last_modified, body_sha256, last_full_fetch_at, polled_at, next_poll_at, failures,"
        " moved_to FROM seeds WHERE source_id = ?",
        (source,),
    )
    return {row["url"]: from_row(SeedState, row) for row in rows}


CHILD_READS_SINCE = timedelta(days=30)
"""Age of the polls that `child_reads` considers: each child is read more often than that."""


def child_reads(db: Connection, source: str, seed_url: str, *, now: datetime) -> dict[str, ChildRead]:
    """Return the reads of the documents that a seed leads to, such as the child sitemaps of an index, by URL."""
    rows = db.execute(
        "SELECT polls.url, max(polls.at) AS at, max(iif(polls.outcome = 'new' AND polls.known > 0, polls.at, NULL))"
        " AS grew_at FROM seeds JOIN polls ON polls.seed_id = seeds.id"
        " WHERE seeds.source_id = ? AND seeds.url = ? AND polls.url IS NOT NULL AND polls.at > ? GROUP BY polls.url",
        (source, seed_url, format_utc(now - CHILD_READS_SINCE)),
    )
    return {row["url"]: from_row(ChildRead, row) for row in rows}


def waiting(db: Connection, source: str, *, now: datetime, limit: int) -> list[QueueEntry]:
    """Return the queued URLs to fetch now: those with the fewest attempts first, then the newest."""
    rows = db.execute(
        "SELECT queue.key AS queue_key, queue.url AS queue_url, queue.attempts, queue.link_id, links.*, seeds.kind,"
        " seeds.url AS via FROM queue LEFT JOIN links ON links.id = queue.link_id"
        " LEFT JOIN seeds ON seeds.id = links.seed_id"
        " WHERE queue.source_id = :source AND queue.state = 'waiting'"
        " AND (queue.next_try_at IS NULL OR queue.next_try_at <= :now OR queue.next_try_at > :far_try)"
        " ORDER BY queue.attempts, queue.added_at DESC, queue.rowid LIMIT :limit",
        {"source": source, "limit": limit, **due_times(now)},
    )
    return [
        from_row(
            QueueEntry,
            row,
            key=row["queue_key"],
            url=row["queue_url"],
            link=link_of_row(row) if row["link_id"] is not None else None,
        )
        for row in rows
    ]


def count_waiting(db: Connection, source: str) -> int:
    """Return how many URLs of a source wait, including those that are not due yet."""
    row = db.execute("SELECT count(*) FROM queue WHERE source_id = ? AND state = 'waiting'", (source,)).fetchone()
    return int(row[0])


def due_rechecks(db: Connection, source: str, *, now: datetime, limit: int) -> list[Recheck]:
    """Return the articles to recheck for edits, the longest due first."""
    rows = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, last_full_fetch_at FROM articles"
        f" WHERE source_id = :source AND (next_check_at <= :now OR next_check_at > :far_check) AND {NOT_QUEUED}"
        " ORDER BY next_check_at LIMIT :limit",
        {"source": source, "limit": limit, **due_times(now)},
    )
    return [from_row(Recheck, row) for row in rows]


def recheck_of(db: Connection, article_id: int) -> Recheck | None:
    """Return what is needed to recheck an article; None if it was merged into another one."""
    row = db.execute(
        "SELECT id AS article_id, url, etag, last_modified, body_sha256, last_full_fetch_at FROM articles"
        " WHERE id = ? AND merged_into IS NULL",
        (article_id,),
    ).fetchone()
    return from_row(Recheck, row) if row is not None else None
