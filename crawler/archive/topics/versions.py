"""Topics in the archive: each change of a definition makes a version with a cursor of its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.topics.match_retries import move_to_version, remove_retries
from crawler.archive.topics.revision_texts import FIRST_REVISION
from crawler.config.topics import Topic
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import clean_text, format_utc

FIRST_LOOK_BACK = timedelta(days=1)
"""How far back the first flag job goes: over the first crawls, not over a whole older archive."""

VersionChangeKind = Literal["new", "changed", "restarted", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """A topic that is new, changed, restarted or retired."""

    topic: str
    kind: VersionChangeKind
    number: int
    waiting: int
    """Revisions that will be matched."""
    skipped: int = 0
    """Older revisions, which will not be matched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveTopic:
    """The current version of a topic."""

    version_id: int
    topic: Topic
    cursor: int
    silent_until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """A request to match topics against older articles (`scrapy flag --since`)."""

    since: datetime
    topics: frozenset[str]
    silently: bool = False


def sync_topics(
    db: Connection, topics: Sequence[Topic], *, now: datetime, restart: Restart | None = None
) -> list[VersionChange]:
    """Update the archive's topics to those of topics.toml.

    A new or changed topic starts where the flag job last stopped, so that no revision is skipped; the first flag job
    starts FIRST_LOOK_BACK ago. Alerts of older versions are not repeated.
    """
    watched = [topic for topic in topics if topic.enabled]
    if not _differs(db, watched) and restart is None:
        return []
    with transaction(db):
        start = _start(db, now)
        changes = [change for topic in watched if (change := _sync(db, topic, start, now, restart))]
        return [*changes, *_retire(db, {topic.id for topic in watched}, now)]


