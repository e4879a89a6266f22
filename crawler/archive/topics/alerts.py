"""Alerts as they are read: what was found where, with its sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc
from crawler.topics.alert_rules import SentenceChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSentence:
    """A sentence that an alert tells."""

    change: SentenceChangeKind
    field: str
    text: str
    spans: tuple[tuple[int, int], ...]
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert, with what a reader wants to see of its article."""

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
    """When it was first seen, where no time was given."""
    created_at: datetime
    url: str
    sentences: tuple[AlertSentence, ...]


def alerts_by_id(db: Connection, ids: Sequence[int]) -> list[Alert]:
    """The alerts of those ids that there are, in that order."""
    found = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rows = db.execute(
            "SELECT l.*, al.previous_revision_id, a.source_id, m.id AS match_id FROM alert_list l"
            " JOIN alerts al ON al.id = l.alert_id JOIN articles a ON a.id = l.article_id"
            " LEFT JOIN matches m ON m.topic_id = l.topic_id AND m.revision_id = l.revision_id"
            f" WHERE l.alert_id IN ({','.join('?' * len(some))})",
            tuple(some),
        ).fetchall()
        for row in rows:
            found[row["alert_id"]] = Alert(
                id=row["alert_id"],
                topic=row["topic_id"],
                topic_title=row["topic"],
                kind=row["kind"],
                article_id=row["article_id"],
                revision_id=row["revision_id"],
                previous_revision_id=row["previous_revision_id"],
                story_id=row["story_id"],
                title=row["title"],
                source=row["source_id"],
                source_name=row["source"],
                byline=row["byline"],
                published_at=parse_utc(row["published_at"]),
                created_at=parse_utc(row["created_at"]),
                url=row["url"],
                sentences=_sentences(db, row["match_id"]),
            )
    return [found[number] for number in ids if number in found]


def _sentences(db: Connection, match_id: int | None) -> tuple[AlertSentence, ...]:
    rows = db.execute("SELECT * FROM match_sentences WHERE match_id = ? ORDER BY position", (match_id,))
    return tuple(
        AlertSentence(
            change=row["change"],
            field=row["field"],
            text=row["sentence"],
            spans=tuple((start, end) for start, end in json.loads(row["spans"])),
            replaces=row["replaces"],
        )
        for row in rows
    )
