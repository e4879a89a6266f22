"""People's judgements of a topic's articles, and the precision that follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Literal

from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc

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
