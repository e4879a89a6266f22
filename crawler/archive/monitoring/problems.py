"""What is known to be wrong with sources: opened once, told again each day, closed when it has healed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.archive.storage.store import ArchiveStore
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import clean_text, format_utc, parse_utc, parse_utc_or_none

REOPEN_WITHIN = timedelta(days=1)
"""A problem that stays is told again after so long."""
REPORT_AGAIN_AFTER = timedelta(hours=12)
"""A problem that comes back within this was not healed: it is opened again with its old beginning, and not told anew."""


SourceStateName = Literal["ok", "problem", "failing", "new", "retired"]
"""Of a source. problem: one is open; failing: a last poll failed, too seldom yet for a problem; new: nothing of it was
polled yet; retired: not in sources.toml any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A row of `problems`."""

    id: int
    source: str
    kind: str
    """silent, blocked, unreachable, moved, extraction, drift, stuck or clock."""
    what: str
    """The way or field concerned; "" for the whole source."""
    since: datetime
    evidence: str
    advice: str
    opened_at: datetime
    last_reported_at: datetime | None = None
    reports: int = 0
    resolved_at: datetime | None = None

    def is_report_due(self, now: datetime) -> bool:
        """Whether nobody was told yet, or not for a day."""
        return self.last_reported_at is None or now - self.last_reported_at >= REOPEN_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Something that is wrong now."""

    source: str
    kind: str
    since: datetime
    evidence: str
    advice: str
    what: str = ""


def record_problems(store: ArchiveStore, seen: Iterable[Observation], *, now: datetime) -> None:
    """Write down all that is wrong now; what is not seen any more, also of sources that are gone, is closed."""
    db = store.db
    still: set[int] = set()
    for one in seen:
        still.add(_open_or_renew(db, one, now))
    for row in db.execute("SELECT id FROM problems WHERE resolved_at IS NULL").fetchall():
        if row["id"] not in still:
            db.execute("UPDATE problems SET resolved_at = ? WHERE id = ?", (format_utc(now), row["id"]))


def _open_or_renew(db: Connection, one: Observation, now: datetime) -> int:
    row = db.execute(
        "SELECT id FROM problems WHERE source_id = ? AND kind = ? AND what = ?"
        " AND (resolved_at IS NULL OR resolved_at > ?) ORDER BY resolved_at IS NULL DESC, id DESC LIMIT 1",
        (one.source, one.kind, one.what, format_utc(now - REPORT_AGAIN_AFTER)),
    ).fetchone()
    if row is not None:
        db.execute(
            "UPDATE problems SET evidence = ?, advice = ?, resolved_at = NULL WHERE id = ?",
            (clean_text(one.evidence), clean_text(one.advice), row["id"]),
        )
        return int(row["id"])
    cursor = db.execute(
        "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            one.source,
            one.kind,
            one.what,
            format_utc(one.since),
            clean_text(one.evidence),
            clean_text(one.advice),
            format_utc(now),
        ),
    )
    return int(cursor.lastrowid or 0)


def open_problems(db: Connection, now: datetime, *, report_due: bool = False) -> list[Problem]:
    """What is wrong now, by source. `to_be_told`: without what was told within the last day."""
    rows = db.execute("SELECT * FROM problems WHERE resolved_at IS NULL ORDER BY source_id, since, id")
    problems = [_problem(row) for row in rows]
    return [problem for problem in problems if not report_due or problem.is_report_due(now)]


def resolved_since(db: Connection, since: datetime) -> list[Problem]:
    """What has healed since, the latest first: for whoever was told of it."""
    rows = db.execute(
        "SELECT * FROM problems WHERE resolved_at >= ? ORDER BY resolved_at DESC, id DESC", (format_utc(since),)
    )
    return [_problem(row) for row in rows]


def problem_states(db: Connection) -> dict[str, SourceStateName]:
    """How each source of the archive is: every command and page that says so says it by this."""
    rows = db.execute(
        "SELECT id, retired_at IS NOT NULL AS retired,"
        " EXISTS (SELECT 1 FROM problems WHERE problems.source_id = sources.id AND resolved_at IS NULL) AS problem,"
        " EXISTS (SELECT 1 FROM seeds WHERE seeds.source_id = sources.id AND polled_at IS NOT NULL) AS polled,"
        " EXISTS (SELECT 1 FROM seeds WHERE seeds.source_id = sources.id AND failures > 0) AS failing FROM sources"
    )
    return {row["id"]: _state(row) for row in rows}


def _state(row: Row) -> SourceStateName:
    if row["retired"]:
        return "retired"
    if row["problem"]:
        return "problem"
    if not row["polled"]:
        return "new"
    return "failing" if row["failing"] else "ok"


def last_failures(db: Connection, source: str) -> list[str]:
    """What the last polls of a source's ways failed at, a line each."""
    rows = db.execute(
        "SELECT kind, url, failures, coalesce(error, 'HTTP ' || http_status, 'no answer') AS said FROM seeds"
        " WHERE source_id = ? AND failures > 0 ORDER BY failures DESC, id",
        (source,),
    )
    return [
        f"its {row['kind']} failed at the last {_polls(row['failures'])}: {row['said']} ({row['url']})" for row in rows
    ]


def _polls(number: int) -> str:
    return "poll" if number == 1 else f"{number} polls"


def mark_reported(store: ArchiveStore, ids: Sequence[int], *, now: datetime) -> None:
    """These were told to somebody on a terminal."""
    for problem in ids:
        store.db.execute(
            "UPDATE problems SET last_reported_at = ?, reports = reports + 1 WHERE id = ?", (format_utc(now), problem)
        )


def _problem(row: Row) -> Problem:
    return Problem(
        id=row["id"],
        source=row["source_id"],
        kind=row["kind"],
        what=row["what"],
        since=parse_utc(row["since"]),
        evidence=row["evidence"],
        advice=row["advice"],
        opened_at=parse_utc(row["opened_at"]),
        last_reported_at=parse_utc_or_none(row["last_reported_at"]),
        reports=row["reports"],
        resolved_at=parse_utc_or_none(row["resolved_at"]),
    )
