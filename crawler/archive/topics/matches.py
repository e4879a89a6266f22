"""Write matches, their sentences and alerts, within the transaction of the flag job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.db.seals import row_sha256
from crawler.archive.topics.revision_texts import Revision
from crawler.archive.topics.versions import ActiveTopic
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import insert_row
from crawler.sqlite.values import clean_text, clean_text_or_none, format_utc
from crawler.topics.alert_rules import ALERTED, AlertDecision, SentenceChange


def was_alerted(db: Connection, topic: str, revision: int) -> bool:
    """Whether some version of the topic has already created an alert for the revision."""
    row = db.execute(
        "SELECT alert_id, kind FROM matches WHERE topic_id = ? AND revision_id = ?", (topic, revision)
    ).fetchone()
    return row is not None and row["kind"] in ALERTED and row["alert_id"] is not None


def insert_alert(
    db: Connection,
    active: ActiveTopic,
    revision: Revision,
    decision: AlertDecision,
    story: int | None,
    now: datetime,
    *,
    is_old: bool,
) -> int:
    """Create the alert and return alerts.id."""
    columns = {
        "topic_id": active.topic.id,
        "topic_version_id": active.version_id,
        "kind": decision.kind,
        "article_id": revision.article_id,
        "revision_id": revision.id,
        "previous_revision_id": revision.previous_id if decision.kind in ("edited", "removed") else None,
        "story_id": story,
        "page_id": revision.page_id,
        "is_old": int(is_old),
        "created_at": format_utc(now),
    }
    columns["row_sha256"] = row_sha256(columns)
    return insert_row(db, "alerts", columns)


def insert_match(
    db: Connection,
    active: ActiveTopic,
    revision: Revision,
    kind: str,
    sentences: Sequence[SentenceChange],
    alert: int | None,
    now: datetime,
) -> int:
    """Record the match with its sentences; it replaces a match that an older version of the topic recorded.

    Returns matches.id.
    """
    columns = {
        "topic_id": active.topic.id,
        "topic_version_id": active.version_id,
        "revision_id": revision.id,
        "kind": kind,
        "alert_id": alert,
        "matched_at": format_utc(now),
    }
    rows = [
        (
            position, one.change, one.sentence.column, clean_text(one.sentence.text),
            json.dumps([list(span) for span in one.sentence.spans]), clean_text_or_none(one.replaces),
        )
        for position, one in enumerate(sentences)
    ]  # fmt: skip
    match_id = db.execute(
        "INSERT INTO matches (topic_id, topic_version_id, revision_id, kind, alert_id, matched_at, row_sha256)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic_id, revision_id) DO UPDATE SET topic_version_id ="
        " excluded.topic_version_id, kind = excluded.kind, alert_id = excluded.alert_id, matched_at = excluded.matched_at,"
        " row_sha256 = excluded.row_sha256 RETURNING id",
        (*columns.values(), row_sha256(columns, rows)),
    ).fetchone()[0]
    db.execute("DELETE FROM match_sentences WHERE match_id = ?", (match_id,))
    db.executemany(
        "INSERT INTO match_sentences (match_id, position, change, field, sentence, spans, replaces)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(match_id, *row) for row in rows],
    )
    return int(match_id)
