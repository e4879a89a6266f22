"""Read the new reports of topics and the watched times of their sources, and find spikes and silences."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from crawler.topics.trends import BASELINE_DAYS, DAY, Interval, NewReports, Trend, WatchedTimes, trend_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicTrend:
    """A topic with a spike or a silence."""

    topic: str
    title: str
    trend: Trend

    def __str__(self) -> str:
        """ "Spike in Ceasefire talks: 14 new reports in 24 hours; 3.1 a day are usual"."""
        return f"{self.trend.kind.capitalize()} in {self.title}: {self.trend}"


def topic_trends(db: Connection, topics: Sequence[str] = (), *, now: datetime) -> list[TopicTrend]:
    """The active topics with a spike or a silence, by title; `topics`: only these, empty: all."""
    since = now - (BASELINE_DAYS + 1) * DAY
    rows = db.execute(
        "SELECT t.id, t.title, (SELECT seen_at FROM revisions WHERE id > v.starts_after ORDER BY id LIMIT 1) AS since"
        " FROM topics t JOIN topic_versions v ON v.id = t.version_id WHERE t.retired_at IS NULL"
        " AND (:topics = '[]' OR t.id IN (SELECT value FROM json_each(:topics))) ORDER BY t.title, t.id",
        {"topics": json.dumps(list(topics))},
    ).fetchall()
    reports = _new_reports(db, [row["id"] for row in rows], now)
    watched = WatchedTimes(lambda source: _watched_intervals(db, source, since))
    found = []
    for row in rows:
        if row["since"] is None or row["id"] not in reports:
            continue
        trend = trend_of(reports[row["id"]], watched, comparable_since=parse_utc(row["since"]), now=now)
        if trend is not None:
            found.append(TopicTrend(topic=row["id"], title=row["title"], trend=trend))
    return found


def _new_reports(db: Connection, topics: Sequence[str], now: datetime) -> dict[str, NewReports]:
    """Topic ID -> the articles that were the first to report something, without old ones."""
    # The end of each day, the oldest first, as texts: comparing them is faster than to parse a time for each alert.
    days = [format_utc(now - age * DAY) for age in range(BASELINE_DAYS + 1, -1, -1)]
    rows = db.execute(
        "SELECT al.topic_id, a.source_id, min(coalesce(a.published_at, al.created_at), al.created_at) FROM alerts al"
        " JOIN articles a ON a.id = al.article_id WHERE al.kind = 'new' AND al.is_old = 0 AND al.created_at >= :since"
        " AND al.topic_id IN (SELECT value FROM json_each(:topics))",
        {"since": days[0], "topics": json.dumps(list(topics))},
    )
    last: dict[str, str] = {}
    ages: dict[str, Counter[int]] = {}
    sources: dict[str, Counter[str]] = {}
    for topic, source, at in rows:
        if topic not in last:
            last[topic], ages[topic], sources[topic] = at, Counter(), Counter()
        last[topic] = max(last[topic], at)
        ages[topic][BASELINE_DAYS + 1 - bisect_left(days, at)] += 1
        sources[topic][source] += 1
    return {
        topic: NewReports(last=parse_utc(at), ages=ages[topic], sources=sources[topic]) for topic, at in last.items()
    }


def _watched_intervals(db: Connection, source: str, since: datetime) -> list[Interval]:
    """The times in which one of the source's seeds missed nothing, sorted, without overlaps."""
    rows = db.execute(
        "SELECT from_at, until_at FROM coverage WHERE source_id = ? AND until_at >= ? AND state IN ('complete', 'repaired')"
        " ORDER BY from_at",
        (source, format_utc(since)),
    )
    found: list[list[str]] = []
    for begin, end in rows:  # as texts, because their order is that of the times: few are left to parse
        if found and begin <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        else:
            found.append([begin, end])
    return [(parse_utc(begin), parse_utc(end)) for begin, end in found]
