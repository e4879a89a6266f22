"""How the topics are doing, from the archive's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.topics.judgements import TopicPrecision, precision_of_alerts
from crawler.archive.topics.match_retries import Unmatched, unmatched
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc_or_none

WEEKS = 4
"""Over which alerts a week are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One line of `scrapy topics`."""

    topic: Topic
    version: int | None
    """None before the flag job met it."""
    changed: bool
    """The file says something else than the version that was last flagged."""
    alerts: int
    per_week: float | None
    """Over the last WEEKS weeks, or since it is watched; None before a day has passed."""
    last_at: datetime | None
    precision: TopicPrecision
    unmatched: tuple[Unmatched, ...] = ()
    """Texts that could not be matched, the newest first."""


def topic_states(db: Connection | None, topics: Sequence[Topic], *, now: datetime) -> list[TopicState]:
    """In the order of the file. `db` None: no archive yet."""
    if db is None:
        return [_state(topic, None, 0, 0, None, TopicPrecision(relevant=0, judged=0), (), now) for topic in topics]
    versions = {
        row["id"]: row
        for row in db.execute(
            "SELECT t.id, t.first_seen_at, v.number, v.definition_sha256 FROM topics t"
            " JOIN topic_versions v ON v.id = t.version_id WHERE t.retired_at IS NULL"
        )
    }
    alerts = {
        row["topic_id"]: row
        for row in db.execute(
            "SELECT topic_id, count(*) AS alerts, max(created_at) AS last_at, sum(created_at >= ?) AS recent FROM alerts"
            " GROUP BY topic_id",
            (format_utc(now - timedelta(weeks=WEEKS)),),
        )
    }
    failures = unmatched(db, [topic.id for topic in topics])
    judged = precision_of_alerts(db)
    return [
        _state(
            topic,
            versions.get(topic.id),
            alerts[topic.id]["alerts"] if topic.id in alerts else 0,
            alerts[topic.id]["recent"] if topic.id in alerts else 0,
            alerts[topic.id]["last_at"] if topic.id in alerts else None,
            judged.get(topic.id, TopicPrecision(relevant=0, judged=0)),
            tuple(one for one in failures if one.topic == topic.id),
            now,
        )
        for topic in topics
    ]


def _state(
    topic: Topic,
    version: object,
    alerts: int,
    recent: int,
    last_at: str | None,
    precision: TopicPrecision,
    failures: tuple[Unmatched, ...],
    now: datetime,
) -> TopicState:
    known = dict(version) if version is not None else None  # type: ignore[call-overload]  # a Row
    per_week = None
    if known is not None:
        since = parse_utc_or_none(known["first_seen_at"]) or now
        weeks = min((now - since) / timedelta(weeks=1), WEEKS)
        per_week = recent / weeks if weeks * 7 >= 1 else None
    return TopicState(
        topic=topic,
        version=known["number"] if known else None,
        changed=known is not None and known["definition_sha256"] != topic.definition_sha256,
        alerts=alerts,
        per_week=per_week,
        last_at=parse_utc_or_none(last_at),
        precision=precision,
        unmatched=failures,
    )
