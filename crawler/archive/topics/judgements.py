"""What people said of a topic's finds, and the precision that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Literal

from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc

JudgedIn = Literal["backtest", "browser"]
_Z = 1.959964
"""Of the normal distribution, for 95 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicPrecision:
    """The share of finds that were wanted, with the interval in which it lies 19 times of 20 (Wilson, 1927)."""

    relevant: int
    judged: int

    @property
    def share(self) -> float | None:
        """None before anything was judged."""
        return self.relevant / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float]:
        """Good for small samples too: of 5 wanted among 5, 0.57 to 1."""
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
    """Write down what somebody said; a later word replaces it. Raises ArchiveError."""
    with transaction(db):
        db.execute(
            "INSERT INTO judgements VALUES (?, ?, ?, ?, ?) ON CONFLICT (topic_id, article_id) DO UPDATE SET"
            " wanted = excluded.wanted, judged_at = excluded.judged_at, judged_in = excluded.judged_in",
            (topic, article, int(relevant), format_utc(at), judged_in),
        )


def judgements(db: Connection, topic: str) -> dict[int, bool]:
    """Article's id -> whether it was wanted."""
    rows = db.execute("SELECT article_id, relevant FROM judgements WHERE topic_id = ?", (topic,))
    return {row["article_id"]: bool(row["relevant"]) for row in rows}


def precision_of_alerts(db: Connection) -> dict[str, TopicPrecision]:
    """Topic's id -> precision of what was alerted and judged."""
    rows = db.execute(
        "SELECT j.topic_id, sum(j.relevant) AS relevant, count(*) AS judged FROM judgements j WHERE EXISTS"
        " (SELECT 1 FROM alerts a WHERE a.article_id = j.article_id AND a.topic_id = j.topic_id) GROUP BY j.topic_id"
    )
    return {row["topic_id"]: TopicPrecision(relevant=row["relevant"], judged=row["judged"]) for row in rows}
