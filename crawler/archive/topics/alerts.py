"""Read alerts with their articles and sentences, and count them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Literal

from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc
from crawler.topics.alert_rules import SentenceChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSentence:
    """A sentence of an alert."""

    change: SentenceChangeKind
    field: str
    text: str
    spans: tuple[tuple[int, int], ...]
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert with the headline data of its article."""

    id: int
    topic: str
    topic_title: str
    kind: str
    article_id: int
    revision_id: int
    previous_revision_id: int | None
    story_id: int | None
    title: str | None
    source: str
    source_name: str
    byline: str | None
    published_at: datetime
    """First seen if the page gives no time."""
    created_at: datetime
    url: str
    sentences: tuple[AlertSentence, ...]
    is_old: bool = False
    """The article was published long before it was found, see alerts.is_old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCount:
    """The alerts of one topic."""

    alerts: int = 0
    recent: int = 0
    """Since the time that was asked for."""
    last_at: datetime | None = None


def alerts_by_id(db: Connection, ids: Sequence[int]) -> list[Alert]:
    """The alerts with these IDs, in this order; IDs without an alert are skipped."""
    rows = db.execute(
        "SELECT l.*, al.previous_revision_id, a.source_id, m.id AS match_id FROM alert_list l"
        " JOIN alerts al ON al.id = l.alert_id JOIN articles a ON a.id = l.article_id"
        " LEFT JOIN matches m ON m.topic_id = l.topic_id AND m.revision_id = l.revision_id"
        " WHERE l.alert_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    ).fetchall()
    found = {
        row["alert_id"]: from_row(
            Alert,
            row,
            id=row["alert_id"],
            topic=row["topic_id"],
            topic_title=row["topic"],
            source=row["source_id"],
            source_name=row["source"],
            sentences=_sentences(db, row["match_id"]),
        )
        for row in rows
    }
    return [found[alert_id] for alert_id in ids if alert_id in found]


def source_tags_of(db: Connection, alert_id: int) -> tuple[str, ...]:
    """The tags of the source of an alert."""
    row = db.execute(
        "SELECT s.tags FROM alerts al JOIN articles a ON a.id = al.article_id JOIN sources s ON s.id = a.source_id"
        " WHERE al.id = ?",
        (alert_id,),
    ).fetchone()
    return tuple(json.loads(row["tags"]))


def count_alerts(db: Connection, *, since: datetime) -> dict[str, AlertCount]:
    """Topic ID -> its alerts."""
    rows = db.execute(
        "SELECT topic_id, count(*) AS alerts, max(created_at) AS last_at, sum(created_at >= ?) AS recent FROM alerts"
        " GROUP BY topic_id",
        (format_utc(since),),
    )
    return {row["topic_id"]: from_row(AlertCount, row) for row in rows}


def _sentences(db: Connection, match_id: int | None) -> tuple[AlertSentence, ...]:
    rows = db.execute("SELECT * FROM match_sentences WHERE match_id = ? ORDER BY position", (match_id,))
    return tuple(
        from_row(
            AlertSentence,
            row,
            text=row["sentence"],
            spans=tuple((start, end) for start, end in json.loads(row["spans"])),
        )
        for row in rows
    )


JudgedIn = Literal["backtest", "browser"]
_Z = 1.959964
"""Quantile of the normal distribution for a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPrecision:
    """The share of judged articles that are relevant, with its 95 % confidence interval (Wilson, 1927)."""

    relevant: int
    judged: int

    @property
    def share(self) -> float | None:
        """None if nothing was judged."""
        return self.relevant / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Valid for small samples too: 5 relevant of 5 give 0.57 to 1."""
        if not self.judged:
            return 0.0, 1.0
        n, p = self.judged, self.relevant / self.judged
        middle = p + _Z * _Z / (2 * n)
        half = _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        scale = 1 + _Z * _Z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def __str__(self) -> str:
        if self.share is None:
            return "not judged"
        low, high = self.interval
        return f"{self.share:.0%} ({low:.0%} to {high:.0%}, {self.judged} judged)"


def record_judgement(
    db: Connection, topic: str, article: int, *, relevant: bool, at: datetime, judged_in: JudgedIn
) -> None:
    """Store a judgement; it replaces an earlier one. Raises ArchiveError."""
    with transaction(db):
        db.execute(
            "INSERT INTO judgements VALUES (?, ?, ?, ?, ?) ON CONFLICT (topic_id, article_id) DO UPDATE SET"
            " relevant = excluded.relevant, judged_at = excluded.judged_at, judged_in = excluded.judged_in",
            (topic, article, int(relevant), format_utc(at), judged_in),
        )


def judgements(db: Connection, topic: str) -> dict[int, bool]:
    """Article ID -> whether it is relevant."""
    rows = db.execute("SELECT article_id, relevant FROM judgements WHERE topic_id = ?", (topic,))
    return {row["article_id"]: bool(row["relevant"]) for row in rows}


def precision_of_alerts(db: Connection) -> dict[str, TopicPrecision]:
    """Topic ID -> precision of its judged alerts."""
    rows = db.execute(
        "SELECT j.topic_id, sum(j.relevant) AS relevant, count(*) AS judged FROM judgements j WHERE EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.article_id = j.article_id AND a.topic_id = j.topic_id) GROUP BY j.topic_id"
    )
    return {row["topic_id"]: TopicPrecision(relevant=row["relevant"], judged=row["judged"]) for row in rows}
