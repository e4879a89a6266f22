"""Problems of sources: opened by a health check, reported at most once a day, resolved when they are no longer found."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from crawler.archive.db.seals import seal_row
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc

if TYPE_CHECKING:
    from crawler.archive.storage.store import ArchiveStore

log = logging.getLogger(__name__)
ProblemKind = Literal["unreachable", "blocked", "silent", "stuck", "moved", "extraction", "drift", "clock"]
REPORT_AGAIN_AFTER = timedelta(days=1)
"""An open problem is reported again after this time."""
REOPEN_WITHIN = timedelta(hours=12)
"""A problem that returns within this time after its resolution is reopened and keeps its start; it is not reported as new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row of `problems`."""

    id: int
    source: str
    kind: ProblemKind
    what: str
    """The affected part: the URL of a seed, a field, or "" for the whole source."""
    since: datetime
    evidence: str
    advice: str
    opened_at: datetime
    last_reported_at: datetime | None = None
    reports: int = 0
    resolved_at: datetime | None = None

    def is_report_due(self, now: datetime) -> bool:
        """Whether it was never reported, or not within the last day."""
        return self.last_reported_at is None or now - self.last_reported_at >= REPORT_AGAIN_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A problem found by a health check."""

    kind: ProblemKind
    since: datetime
    evidence: str
    advice: str
    what: str = ""
    """The affected seed or field; "" for the whole source."""


def record_problems(store: ArchiveStore, seen: Mapping[str, Iterable[Observation]], *, now: datetime) -> None:
    """Open or update the problems that were found, and resolve all others, including those of retired sources.

    `seen`: by source ID.
    """
    db = store.db
    still = {_open_or_update(db, source, one, now) for source, found in seen.items() for one in found}
    for row in db.execute("SELECT id FROM problems WHERE resolved_at IS NULL").fetchall():
        if row["id"] not in still:
            db.execute("UPDATE problems SET resolved_at = ? WHERE id = ?", (format_utc(now), row["id"]))
            seal_row(db, "problems", row["id"])
            log.debug("problem %d: resolved", row["id"])


def _open_or_update(db: Connection, source: str, one: Observation, now: datetime) -> int:
    row = db.execute(
        "SELECT id FROM problems WHERE source_id = ? AND kind = ? AND what = ?"
        " AND (resolved_at IS NULL OR resolved_at > ?) ORDER BY resolved_at IS NULL DESC, id DESC LIMIT 1",
        (source, one.kind, one.what, format_utc(now - REOPEN_WITHIN)),
    ).fetchone()
    texts = (clean_text(one.evidence), clean_text(one.advice))
    if row is not None:
        db.execute("UPDATE problems SET evidence = ?, advice = ?, resolved_at = NULL WHERE id = ?", (*texts, row["id"]))
        seal_row(db, "problems", row["id"])
        return int(row["id"])
    cursor = db.execute(
        "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (source, one.kind, one.what, format_utc(one.since), *texts, format_utc(now)),
    )
    problem_id = int(cursor.lastrowid or 0)
    seal_row(db, "problems", problem_id)
    log.debug("problem %d: opened, %s of %s %s: %s", problem_id, one.kind, source, one.what, one.evidence)
    return problem_id


def open_problems(db: Connection) -> list[Problem]:
    """Open problems by source, the oldest first."""
    rows = db.execute("SELECT * FROM problems WHERE resolved_at IS NULL ORDER BY source_id, since, id")
    return [_problem(row) for row in rows]


def resolved_since(db: Connection, since: datetime) -> list[Problem]:
    """Problems resolved since a time, the latest first."""
    rows = db.execute(
        "SELECT * FROM problems WHERE resolved_at >= ? ORDER BY resolved_at DESC, id DESC", (format_utc(since),)
    )
    return [_problem(row) for row in rows]


def mark_reported(store: ArchiveStore, ids: Sequence[int], *, now: datetime) -> None:
    """Record that these problems were reported."""
    for problem in ids:
        store.db.execute(
            "UPDATE problems SET last_reported_at = ?, reports = reports + 1 WHERE id = ?", (format_utc(now), problem)
        )
        seal_row(store.db, "problems", problem)


def _problem(row: Row) -> Problem:
    return from_row(Problem, row, source=row["source_id"])
