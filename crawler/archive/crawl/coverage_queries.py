"""Read coverage: the gaps of seeds, and how much of a source's time they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row, marks

MAX_REPAIR_ATTEMPTS = 30
"""Documents requested to repair one gap: about four for each day of a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An interval in which a seed may have listed articles that were missed."""

    id: int
    source: str
    seed: str
    kind: str
    from_at: datetime
    until_at: datetime
    state: str
    missed: float | None
    """Estimated number of missed articles; None if the publication rate was unknown."""
    seen: int
    """New links in the document that showed the gap."""
    found: int
    """New links that the attempts to repair it found."""
    repair_attempts: int
    resolution: str | None
    resolved_at: datetime | None


def gaps(db: Connection, *, source: str | None = None, unrepaired_only: bool = False) -> list[Gap]:
    """Return the gaps of a source or of all sources, newest first; `unrepaired_only` leaves out the repaired ones."""
    states = ("open", "unresolved") if unrepaired_only else ("open", "unresolved", "repaired")
    rows = db.execute(
        "SELECT coverage.*, seeds.url AS seed, seeds.kind AS kind FROM coverage JOIN seeds ON seeds.id = coverage.seed_id"
        f" WHERE state IN ({marks(states)}) AND (? IS NULL OR coverage.source_id = ?)"
        " ORDER BY coverage.until_at DESC, coverage.id DESC",
        (*states, source, source),
    )
    return [from_row(Gap, row, source=row["source_id"], seen=row["seen"] or 0) for row in rows]


def repairable(db: Connection, source: str) -> list[Gap]:
    """Return the open gaps of a source that have attempts left."""
    return [
        gap
        for gap in gaps(db, source=source, unrepaired_only=True)
        if gap.state == "open" and gap.repair_attempts < MAX_REPAIR_ATTEMPTS
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """The coverage of a source: how long its seeds were watched, and how much of that time lies in gaps."""

    source: str
    watched: timedelta
    """Sum over its seeds, each since its first poll."""
    gaps: timedelta
    """The part of `watched` that lies in unrepaired gaps."""
    open: int
    unresolved: int
    repaired: int
    missed: float
    """Estimated number of articles missed in unrepaired gaps."""

    @property
    def share(self) -> float:
        """The share of `watched` without unrepaired gaps, from 0 to 1."""
        return 1 - self.gaps / self.watched if self.watched else 1.0


def covered(db: Connection) -> list[Covered]:
    """Return the coverage of each source that was polled, ordered by source ID."""
    length = "unixepoch(until_at) - unixepoch(from_at)"
    rows = db.execute(
        f"SELECT source_id AS source, sum({length}) AS watched,"
        f" sum(iif(state IN ('open', 'unresolved'), {length}, 0)) AS gaps,"
        " sum(state = 'open') AS open, sum(state = 'unresolved') AS unresolved, sum(state = 'repaired') AS repaired,"
        " sum(iif(state IN ('open', 'unresolved'), coalesce(missed, 0), 0)) AS missed"
        " FROM coverage GROUP BY source_id ORDER BY source_id"
    )
    return [
        from_row(Covered, row, watched=timedelta(seconds=row["watched"]), gaps=timedelta(seconds=row["gaps"]))
        for row in rows
    ]
