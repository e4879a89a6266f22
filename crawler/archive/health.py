"""What is known to be wrong with sources: opened once, told again each day, closed when it has healed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.archive.connection import Connection, Row
from crawler.archive.store import Store
from crawler.archive.values import iso, moment, moment_or_none, storable

REPEAT = timedelta(days=1)
"""A problem that stays is told again after so long."""
AGAIN = timedelta(hours=12)
"""A problem that comes back within this was not healed: it is opened again with its old beginning, and not told anew."""


State = Literal["ok", "problem", "failing", "new", "retired"]
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
    closed_at: datetime | None = None

    def is_to_be_told(self, now: datetime) -> bool:
        """Whether nobody was told yet, or not for a day."""
        return self.last_reported_at is None or now - self.last_reported_at >= REPEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Something that is wrong now."""

    source: str
    kind: str
    since: datetime
    evidence: str
    advice: str
    what: str = ""


def note_problems(store: Store, seen: Iterable[Seen], *, now: datetime) -> None:
    """Write down all that is wrong now; what is not seen any more, also of sources that are gone, is closed."""
    db = store.db
    still: set[int] = set()
    for one in seen:
        still.add(_open_or_renew(db, one, now))
    for row in db.execute("SELECT id FROM problems WHERE closed_at IS NULL").fetchall():
        if row["id"] not in still:
            db.execute("UPDATE problems SET closed_at = ? WHERE id = ?", (iso(now), row["id"]))


def _open_or_renew(db: Connection, one: Seen, now: datetime) -> int:
    row = db.execute(
        "SELECT id FROM problems WHERE source_id = ? AND kind = ? AND what = ?"
        " AND (closed_at IS NULL OR closed_at > ?) ORDER BY closed_at IS NULL DESC, id DESC LIMIT 1",
        (one.source, one.kind, one.what, iso(now - AGAIN)),
    ).fetchone()
    if row is not None:
        db.execute(
            "UPDATE problems SET evidence = ?, advice = ?, closed_at = NULL WHERE id = ?",
            (storable(one.evidence), storable(one.advice), row["id"]),
        )
        return int(row["id"])
    cursor = db.execute(
        "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (one.source, one.kind, one.what, iso(one.since), storable(one.evidence), storable(one.advice), iso(now)),
    )
    return int(cursor.lastrowid or 0)


def open_problems(db: Connection, now: datetime, *, to_be_told: bool = False) -> list[Problem]:
    """What is wrong now, by source. `to_be_told`: without what was told within the last day."""
    rows = db.execute("SELECT * FROM problems WHERE closed_at IS NULL ORDER BY source_id, since, id")
    problems = [_problem(row) for row in rows]
    return [problem for problem in problems if not to_be_told or problem.is_to_be_told(now)]


def closed_since(db: Connection, since: datetime) -> list[Problem]:
    """What has healed since, the latest first: for whoever was told of it."""
    rows = db.execute("SELECT * FROM problems WHERE closed_at >= ? ORDER BY closed_at DESC, id DESC", (iso(since),))
    return [_problem(row) for row in rows]


def source_states(db: Connection) -> dict[str, State]:
    """How each source of the archive is: every command and page that says so says it by this."""
    rows = db.execute(
        "SELECT id, retired_at IS NOT NULL AS retired,"
        " EXISTS (SELECT 1 FROM problems WHERE problems.source_id = sources.id AND closed_at IS NULL) AS problem,"
        " EXISTS (SELECT 1 FROM ways WHERE ways.source_id = sources.id AND polled_at IS NOT NULL) AS polled,"
        " EXISTS (SELECT 1 FROM ways WHERE ways.source_id = sources.id AND failures > 0) AS failing FROM sources"
    )
    return {row["id"]: _state(row) for row in rows}


def _state(row: Row) -> State:
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
        "SELECT kind, url, failures, coalesce(error, 'HTTP ' || http_status, 'no answer') AS said FROM ways"
        " WHERE source_id = ? AND failures > 0 ORDER BY failures DESC, id",
        (source,),
    )
    return [
        f"its {row['kind']} failed at the last {_polls(row['failures'])}: {row['said']} ({row['url']})" for row in rows
    ]


def _polls(number: int) -> str:
    return "poll" if number == 1 else f"{number} polls"


def note_told(store: Store, ids: Sequence[int], *, now: datetime) -> None:
    """These were told to somebody on a terminal."""
    for problem in ids:
        store.db.execute(
            "UPDATE problems SET last_reported_at = ?, reports = reports + 1 WHERE id = ?", (iso(now), problem)
        )


def _problem(row: Row) -> Problem:
    return Problem(
        id=row["id"],
        source=row["source_id"],
        kind=row["kind"],
        what=row["what"],
        since=moment(row["since"]),
        evidence=row["evidence"],
        advice=row["advice"],
        opened_at=moment(row["opened_at"]),
        last_reported_at=moment_or_none(row["last_reported_at"]),
        reports=row["reports"],
        closed_at=moment_or_none(row["closed_at"]),
    )
