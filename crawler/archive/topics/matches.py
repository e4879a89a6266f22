"""Write matches, their sentences and alerts, within the transaction of the flag job; read what was alerted before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from crawler.archive.db.seals import row_sha256
from crawler.archive.stories.queries import FAMILY, OWN, earlier_texts
from crawler.archive.topics.revision_texts import Revision
from crawler.archive.topics.versions import ActiveTopic
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import insert_row
from crawler.sqlite.values import clean_text, clean_text_or_none, format_utc
from crawler.stories.sentence_novelty import KnownSentences
from crawler.topics.alert_rules import ALERTED, AlertDecision, AlertHistory, SentenceChange
from crawler.topics.match import key_of


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


RECENTLY_REPORTED = timedelta(days=5)
"""A sentence that disappears and returns within this time (a headline test, a box that comes and goes) is not news; later
the same words describe another event. The same limit as `similarity.LATER`."""

_KINDS = ", ".join(f"'{kind}'" for kind in sorted({*ALERTED, "silent"}))


class StoryTexts:
    """The earlier texts of the stories of one revision: the same for all topics, and expensive to split into sentences."""

    def __init__(self, db: Connection, revision: Revision) -> None:
        self.revision = revision
        self._db = db
        self._known: dict[int | None, KnownSentences] = {}

    def of(self, story: int | None) -> KnownSentences:
        """The sentences of the story's other articles, see `earlier_texts`."""
        if story not in self._known:
            texts = earlier_texts(self._db, story, self.revision.recorded_as, before=self.revision.id)
            self._known[story] = KnownSentences(texts)
        return self._known[story]


def alert_history_of(db: Connection, topic: str, texts: StoryTexts, reported_story: int | None) -> AlertHistory | None:
    """What the topic has reported; None if it has reported neither the article nor its story.

    `reported_story` is stories.id if the topic has reported another article of the story.
    """
    revision = texts.revision
    article_reported = _was_reported(db, topic, revision)
    if not article_reported and reported_story is None:
        return None
    sentences = list(_recently_reported(db, topic, revision, reported_story))
    return AlertHistory(
        article_reported=article_reported,
        others=texts.of(reported_story),
        reported=frozenset(key_of(text) for _, change, text in sentences if change != "removed"),
        removed=frozenset(
            key_of(text)
            for article, change, text in sentences
            if change == "removed" and article == revision.article_id
        ),
    )


def first_alert_of_others(db: Connection, topic: str, story: int | None, article: int) -> int | None:
    """alerts.id of the first alert of the topic for another article of the story; None if there is none."""
    row = db.execute(
        f"SELECT min(id) FROM alerts WHERE topic_id = :topic AND article_id IN ({FAMILY} EXCEPT {OWN})",
        {"topic": topic, "story": story, "article": article},
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _was_reported(db: Connection, topic: str, revision: Revision) -> bool:
    row = db.execute(
        f"SELECT 1 FROM alerts WHERE topic_id = :topic AND article_id IN ({OWN}) AND revision_id < :revision LIMIT 1",
        {"topic": topic, "article": revision.article_id, "revision": revision.id},
    ).fetchone()
    return row is not None


def _recently_reported(
    db: Connection, topic: str, revision: Revision, story: int | None
) -> Iterator[tuple[int | None, str, str]]:
    """(article ID if the change is "removed", change, sentence) for what was reported of the article and the story."""
    rows = db.execute(
        f"WITH family AS ({FAMILY})"
        " SELECT DISTINCT CASE s.change WHEN 'removed' THEN coalesce(a.merged_into, a.id) END, s.change, s.sentence"
        " FROM family JOIN articles a ON a.id = family.id"
        " JOIN revisions r ON r.article_id = a.id AND r.id < :revision AND r.seen_at >= :since"
        f" JOIN matches m ON m.topic_id = :topic AND m.revision_id = r.id AND m.kind IN ({_KINDS})"
        " JOIN match_sentences s ON s.match_id = m.id",
        {
            "story": story, "article": revision.article_id, "topic": topic, "revision": revision.id,
            "since": format_utc(revision.seen_at - RECENTLY_REPORTED),
        },
    )  # fmt: skip
    return (tuple(row) for row in rows)
