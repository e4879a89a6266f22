"""One topic: its alerts per day, what it found last, what people said of its finds, what it asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from crawler.archive.connection import Connection
from crawler.archive.judgements import Precision
from crawler.archive.values import iso
from schedules.browsing.article import AlertView, together
from schedules.browsing.charts import days_between
from schedules.browsing.front import PAGE, newest_alerts

DAYS = 60
"""Of the chart: two months show a rhythm, and a bar is still wide enough to point at."""
OUTLETS = 12
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
    precision: Precision
    outlets: tuple[tuple[str, str, int], ...]
    """Id, name, alerts: whose articles it found within the chart's days."""


def read_topic(db: Connection, topic_id: str, *, now: datetime, before: int | None = None) -> TopicView | None:
    row = db.execute(
        "SELECT t.*, v.number, v.definition, v.made_at AS changed_at FROM topics t"
        " LEFT JOIN topic_versions v ON v.id = t.version_id WHERE t.id = ?",
        (topic_id,),
    ).fetchone()
    if row is None:
        return None
    first = now.date() - timedelta(days=DAYS - 1)
    since = iso(datetime(first.year, first.month, first.day, tzinfo=now.tzinfo))
    alerts = newest_alerts(db, limit=PAGE + 1, topic=topic_id, before=before)
    return TopicView(
        topic=dict(row),
        definition=json.loads(row["definition"] or "{}"),
        days=tuple(_days(db, topic_id, since, first, now.date())),
        kinds={
            found["kind"]: found["n"]
            for found in db.execute(
                "SELECT kind, count(*) AS n FROM alerts WHERE topic_id = ? AND made_at >= ? GROUP BY kind",
                (topic_id, since),
            )
        },
        alerts=together(alerts[:PAGE]),
        next_before=alerts[PAGE - 1].alert.id if len(alerts) > PAGE else None,
        precision=_precision(db, topic_id),
        outlets=tuple(
            (found["id"], found["name"], found["n"])
            for found in db.execute(
                "SELECT s.id, s.name, count(*) AS n FROM alerts al JOIN articles a ON a.id = al.article_id"
                " JOIN sources s ON s.id = a.source_id WHERE al.topic_id = ? AND al.made_at >= ?"
                " GROUP BY s.id ORDER BY n DESC, s.name LIMIT ?",
                (topic_id, since, OUTLETS),
            )
        ),
    )


def _days(db: Connection, topic_id: str, since: str, first: date, last: date) -> list[tuple[date, int]]:
    counts = {
        row["day"]: row["n"]
        for row in db.execute(
            "SELECT substr(made_at, 1, 10) AS day, count(*) AS n FROM alerts WHERE topic_id = ? AND made_at >= ?"
            " GROUP BY day",
            (topic_id, since),
        )
    }
    return [(day, counts.get(day.isoformat(), 0)) for day in days_between(first, last)]


def _precision(db: Connection, topic_id: str) -> Precision:
    row = db.execute(
        "SELECT coalesce(sum(wanted), 0) AS wanted, count(*) AS judged FROM judgements j WHERE topic_id = ? AND EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.article_id = j.article_id AND a.topic_id = j.topic_id)",
        (topic_id,),
    ).fetchone()
    return Precision(wanted=row["wanted"], judged=row["judged"])
