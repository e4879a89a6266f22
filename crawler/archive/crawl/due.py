"""Read which sources have something to do: seeds that are due, queued URLs, articles due for a recheck.

Imports little: `scrapy crawl all` asks this first, and cron starts it every few minutes.
"""

from __future__ import annotations

from datetime import datetime

from crawler.polling.rechecks import RECHECK_AGES, RETRIES, too_far
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none

NOT_QUEUED = "NOT EXISTS (SELECT 1 FROM queue WHERE queue.article_id = articles.id AND queue.state = 'waiting')"
"""The page of an article that has only the feed's text is fetched by its queue entry, not by a recheck."""


def seeds_not_due(db: Connection, *, now: datetime) -> set[tuple[str, str]]:
    """Return (source ID, URL) of the seeds that are not due. A crawl calls this first, before it imports Scrapy."""
    rows = db.execute(
        "SELECT source_id, url FROM seeds WHERE next_poll_at > :now AND polled_at <= :now", {"now": format_utc(now)}
    )
    return {(row["source_id"], row["url"]) for row in rows}


def due_since(db: Connection, now: datetime) -> dict[str, datetime]:
    """Return, by source ID, since when the longest due seed of the source is due."""
    rows = db.execute(
        "SELECT source_id, min(next_poll_at) AS since FROM seeds WHERE next_poll_at <= ? GROUP BY source_id",
        (format_utc(now),),
    )
    return {row["source_id"]: parse_utc(row["since"]) for row in rows}


def waiting_by_source(db: Connection) -> dict[str, int]:
    """Return how many URLs wait, by source ID."""
    rows = db.execute("SELECT source_id, count(*) AS waiting FROM queue WHERE state = 'waiting' GROUP BY source_id")
    return {row["source_id"]: row["waiting"] for row in rows}


def polled_sources(db: Connection) -> set[str]:
    """Return the IDs of sources that were ever polled."""
    rows = db.execute("SELECT DISTINCT source_id FROM seeds WHERE polled_at IS NOT NULL")
    return {row["source_id"] for row in rows}


def next_poll(db: Connection) -> datetime | None:
    """Return when the next seed of an active source is due; None if a seed was never polled or there is no seed."""
    row = db.execute(
        "SELECT CASE WHEN count(*) = count(next_poll_at) THEN min(next_poll_at) END FROM seeds"
        " JOIN sources ON sources.id = source_id WHERE sources.retired_at IS NULL"
    ).fetchone()
    return parse_utc_or_none(row[0])


def sources_with_work(db: Connection, *, now: datetime) -> set[str]:
    """Return the IDs of sources with URLs to fetch or articles due for a recheck."""
    rows = db.execute(
        "SELECT DISTINCT source_id FROM queue WHERE state = 'waiting'"
        " AND (next_try_at IS NULL OR next_try_at <= :now OR next_try_at > :far_try)"
        " UNION SELECT id FROM sources"
        f" WHERE EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_check_at <= :now AND {NOT_QUEUED})"
        f" OR EXISTS (SELECT 1 FROM articles WHERE source_id = sources.id AND next_check_at > :far_check AND {NOT_QUEUED})",
        due_times(now),
    )
    return {row["source_id"] for row in rows}


def due_times(now: datetime) -> dict[str, str]:
    """Return the parameters of the queries: a row is due up to `now`, or so far ahead that a wrong clock wrote it."""
    return {
        "now": format_utc(now),
        "far_try": format_utc(too_far(RETRIES[-1], now=now)),
        "far_check": format_utc(too_far(RECHECK_AGES[-1], now=now)),
    }
