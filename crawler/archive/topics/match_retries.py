"""Texts that could not be matched with a topic, or have to be once more: noted, tried again at growing intervals, handed to
the topic's next version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text, format_utc, parse_utc_or_none

MOST_ATTEMPTS = 8
RETRY_AFTER = timedelta(minutes=10)
"""Doubles with each attempt: the eighth is a day after the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A revision that could not be matched with a topic."""

    version_id: int
    topic: str
    revision_id: int
    error: str
    was_tried: bool = True
    """False: its turn did not come, because the pattern failed on others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A text that waits for another attempt, or was given up."""

    topic: str
    revision_id: int
    url: str
    error: str
    attempts: int
    next_try_at: datetime | None
    """None: given up, until the topic is changed."""


def record_failure(db: Connection, failure: Failure, now: datetime) -> None:
    """Write it down, within the transaction of the step that met it."""
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
    """(topic_versions.id, revisions.id) to be tried now, what was tried least first: nothing is kept waiting by others."""
    rows = db.execute(
        "SELECT topic_version_id, revision_id FROM flag_failures WHERE next_try_at <= ? ORDER BY attempts, revision_id",
        (format_utc(now),),
    )
    return [(row[0], row[1]) for row in rows]


def are_due(db: Connection, now: datetime) -> bool:
    """Whether there is anything to try."""
    row = db.execute("SELECT 1 FROM flag_failures WHERE next_try_at <= ? LIMIT 1", (format_utc(now),)).fetchone()
    return row is not None


def remove_retry(db: Connection, version: int, revision: int) -> bool:
    """It was matched. False: another flag job was quicker."""
    cursor = db.execute("DELETE FROM flag_failures WHERE topic_version_id = ? AND revision_id = ?", (version, revision))
    return cursor.rowcount == 1


def move_to_version(db: Connection, old: int, new: int, *, starts_after: int, now: datetime) -> None:
    """A changed topic tries at once what its last version could not match; what it looks at anyway is forgotten."""
    db.execute("DELETE FROM flag_failures WHERE topic_version_id = ? AND revision_id > ?", (old, starts_after))
    db.execute(
        "UPDATE flag_failures SET topic_version_id = ?, attempts = 0, next_try_at = ? WHERE topic_version_id = ?",
        (new, format_utc(now), old),
    )


def remove_retries(db: Connection, version: int) -> None:
    """Of a topic that is watched no more."""
    db.execute("DELETE FROM flag_failures WHERE topic_version_id = ?", (version,))


def requeue(db: Connection, article_id: int, *, why: str, at: datetime) -> None:
    """The topics that listed an article with a story that was told look at it once more: it is no carrier of that now."""
    db.execute(
        "INSERT OR IGNORE INTO flag_failures"
        " SELECT t.version_id, min(m.revision_id), :why, 0, :at, :at FROM revisions r"
        " JOIN matches m ON m.revision_id = r.id AND m.kind = 'pickup'"
        " JOIN topics t ON t.id = m.topic_id AND t.retired_at IS NULL WHERE r.article_id = :article GROUP BY t.id",
        {"why": why, "at": format_utc(at), "article": article_id},
    )


def unmatched(db: Connection, topics: Sequence[str]) -> list[Unmatched]:
    """What those topics could not be matched with, the newest first."""
    rows = db.execute(
        "SELECT v.topic_id, f.revision_id, a.url, f.error, f.attempts, f.next_try_at FROM flag_failures f"
        " JOIN topic_versions v ON v.id = f.topic_version_id JOIN revisions r ON r.id = f.revision_id"
        " JOIN articles a ON a.id = r.article_id ORDER BY f.revision_id DESC"
    )
    return [
        Unmatched(
            topic=row["topic_id"],
            revision_id=row["revision_id"],
            url=row["url"],
            error=row["error"],
            attempts=row["attempts"],
            next_try_at=parse_utc_or_none(row["next_try_at"]),
        )
        for row in rows
        if row["topic_id"] in topics
    ]
