"""Read coverage: the gaps of seeds, how much of a source's time they are, and the entries that polls left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.items import PollRecord
from crawler.reasons import LOST_ENTRIES, Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import format_utc

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutEntries:
    """The count of one document at its latest poll."""

    source: str
    kind: str
    seed: str
    """URL of the seed."""
    url: str | None
    """URL of a child sitemap or next page; None for the seed itself."""
    at: datetime
    entries: int
    items: int
    """Entries that became links."""
    counts: Mapping[str, int]
    """Number of entries left out by reason code."""
    note: str | None

    @property
    def lost(self) -> int:
        """Entries that may be missed articles."""
        return lost_entries(self.counts)

    @property
    def sitemaps_not_read(self) -> int:
        """Child sitemaps that were not read yet."""
        return self.counts.get(ReasonCode.SITEMAP_NOT_READ, 0)


def lost_entries(counts: Mapping[str, int]) -> int:
    """Return how many of the entries left out may be missed articles. `counts`: reason code -> number of entries."""
    return sum(count for code, count in counts.items() if code in LOST_ENTRIES)


def left_out_entries(db: Connection, *, source: str | None = None) -> list[LeftOutEntries]:
    """The documents with entries left out at their latest poll, of a source or all."""
    rows = db.execute(
        "SELECT seeds.source_id AS source, seeds.kind, seeds.url AS seed, polls.url, polls.at, polls.entries, polls.items,"
        " polls.left_out, polls.error AS note FROM polls JOIN seeds ON seeds.id = polls.seed_id WHERE polls.id IN ("
        " SELECT max(id) FROM polls WHERE entries IS NOT NULL GROUP BY seed_id, url)"
        " AND polls.left_out IS NOT NULL AND (:source IS NULL OR seeds.source_id = :source)"
        " ORDER BY seeds.source_id, seeds.id, polls.url",
        {"source": source},
    )
    return [from_row(LeftOutEntries, row, counts=json.loads(row["left_out"])) for row in rows]


EARLIER_POLLS, EARLIER_SINCE = 20, timedelta(days=7)
"""Polls that the length of a document is compared with; after a week, the shorter length is the usual one."""
SHRUNK_FROM, SHRUNK_TO = 9, 1 / 3
"""A listing of usually 9 links or more with less than a third of them has shrunk; short listings vary too much."""


def shrinkage(db: Connection, seed_id: int, poll: PollRecord) -> Reason | None:
    """Return a note if a document is empty, or a listing far shorter than usual; None otherwise."""
    rows = db.execute(
        "SELECT polls.items, polls.at, seeds.kind FROM polls JOIN seeds ON seeds.id = polls.seed_id"
        " WHERE seed_id = ? AND polls.url IS NULL AND polls.outcome IN ('new', 'known') AND polls.items > 0"
        " AND coalesce(polls.reason_code, '') <> ? AND polls.at > ? ORDER BY polls.id DESC LIMIT ?",
        (seed_id, ReasonCode.SHRUNK, format_utc(poll.at - EARLIER_SINCE), EARLIER_POLLS),
    ).fetchall()
    if not rows:
        return None
    usual, now = sorted(row["items"] for row in rows)[len(rows) // 2], len(poll.links)
    if now == 0 and poll.entries == 0:
        last = rows[0]["at"][:16].replace("T", " ")
        return Reason(ReasonCode.EMPTIED, f"no entries; usually {usual}, last seen {last} UTC")
    if rows[0]["kind"] == "listing" and usual >= SHRUNK_FROM and now < usual * SHRUNK_TO:
        return Reason(ReasonCode.SHRUNK, f"{now} of usually {usual} links to articles")
    return None
