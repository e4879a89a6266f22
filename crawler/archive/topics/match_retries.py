"""Revisions that could not be matched against a topic, or must be matched again.

They are retried at growing intervals, and the next version of the topic takes them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.stories.assignment import split
from crawler.archive.stories.queries import story_of
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc

MOST_ATTEMPTS = 8
RETRY_AFTER = timedelta(minutes=10)
"""Doubles with each attempt: the eighth comes a day after the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFailure:
    """A revision that could not be matched against a topic."""

    version_id: int
    topic: str
    revision_id: int
    error: str
    was_tried: bool = True
    """False if the pattern was skipped because it had failed on other revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A revision that waits for a retry, or was given up."""

    topic: str
    revision_id: int
    url: str
    error: str
    attempts: int
    next_try_at: datetime | None
    """None: given up until the topic changes."""


def record_match_failure(db: Connection, failure: MatchFailure, now: datetime) -> None:
    """Store the failure and when to retry."""
    known = db.execute(
        "SELECT attempts FROM flag_failures WHERE topic_version_id = ? AND revision_id = ?",
        (failure.version_id, failure.revision_id),
    ).fetchone()
    attempts = (int(known["attempts"]) if known is not None else 0) + failure.was_tried
    again = format_utc(now + RETRY_AFTER * 2 ** max(0, attempts - 1)) if attempts < MOST_ATTEMPTS else None
    db.execute(
        "INSERT INTO flag_failures VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (topic_version_id, revision_id) DO UPDATE SET"
        " error = excluded.error, attempts = excluded.attempts, next_try_at = excluded.next_try_at",
        (failure.version_id, failure.revision_id, clean_text(failure.error), attempts, format_utc(now), again),
    )


def due_retries(db: Connection, now: datetime) -> list[tuple[int, int]]:
    """(topic_versions.id, revisions.id) due for a retry, those with fewest attempts first."""
    rows = db.execute(
        "SELECT topic_version_id, revision_id FROM flag_failures WHERE next_try_at <= ? ORDER BY attempts, revision_id",
        (format_utc(now),),
    )
    return [(row[0], row[1]) for row in rows]


def remove_retry(db: Connection, version: int, revision: int) -> bool:
    """Delete a retry that succeeded. False if another flag job did it first."""
    cursor = db.execute("DELETE FROM flag_failures WHERE topic_version_id = ? AND revision_id = ?", (version, revision))
    return cursor.rowcount == 1


def move_to_version(db: Connection, old: int, new: int, *, starts_after: int, now: datetime) -> None:
    """Move the retries of a topic's old version to the new one, due now; those after `starts_after` are matched anyway."""
    db.execute("DELETE FROM flag_failures WHERE topic_version_id = ? AND revision_id > ?", (old, starts_after))
    db.execute(
        "UPDATE flag_failures SET topic_version_id = ?, attempts = 0, next_try_at = ? WHERE topic_version_id = ?",
        (new, format_utc(now), old),
    )


def remove_retries(db: Connection, version: int) -> None:
    """Delete the retries of a topic that was removed or disabled."""
    db.execute("DELETE FROM flag_failures WHERE topic_version_id = ?", (version,))


def requeue(db: Connection, article_id: int, *, reason: str, at: datetime) -> None:
    """Match an article again that was listed as a pickup of a story it no longer belongs to."""
    db.execute(
        "INSERT OR IGNORE INTO flag_failures"
        " SELECT t.version_id, min(m.revision_id), :reason, 0, :at, :at FROM revisions r"
        " JOIN matches m ON m.revision_id = r.id AND m.kind = 'pickup'"
        " JOIN topics t ON t.id = m.topic_id AND t.retired_at IS NULL WHERE r.article_id = :article GROUP BY t.id",
        {"reason": reason, "at": format_utc(at), "article": article_id},
    )


def split_and_requeue(db: Connection, article_id: int, *, at: datetime) -> int:
    """Split an article from its story by hand and match it again; returns the new story's ID. Raises NotFoundError."""
    old_story_id = story_of(db, article_id)
    story_id = split(db, article_id, at=at)
    requeue(db, article_id, reason=f"split from story {old_story_id}", at=at)
    return story_id


def unmatched(db: Connection, topics: Sequence[str]) -> list[Unmatched]:
    """The revisions that could not be matched against these topics, newest first."""
    rows = db.execute(
        "SELECT v.topic_id AS topic, f.revision_id, a.url, f.error, f.attempts, f.next_try_at FROM flag_failures f"
        " JOIN topic_versions v ON v.id = f.topic_version_id JOIN revisions r ON r.id = f.revision_id"
        " JOIN articles a ON a.id = r.article_id ORDER BY f.revision_id DESC"
    )
    return [from_row(Unmatched, row) for row in rows if row["topic"] in topics]
