"""The gap ledger: which intervals of a way are provably complete, where something was possibly missed, and repairs.

A gap of a way is repaired by a deeper document of its own that meets what was known before the gap, or by another way
of the source: one that brings what this one brings, and whose document reaches back past the gap, or whose own
ledger is complete across it. What cannot be repaired within REPAIR is left standing, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.storage.store import ArchiveStore
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none

REPAIRABLE_FOR = timedelta(days=3)
"""A news sitemap holds two days (Google's news-sitemap rules); what is not found by a day after that will not be."""
MAX_REPAIR_ATTEMPTS = 30
"""Documents asked for to repair one gap: three times through the days of a week."""
RESEMBLANCE = 0.9
"""Share of a way's links that another way gives too, from which it stands in for it."""
COMPARED_LINKS = 100
"""Latest links by which two ways are compared."""
LEAST_COMPARED = 10
"""Below so many the share is chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An interval in which a way may have brought something that was not seen."""

    id: int
    source: str
    seed: str
    kind: str
    from_at: datetime
    until_at: datetime
    state: str
    missed: float | None
    """Estimated; None where the way's rhythm was not known."""
    seen: int
    found: int
    repair_attempts: int
    resolution: str | None
    resolved_at: datetime | None


def record_coverage(
    store: ArchiveStore,
    *,
    seed_id: int,
    source: str,
    poll_id: int,
    before: datetime | None,
    at: datetime,
    complete: bool,
    expected: float | None,
    seen: int,
) -> None:
    """A way gave a document at `at`, the last one before it at `before` (None: it is the first).

    A gap may begin before that one: where a document was stale for days, what it showed meanwhile proves nothing.
    """
    db = store.db
    if complete or before is None:
        last = db.execute(
            "SELECT id, state, until_at FROM coverage WHERE seed_id = ? ORDER BY id DESC LIMIT 1", (seed_id,)
        ).fetchone()
        if last is not None and last["state"] == "complete":
            db.execute(  # it begins later than now where a wrong clock wrote it
                "UPDATE coverage SET from_at = min(from_at, :at), until_at = :at, polls = polls + 1 WHERE id = :id",
                {"at": format_utc(at), "id": last["id"]},
            )
        else:
            begins = before or at
            db.execute(
                "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state) VALUES (?, ?, ?, ?, 'complete')",
                (source, seed_id, format_utc(begins), format_utc(at)),
            )
        return
    missed = None if expected is None else max(0.0, expected - seen)
    db.execute(
        "UPDATE coverage SET until_at = max(from_at, ?) WHERE seed_id = ? AND state = 'complete' AND until_at > ?",
        (format_utc(before), seed_id, format_utc(before)),
    )
    db.execute(
        "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state, poll_id, expected, seen, missed)"
        " VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?)",
        (source, seed_id, format_utc(before), format_utc(at), poll_id, expected, seen, missed),
    )
    # The other ways are asked at the next crawl: a sitemap may still hold what this one has dropped.
    db.execute(
        "UPDATE seeds SET next_poll_at = ? WHERE source_id = ? AND id <> ? AND next_poll_at > ?",
        (format_utc(at), source, seed_id, format_utc(at)),
    )


def record_deeper_coverage(
    store: ArchiveStore, *, seed_id: int, url: str, at: datetime, overlaps_known: bool, fresh: int
) -> None:
    """A document that a way led to (its next page, a sitemap of its index) came."""
    store.db.execute(
        "UPDATE coverage SET repair_attempts = repair_attempts + 1, found = found + ? WHERE seed_id = ? AND state = 'open'",
        (fresh, seed_id),
    )
    if overlaps_known:
        store.db.execute(
            "UPDATE coverage SET state = 'repaired', resolution = ?, resolved_at = ?"
            " WHERE id = (SELECT max(id) FROM coverage WHERE seed_id = ? AND state = 'open')",
            (f"met what was known on {url}", format_utc(at), seed_id),
        )


def repair_from(store: ArchiveStore, *, seed_id: int, source: str, at: datetime, oldest: datetime | None) -> None:
    """A way gave a document whose oldest item is of `oldest`: it may close gaps of the source's other ways."""
    for row in _open(store.db, source):
        if row["seed_id"] != seed_id:
            _try_repair(store, row, seed_id, at, oldest)
    _leave_unresolved(store, source, at)


def _try_repair(store: ArchiveStore, gap: Row, by: int, at: datetime, oldest: datetime | None) -> None:
    db = store.db
    found = db.execute(
        "SELECT count(*) FROM links WHERE seed_id = ? AND first_seen_at >= ? AND published_at >= ? AND published_at < ?"
        " AND key NOT IN (SELECT key FROM links WHERE seed_id = ?)",
        (by, gap["until_at"], gap["from_at"], gap["until_at"], gap["seed_id"]),
    ).fetchone()[0]
    db.execute("UPDATE coverage SET repair_attempts = repair_attempts + 1, found = ? WHERE id = ?", (found, gap["id"]))
    name = db.execute("SELECT kind, url FROM seeds WHERE id = ?", (by,)).fetchone()
    reaches = oldest is not None and format_utc(oldest) <= gap["from_at"]
    spans = _is_complete_across(db, by, gap["from_at"], gap["until_at"])
    if not (reaches or spans) or not resembles_seed(db, by, gap["seed_id"], before=gap["from_at"]):
        return
    proof = "reaches back past it" if reaches else "has no gap there"
    db.execute(
        "UPDATE coverage SET state = 'repaired', resolution = ?, resolved_at = ? WHERE id = ?",
        (f"{name['kind']} {name['url']} brings the same, and {proof}", format_utc(at), gap["id"]),
    )


def resembles_seed(db: Connection, by: int, seed_id: int, *, before: str) -> bool:
    """Whether one way brings what another does, by the latest links of the other."""
    compared, shared = db.execute(
        "SELECT count(*), coalesce(sum(EXISTS"
        " (SELECT 1 FROM links AS other WHERE other.seed_id = ? AND other.key = mine.key)), 0)"
        " FROM (SELECT key FROM links WHERE seed_id = ? AND first_seen_at <= ? ORDER BY first_seen_at DESC LIMIT ?)"
        " AS mine",
        (by, seed_id, before, COMPARED_LINKS),
    ).fetchone()
    return bool(compared >= LEAST_COMPARED and shared >= RESEMBLANCE * compared)


def _is_complete_across(db: Connection, seed_id: int, from_at: str, until_at: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM coverage WHERE seed_id = ? AND state = 'complete' AND from_at <= ? AND until_at >= ?",
        (seed_id, from_at, until_at),
    ).fetchone()
    return row is not None


def _open(db: Connection, source: str) -> list[Row]:
    return list(db.execute("SELECT * FROM coverage WHERE source_id = ? AND state = 'open' ORDER BY id", (source,)))


def _leave_unresolved(store: ArchiveStore, source: str, at: datetime) -> None:
    for gap in _open(store.db, source):
        if parse_utc(gap["until_at"]) + REPAIRABLE_FOR <= at:
            store.db.execute(
                "UPDATE coverage SET state = 'unresolved', resolution = ?, resolved_at = ? WHERE id = ?",
                (_why_not(store.db, gap), format_utc(at), gap["id"]),
            )


def _why_not(db: Connection, gap: Row) -> str:
    others = db.execute(
        "SELECT id, kind FROM seeds WHERE source_id = ? AND id <> ?", (gap["source_id"], gap["seed_id"])
    ).fetchall()
    if not others:
        deeper = "its older pages ended before what was known" if gap["repair_attempts"] else "it names no older page"
        return f"the source has no other seed, and {deeper}; give it a sitemap or an archive listing"
    if not any(resembles_seed(db, row["id"], gap["seed_id"], before=gap["from_at"]) for row in others):
        return "no other way of the source brings what this one does"
    return "no other way reaches back past it"


def resolve_old_gaps(store: ArchiveStore, *, at: datetime) -> None:
    """Leave standing what has been open for too long, also of sources that are asked no more."""
    rows = store.db.execute("SELECT DISTINCT source_id FROM coverage WHERE state = 'open'").fetchall()
    for row in rows:
        _leave_unresolved(store, row["source_id"], at)


def gaps(db: Connection, *, source: str | None = None, unsettled: bool = False) -> list[Gap]:
    """Newest first. `unsettled`: without the repaired ones."""
    states = ("open", "unresolved") if unsettled else ("open", "unresolved", "repaired")
    rows = db.execute(
        "SELECT coverage.*, seeds.url AS seed, seeds.kind AS kind FROM coverage JOIN seeds ON seeds.id = coverage.seed_id"
        f" WHERE state IN ({','.join('?' * len(states))}) AND (? IS NULL OR coverage.source_id = ?)"
        " ORDER BY coverage.until_at DESC, coverage.id DESC",
        (*states, source, source),
    )
    return [
        Gap(
            id=row["id"],
            source=row["source_id"],
            seed=row["seed"],
            kind=row["kind"],
            from_at=parse_utc(row["from_at"]),
            until_at=parse_utc(row["until_at"]),
            state=row["state"],
            missed=row["missed"],
            seen=row["seen"] or 0,
            found=row["found"],
            repair_attempts=row["repair_attempts"],
            resolution=row["resolution"],
            resolved_at=parse_utc_or_none(row["resolved_at"]),
        )
        for row in rows
    ]


def repairable(db: Connection, source: str) -> list[Gap]:
    """A source's open gaps, but for those of which the repair was tried often enough."""
    return [
        gap
        for gap in gaps(db, source=source, unsettled=True)
        if gap.state == "open" and gap.repair_attempts < MAX_REPAIR_ATTEMPTS
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """How much of the time a source was provably seen whole."""

    source: str
    watched: timedelta
    """Over all of its ways, since their first polls."""
    gaps: timedelta
    """Of these, in gaps that were not repaired."""
    open: int
    unresolved: int
    repaired: int
    missed: float
    """Estimated, in gaps that were not repaired."""

    @property
    def share(self) -> float:
        """Of the time, complete."""
        return 1 - self.gaps / self.watched if self.watched else 1.0


def covered(db: Connection) -> list[Covered]:
    """Of each source that was polled, in the order of their names."""
    length = "unixepoch(until_at) - unixepoch(from_at)"
    rows = db.execute(
        f"SELECT source_id, sum({length}) AS watched,"
        f" sum(iif(state IN ('open', 'unresolved'), {length}, 0)) AS gaps,"
        " sum(state = 'open') AS open, sum(state = 'unresolved') AS unresolved, sum(state = 'repaired') AS repaired,"
        " sum(iif(state IN ('open', 'unresolved'), coalesce(missed, 0), 0)) AS missed"
        " FROM coverage GROUP BY source_id ORDER BY source_id"
    )
    return [
        Covered(
            source=row["source_id"],
            watched=timedelta(seconds=row["watched"]),
            gaps=timedelta(seconds=row["gaps"]),
            open=row["open"],
            unresolved=row["unresolved"],
            repaired=row["repaired"],
            missed=row["missed"],
        )
        for row in rows
    ]
