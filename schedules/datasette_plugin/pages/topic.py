"""One topic: its alerts per day, what it found last, what people said of its finds, what it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crawler.archive.topics.judgements import TopicPrecision
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin.pages.article import AlertView, together
from schedules.datasette_plugin.pages.home import ALERTS_PER_PAGE, latest_alerts
from schedules.datasette_plugin.rendering.svg_charts import days_between

CHART_DAYS = 60
"""Of the chart: two months show a rhythm, and a bar is still wide enough to point at."""
OUTLETS_SHOWN = 12
"""Of the list of whose articles it found: those with the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicView:
    """All that the topic's page shows."""

    topic: Mapping[str, Any]
    definition: Mapping[str, Any]
    days: tuple[tuple[date, int], ...]
    kinds: Mapping[str, int]
    alerts: tuple[tuple[AlertView, ...], ...]
    next_before: int | None
    precision: TopicPrecision
    outlets: tuple[tuple[str, str, int], ...]
    """Id, name, alerts: whose articles it found within the chart's days."""


def read_topic(db: Connection, topic_id: str, *, now: datetime, before: int | None = None) -> TopicView | None:
    row = db.execute(
        "SELECT t.*, v.number, v.definition, v.created_at AS changed_at FROM topics t"
        " LEFT JOIN topic_versions v ON v.id = t.version_id WHERE t.id = ?",
        (topic_id,),
    ).fetchone()
    if row is None:
        return None
    first = now.date() - timedelta(days=CHART_DAYS - 1)
    since = format_utc(datetime(first.year, first.month, first.day, tzinfo=now.tzinfo))
    alerts = latest_alerts(db, limit=ALERTS_PER_PAGE + 1, topic=topic_id, before=before)
    return TopicView(
        topic=dict(row),
        definition=json.loads(row["definition"] or "{}"),
        days=tuple(_days(db, topic_id, since, first, now.date())),
        kinds={
            found["kind"]: found["n"]
            for found in db.execute(
                "SELECT kind, count(*) AS n FROM alerts WHERE topic_id = ? AND created_at >= ? GROUP BY kind",
                (topic_id, since),
            )
        },
        alerts=together(alerts[:ALERTS_PER_PAGE]),
        next_before=alerts[ALERTS_PER_PAGE - 1].alert.id if len(alerts) > ALERTS_PER_PAGE else None,
        precision=_precision(db, topic_id),
        outlets=tuple(
            (found["id"], found["name"], found["n"])
            for found in db.execute(
                "SELECT s.id, s.name, count(*) AS n FROM alerts al JOIN articles a ON a.id = al.article_id"
                " JOIN sources s ON s.id = a.source_id WHERE al.topic_id = ? AND al.created_at >= ?"
                " GROUP BY s.id ORDER BY n DESC, s.name LIMIT ?",
                (topic_id, since, OUTLETS_SHOWN),
            )
        ),
    )


def _days(db: Connection, topic_id: str, since: str, first: date, last: date) -> list[tuple[date, int]]:
    counts = {
        row["day"]: row["n"]
        for row in db.execute(
            "SELECT substr(created_at, 1, 10) AS day, count(*) AS n FROM alerts WHERE topic_id = ? AND created_at >= ?"
            " GROUP BY day",
            (topic_id, since),
        )
    }
    return [(day, counts.get(day.isoformat(), 0)) for day in days_between(first, last)]


def _precision(db: Connection, topic_id: str) -> TopicPrecision:
    row = db.execute(
        "SELECT coalesce(sum(relevant), 0) AS relevant, count(*) AS judged FROM judgements j WHERE topic_id = ? AND EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.article_id = j.article_id AND a.topic_id = j.topic_id)",
        (topic_id,),
    ).fetchone()
    return TopicPrecision(relevant=row["relevant"], judged=row["judged"])