def active_topics(db: Connection, topics: Iterable[Topic]) -> list[ActiveTopic]:
    """The current versions of those of `topics` that are in the archive."""
    by_id = {topic.id: topic for topic in topics if topic.enabled}
    rows = db.execute(
        "SELECT v.id, v.topic_id, v.cursor, v.silent_until, v.definition_sha256 FROM topics t"
        " JOIN topic_versions v ON v.id = t.version_id WHERE t.retired_at IS NULL ORDER BY t.rowid"
    )
    return [
        ActiveTopic(version_id=row["id"], topic=topic, cursor=row["cursor"], silent_until=row["silent_until"])
        for row in rows
        if (topic := by_id.get(row["topic_id"])) and topic.definition_sha256 == row["definition_sha256"]
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicVersion:
    """The current version of a topic, as stored."""

    number: int
    definition_sha256: str
    first_seen_at: datetime
    """When the flag job first read the topic."""


def current_versions(db: Connection) -> dict[str, TopicVersion]:
    """Topic ID -> version, of all active topics."""
    rows = db.execute(
        "SELECT t.id, t.first_seen_at, v.number, v.definition_sha256 FROM topics t"
        " JOIN topic_versions v ON v.id = t.version_id WHERE t.retired_at IS NULL"
    )
    return {row["id"]: from_row(TopicVersion, row) for row in rows}


def cursors_are(db: Connection, versions: Sequence[int], cursor: int) -> bool:
    """Whether all these versions are current and have this cursor: no other flag job has moved it."""
    row = db.execute(
        "SELECT count(*) FROM topic_versions v JOIN topics t ON t.version_id = v.id"
        f" WHERE v.cursor = ? AND v.id IN ({marks(versions)})",
        (cursor, *versions),
    ).fetchone()
    return int(row[0]) == len(versions)


def move_cursors(db: Connection, versions: Sequence[int], cursor: int) -> None:
    db.executemany("UPDATE topic_versions SET cursor = ? WHERE id = ?", [(cursor, version) for version in versions])


def last_revision(db: Connection) -> int:
    """The highest revision ID; 0 if there is none."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM revisions").fetchone()[0])


def _differs(db: Connection, topics: Sequence[Topic]) -> bool:
    rows = db.execute(
        "SELECT t.id, t.title, t.group_name, v.definition_sha256 FROM topics t JOIN topic_versions v ON v.id = t.version_id"
        " WHERE t.retired_at IS NULL"
    )
    return {tuple(row) for row in rows} != {
        (topic.id, topic.title, topic.group, topic.definition_sha256) for topic in topics
    }


def _start(db: Connection, now: datetime) -> int:
    """The revision ID after which new versions start. If no topic is active, no cursor has moved: as in a first run."""
    row = db.execute(
        "SELECT max(v.cursor) AS last, max(t.retired_at IS NULL) AS is_watched FROM topics t"
        " JOIN topic_versions v ON v.id = t.version_id"
    ).fetchone()
    if row["is_watched"]:
        return int(row["last"])
    return max(int(row["last"] or 0), _last_before(db, now - FIRST_LOOK_BACK))


def _last_before(db: Connection, since: datetime) -> int:
    row = db.execute(f"SELECT {FIRST_REVISION} - 1", {"since": format_utc(since)}).fetchone()
    return int(row[0]) if row[0] is not None else last_revision(db)


def _sync(db: Connection, topic: Topic, start: int, now: datetime, restart: Restart | None) -> VersionChange | None:
    known = db.execute(
        "SELECT t.retired_at, t.version_id, v.number, v.definition_sha256, v.cursor, v.silent_until FROM topics t"
        " JOIN topic_versions v ON v.id = t.version_id WHERE t.id = ?",
        (topic.id,),
    ).fetchone()
    restarted = restart is not None and topic.id in restart.topics
    silent_until: int | None = None
    kind: VersionChangeKind = "restarted" if restarted else "new" if known is None else "changed"
    if known is None:
        db.execute(
            "INSERT INTO topics (id, title, group_name, first_seen_at) VALUES (?, ?, ?, ?)",
            (topic.id, clean_text(topic.title), topic.group, format_utc(now)),
        )
    else:
        db.execute(
            "UPDATE topics SET title = ?, group_name = ? WHERE id = ?", (clean_text(topic.title), topic.group, topic.id)
        )
        seal_row(db, "topics", topic.id)
        if known["definition_sha256"] == topic.definition_sha256 and known["retired_at"] is None and not restarted:
            return None
        if known["retired_at"] is None:
            start = known["cursor"]
            silent_until = known["silent_until"]
    number = known["number"] + 1 if known else 1
    if restarted and restart is not None:
        # revisions that no version has matched yet are reported as usual
        silent_until = max(start, silent_until or 0) if restart.silently else None
        start = min(start, _last_before(db, restart.since))
    version_id = insert_sealed(
        db,
        "topic_versions",
        {
            "topic_id": topic.id,
            "number": number,
            "definition": clean_text(json.dumps(topic.definition, ensure_ascii=False)),
            "definition_sha256": topic.definition_sha256,
            "created_at": format_utc(now),
            "starts_after": start,
            "silent_until": silent_until,
            "cursor": start,
        },
    )
    db.execute("UPDATE topics SET version_id = ?, retired_at = NULL WHERE id = ?", (version_id, topic.id))
    seal_row(db, "topics", topic.id)
    if known is not None:
        move_to_version(db, known["version_id"], version_id, starts_after=start, now=now)
    waiting, skipped = _counts(db, start)
    return VersionChange(topic=topic.id, kind=kind, number=number, waiting=waiting, skipped=skipped)


def _counts(db: Connection, revision: int) -> tuple[int, int]:
    """Number of revisions after this one, and up to it."""
    row = db.execute("SELECT count(*) FILTER (WHERE id > ?), count(*) FROM revisions", (revision,)).fetchone()
    return int(row[0]), int(row[1] - row[0])


def _retire(db: Connection, kept: set[str], now: datetime) -> list[VersionChange]:
    rows = db.execute(
        "SELECT t.id, t.version_id, v.number, v.cursor FROM topics t JOIN topic_versions v ON v.id = t.version_id"
        " WHERE t.retired_at IS NULL"
    ).fetchall()
    gone = [row for row in rows if row["id"] not in kept]
    for row in gone:
        db.execute("UPDATE topics SET retired_at = ? WHERE id = ?", (format_utc(now), row["id"]))
        seal_row(db, "topics", row["id"])
        remove_retries(db, row["version_id"])
    return [VersionChange(topic=row["id"], kind="retired", number=row["number"], waiting=0) for row in gone]
