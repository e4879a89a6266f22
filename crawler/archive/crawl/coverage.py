"""Record coverage: the intervals in which a seed missed nothing, the gaps in which it may have, and their repairs.

A gap is repaired in one of two ways: by a deeper document of the same seed that overlaps with the links known before
the gap, or by another seed of the source that lists the same articles and either reaches back past the gap or has no
gap itself in that interval. A gap that is not repaired within REPAIRABLE_FOR becomes unresolved, with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from crawler.archive.crawl.stored_poll import StoredPoll
from crawler.archive.db.seals import insert_sealed, seal_row, seal_rows
from crawler.archive.storage.store import ArchiveStore
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import format_utc, parse_utc

log = logging.getLogger(__name__)
REPAIRABLE_FOR = timedelta(days=3)
"""A news sitemap covers two days (Google's news-sitemap rules); one more day leaves time for late repairs."""
RESEMBLANCE = 0.9
"""Share of a seed's links that another seed must list, too, to repair its gaps."""
COMPARED_LINKS = 100
"""Number of latest links that are compared."""
_COUNTERS = {"polls": 1, "repair_attempts": 0, "found": 0}
"""Of a new row of coverage."""
LEAST_COMPARED = 10
"""With fewer links the share says little."""


def record_coverage(
    store: ArchiveStore, stored: StoredPoll, *, since: datetime | None, complete: bool, expected: float | None
) -> None:
    """Extend the complete interval of a seed, or add a gap, after a document was received.

    `since`: time of the last current document before it, where a gap begins; None for the first document. It may be
    earlier than the previous poll: a document that was stale for days proves nothing about those days. `expected`:
    articles expected in the interval, None if unknown.
    """
    if complete or since is None:
        _extend(store.db, seed_id=stored.seed_id, source=stored.source, begins=since or stored.at, at=stored.at)
    else:
        columns = {
            "source_id": stored.source,
            "seed_id": stored.seed_id,
            "from_at": format_utc(since),
            "until_at": format_utc(stored.at),
            "poll_id": stored.poll_id,
            "expected": None if expected is None else float(expected),
            "seen": stored.fresh,
            "missed": None if expected is None else float(max(0, expected - stored.fresh)),
        }
        _open_gap(store.db, columns)


def _extend(db: Connection, *, seed_id: int, source: str, begins: datetime, at: datetime) -> None:
    last = db.execute(
        "SELECT id, state FROM coverage WHERE seed_id = ? ORDER BY id DESC LIMIT 1", (seed_id,)
    ).fetchone()
    if last is not None and last["state"] == "complete":
        db.execute(  # from_at is in the future if the clock was wrong when it was written
            "UPDATE coverage SET from_at = min(from_at, :at), until_at = :at, polls = polls + 1 WHERE id = :id",
            {"at": format_utc(at), "id": last["id"]},
        )
        seal_row(db, "coverage", last["id"])
        return
    columns = {"source_id": source, "seed_id": seed_id, "from_at": format_utc(begins), "until_at": format_utc(at)}
    insert_sealed(db, "coverage", {**columns, "state": "complete", **_COUNTERS})


def _open_gap(db: Connection, columns: Mapping[str, Any]) -> None:
    seed_id, source, begins, at = (columns[name] for name in ("seed_id", "source_id", "from_at", "until_at"))
    too_long = db.execute(
        "SELECT id FROM coverage WHERE seed_id = ? AND state = 'complete' AND until_at > ?", (seed_id, begins)
    )
    for (interval,) in too_long.fetchall():
        db.execute("UPDATE coverage SET until_at = max(from_at, ?) WHERE id = ?", (begins, interval))
        seal_row(db, "coverage", interval)
    gap_id = insert_sealed(db, "coverage", {**columns, "state": "open", **_COUNTERS})
    log.debug(
        "gap %d: opened for seed %d of %s, from %s to %s (poll %d, %s articles expected, %d new links)",
        gap_id, seed_id, source, begins, at, columns["poll_id"], columns["expected"], columns["seen"],
    )  # fmt: skip
    # Poll the other seeds in the next crawl: a sitemap may still list what this seed has dropped.
    db.execute(
        "UPDATE seeds SET next_poll_at = ? WHERE source_id = ? AND id <> ? AND next_poll_at > ?",
        (at, source, seed_id, at),
    )


def record_deeper_coverage(store: ArchiveStore, stored: StoredPoll, *, overlaps_known: bool) -> None:
    """Count a deeper document of a seed (a next page, a child sitemap); it repairs the latest gap if it overlaps."""
    store.db.execute(
        "UPDATE coverage SET repair_attempts = repair_attempts + 1, found = found + ? WHERE seed_id = ? AND state = 'open'",
        (stored.fresh, stored.seed_id),
    )
    seal_rows(store.db, "coverage", "seed_id = ? AND state = 'open'", (stored.seed_id,))
    latest = store.db.execute(
        "SELECT max(id) FROM coverage WHERE seed_id = ? AND state = 'open'", (stored.seed_id,)
    ).fetchone()[0]
    if overlaps_known and latest is not None:
        proof = f"{stored.poll.url or ''} overlaps with the links known before it"
        _resolve_gap(store.db, latest, "repaired", proof, stored.at)


def repair_from(store: ArchiveStore, *, seed_id: int, source: str, at: datetime, oldest: datetime | None) -> None:
    """Try to repair the gaps of a source's other seeds with a document of this seed.

    `oldest`: since when the document lists everything that was published; None if unknown.
    """
    for row in _open_gaps(store.db, source):
        if row["seed_id"] != seed_id:
            _try_repair(store, row, seed_id, at, oldest)
    _give_up_old_gaps(store, source, at)


def _try_repair(store: ArchiveStore, gap: Row, other_id: int, at: datetime, oldest: datetime | None) -> None:
    db = store.db
    found = db.execute(
        # The signs + lead to the index of source and time: a seed has a hundred thousand links in some years.
        "SELECT count(*) FROM links AS other WHERE +seed_id = ? AND source_id = ? AND first_seen_at >= ?"
        " AND published_at >= ? AND published_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM links WHERE seed_id = ? AND key = other.key)",
        (other_id, gap["source_id"], gap["until_at"], gap["from_at"], gap["until_at"], gap["seed_id"]),
    ).fetchone()[0]
    db.execute("UPDATE coverage SET repair_attempts = repair_attempts + 1, found = ? WHERE id = ?", (found, gap["id"]))
    seal_row(db, "coverage", gap["id"])
    other = db.execute("SELECT kind, url FROM seeds WHERE id = ?", (other_id,)).fetchone()
    reaches_back = oldest is not None and format_utc(oldest) <= gap["from_at"]
    has_no_gap = _is_complete_across(db, other_id, gap["from_at"], gap["until_at"])
    if not (reaches_back or has_no_gap) or not resembles_seed(db, other_id, gap["seed_id"], before=gap["from_at"]):
        return
    proof = "reaches back past the gap" if reaches_back else "has no gap in that interval"
    _resolve_gap(db, gap["id"], "repaired", f"{other['kind']} {other['url']} lists the same articles and {proof}", at)


def _resolve_gap(db: Connection, gap_id: int, state: str, resolution: str, at: datetime) -> None:
    db.execute(
        "UPDATE coverage SET state = ?, resolution = ?, resolved_at = ? WHERE id = ?",
        (state, resolution, format_utc(at), gap_id),
    )
    seal_row(db, "coverage", gap_id)
    log.debug("gap %d: %s, %s", gap_id, state, resolution)


def resembles_seed(db: Connection, other_id: int, seed_id: int, *, before: str) -> bool:
    """Return whether the seed `other_id` lists the latest links that `seed_id` listed up to `before`."""
    compared, shared = db.execute(
        "SELECT count(*), coalesce(sum(EXISTS"
        " (SELECT 1 FROM links AS other WHERE other.seed_id = ? AND other.key = mine.key)), 0)"
        " FROM (SELECT key FROM links WHERE +seed_id = ? AND source_id = (SELECT source_id FROM seeds WHERE id = ?)"
        " AND first_seen_at <= ? ORDER BY first_seen_at DESC LIMIT ?) AS mine",
        (other_id, seed_id, seed_id, before, COMPARED_LINKS),
    ).fetchone()
    return bool(compared >= LEAST_COMPARED and shared >= RESEMBLANCE * compared)


def _is_complete_across(db: Connection, seed_id: int, from_at: str, until_at: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM coverage WHERE seed_id = ? AND state = 'complete' AND from_at <= ? AND until_at >= ?",
        (seed_id, from_at, until_at),
    ).fetchone()
    return row is not None


def _open_gaps(db: Connection, source: str) -> list[Row]:
    return list(db.execute("SELECT * FROM coverage WHERE source_id = ? AND state = 'open' ORDER BY id", (source,)))


def _give_up_old_gaps(store: ArchiveStore, source: str, at: datetime) -> None:
    for gap in _open_gaps(store.db, source):
        if parse_utc(gap["until_at"]) + REPAIRABLE_FOR <= at:
            _resolve_gap(store.db, gap["id"], "unresolved", _reason_unresolved(store.db, gap), at)


def _reason_unresolved(db: Connection, gap: Row) -> str:
    others = db.execute(
        "SELECT id, kind FROM seeds WHERE source_id = ? AND id <> ?", (gap["source_id"], gap["seed_id"])
    ).fetchall()
    if not others:
        deeper = (
            "its older pages do not reach back past the gap" if gap["repair_attempts"] else "it links to no older page"
        )
        return f"the source has no other seed, and {deeper}; add a sitemap or an archive listing to the source"
    if not any(resembles_seed(db, row["id"], gap["seed_id"], before=gap["from_at"]) for row in others):
        return "no other seed of the source lists the same articles"
    return "no other seed of the source reaches back past the gap"


def resolve_old_gaps(store: ArchiveStore, *, at: datetime) -> None:
    """Mark gaps that have been open for REPAIRABLE_FOR as unresolved, including those of sources no longer polled."""
    rows = store.db.execute("SELECT DISTINCT source_id FROM coverage WHERE state = 'open'").fetchall()
    for row in rows:
        _give_up_old_gaps(store, row["source_id"], at)
