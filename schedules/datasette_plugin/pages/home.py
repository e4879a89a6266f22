"""The home page: what is new. And the lists behind it: alerts, stories, topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.archive.monitoring.source_states import SourceStatus, StateSummary, source_statuses
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin.pages.article import AlertView, together, views_of

NEWEST_ALERTS = 12
"""Alerts on the home page: what a screen and a half holds."""
OF_EACH = 3
"""Articles shown of each outlet."""
ALERTS_PER_PAGE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """All that the home page shows."""

    articles: int
    sources: int
    today: Mapping[str, int]
    """Within the last 24 hours: articles, edits, alerts."""
    newest_at: str | None
    alerts: tuple[tuple[AlertView, ...], ...]
    outlets: tuple[tuple[Mapping[str, Any], tuple[Mapping[str, Any], ...]], ...]
    """Each outlet with its newest articles; the outlet that brought something last stands first."""
    summary: StateSummary
    """How many sources are in which state."""
    problems: tuple[Mapping[str, Any], ...]
    failing: tuple[SourceStatus, ...]
    """Sources whose last poll failed, without an open problem."""
    gaps: int
    topics: tuple[Mapping[str, Any], ...]


def read_home(db: Connection, now: datetime) -> HomePage:
    day = format_utc(now - timedelta(days=1))
    statuses = list(source_statuses(db).values())
    return HomePage(
        articles=_count(db, "SELECT count(*) FROM articles"),
        sources=_count(db, "SELECT count(*) FROM sources WHERE retired_at IS NULL"),
        today={
            "articles": _count(db, "SELECT count(*) FROM articles WHERE first_seen_at >= ?", day),
            "edits": _count(db, "SELECT count(*) FROM revisions WHERE number > 1 AND seen_at >= ?", day),
            "alerts": _count(db, "SELECT count(*) FROM alerts WHERE created_at >= ?", day),
        },
        newest_at=db.execute("SELECT max(first_seen_at) FROM articles").fetchone()[0],
        alerts=together(latest_alerts(db, limit=NEWEST_ALERTS)),
        outlets=tuple(_outlets(db)),
        summary=StateSummary.of(status.state for status in statuses),
        problems=tuple(listed_problems(db)),
        failing=tuple(one for one in statuses if one.state.is_watched and one.failed_seeds and not one.problems),
        gaps=_count(db, "SELECT count(*) FROM coverage WHERE state = 'open'"),
        topics=tuple(watched_topics(db, since=now - timedelta(days=7))),
    )


def _count(db: Connection, sql: str, *values: object) -> int:
    return int(db.execute(sql, values).fetchone()[0])


def latest_alerts(
    db: Connection, *, limit: int, topic: str | None = None, before: int | None = None
) -> list[AlertView]:
    """The newest first; `before` is the id from which a page goes on.

    By id, not by time: a clock that was set back would part a page from the one before.
    """
    last = before if before is not None else 1 << 62
    if topic is None:
        rows = db.execute("SELECT id FROM alerts WHERE id < ? ORDER BY id DESC LIMIT ?", (last, limit))
    else:
        rows = db.execute(
            "SELECT id FROM alerts WHERE topic_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            (topic, last, limit),
        )
    return views_of(db, [row[0] for row in rows])


def _outlets(db: Connection) -> list[tuple[dict[str, Any], tuple[dict[str, Any], ...]]]:
    found = []
    for source in db.execute("SELECT id, name, language FROM sources WHERE retired_at IS NULL").fetchall():
        rows = db.execute(
            "SELECT a.id, a.first_seen_at, a.revision_count, r.title, r.byline, r.language, r.status"
            " FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
            " WHERE a.source_id = ? AND a.merged_into IS NULL ORDER BY a.first_seen_at DESC, a.id DESC LIMIT ?",
            (source["id"], OF_EACH),
        )
        newest = tuple(dict(row) for row in rows)
        if newest:
            found.append((dict(source), newest))
    return sorted(found, key=lambda pair: pair[1][0]["first_seen_at"], reverse=True)


def listed_problems(db: Connection) -> list[dict[str, Any]]:
    """What is wrong with which source, as `scrapy health` wrote it down."""
    rows = db.execute(
        "SELECT p.*, s.name AS source_name FROM problems p JOIN sources s ON s.id = p.source_id"
        " WHERE p.resolved_at IS NULL ORDER BY p.since DESC"
    )
    return [dict(row) for row in rows]


def watched_topics(db: Connection, *, since: datetime) -> list[dict[str, Any]]:
    """Each topic with its alerts since then, and its newest."""
    rows = db.execute(
        "SELECT t.id, t.title, t.retired_at,"
        " (SELECT count(*) FROM alerts a WHERE a.topic_id = t.id AND a.created_at >= ?) AS recent,"
        " (SELECT max(created_at) FROM alerts a WHERE a.topic_id = t.id) AS latest_at"
        " FROM topics t ORDER BY t.retired_at IS NOT NULL, recent DESC, t.title",
        (format_utc(since),),
    )
    return [dict(row) for row in rows]


def topic_title(db: Connection, topic_id: str) -> str | None:
    """None where there is no such topic."""
    row = db.execute("SELECT title FROM topics WHERE id = ?", (topic_id,)).fetchone()
    return str(row["title"]) if row is not None else None


def listed_stories(db: Connection, *, before: tuple[str, int] | None = None) -> list[dict[str, Any]]:
    """Stories that several articles carry; the one that last gained a carrier first.

    One more than a page shows. `before`: latest_at and id of the last one of the page before.
    """
    rows = db.execute(
        "SELECT * FROM story_list WHERE latest_at <= ?1 AND (latest_at, story_id) < (?1, ?2)"
        " ORDER BY latest_at DESC, story_id DESC LIMIT ?3",
        (*(before or ("9", 0)), ALERTS_PER_PAGE + 1),
    )
    return [dict(row) for row in rows]
