"""What several sources reported, and which sources did not: a measure of what a source leaves out, or of what we miss of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedReport:
    """An event, or a story that is in none, that several sources reported."""

    kind: Literal["event", "story"]
    id: int
    title: str
    url: str
    """Of its first article, as is the title."""
    first_at: datetime
    """When that was published, or else first seen."""
    sources: frozenset[str]


def shared_reports(db: Connection, *, since: datetime, min_sources: int) -> list[SharedReport]:
    """What at least `min_sources` sources reported in articles first seen since then; the most reported first."""
    rows = db.execute(
        "WITH reports AS (SELECT e.event_id, m.story_id, a.source_id, a.title, a.url,"
        " coalesce(a.published_at, a.first_seen_at) AS at FROM articles a JOIN story_articles m ON m.article_id = a.id"
        " LEFT JOIN event_stories e ON e.story_id = m.story_id WHERE a.first_seen_at >= ? AND a.merged_into IS NULL)"
        " SELECT event_id, story_id, title, url, min(at) AS at, group_concat(DISTINCT source_id) AS sources FROM reports"
        " GROUP BY coalesce('e' || event_id, story_id) HAVING count(DISTINCT source_id) >= ?"
        " ORDER BY count(DISTINCT source_id) DESC, at DESC",
        (format_utc(since), min_sources),
    )
    return [
        SharedReport(
            kind="story" if row["event_id"] is None else "event",
            id=row["story_id"] if row["event_id"] is None else row["event_id"],
            title=row["title"] or "",
            url=row["url"],
            first_at=parse_utc(row["at"]),
            sources=frozenset(row["sources"].split(",")),
        )
        for row in rows
    ]
