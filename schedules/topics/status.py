"""The state of each topic: version, alerts per week, precision, revisions that could not be matched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.topics.alerts import AlertCount, TopicPrecision, count_alerts, precision_of_alerts
from crawler.archive.topics.match_retries import Unmatched, unmatched
from crawler.archive.topics.versions import TopicVersion, current_versions
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection

WEEKS = 4
"""Weeks over which alerts per week are averaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One line of `scrapy topics`."""

    topic: Topic
    version: int | None
    """None before the flag job first read the topic."""
    changed: bool
    """The definition in topics.toml differs from the version that was last flagged."""
    alerts: int
    per_week: float | None
    """Over the last WEEKS weeks, or since the topic exists; None during its first day."""
    last_at: datetime | None
    precision: TopicPrecision
    unmatched: tuple[Unmatched, ...] = ()
    """Revisions that could not be matched, newest first."""


def topic_states(db: Connection | None, topics: Sequence[Topic], *, now: datetime) -> list[TopicState]:
    """The states in the order of the file. `db` is None if there is no archive yet."""
    nothing = TopicPrecision(relevant=0, judged=0)
    if db is None:
        return [_state(topic, None, AlertCount(), nothing, (), now) for topic in topics]
    versions = current_versions(db)
    counts = count_alerts(db, since=now - timedelta(weeks=WEEKS))
    failures = unmatched(db, [topic.id for topic in topics])
    judged = precision_of_alerts(db)
    return [
        _state(
            topic,
            versions.get(topic.id),
            counts.get(topic.id, AlertCount()),
            judged.get(topic.id, nothing),
            tuple(one for one in failures if one.topic == topic.id),
            now,
        )
        for topic in topics
    ]


def _state(
    topic: Topic,
    version: TopicVersion | None,
    count: AlertCount,
    precision: TopicPrecision,
    failures: tuple[Unmatched, ...],
    now: datetime,
) -> TopicState:
    per_week = None
    if version is not None:
        weeks = min((now - version.first_seen_at) / timedelta(weeks=1), WEEKS)
        per_week = count.recent / weeks if weeks * 7 >= 1 else None
    return TopicState(
        topic=topic,
        version=version.number if version else None,
        changed=version is not None and version.definition_sha256 != topic.definition_sha256,
        alerts=count.alerts,
        per_week=per_week,
        last_at=count.last_at,
        precision=precision,
        unmatched=failures,
    )
