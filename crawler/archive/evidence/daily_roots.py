"""Record the Merkle root of each day, chained to the one before, and build the trees again.

A root covers the rows with IDs above those of the root before. IDs ascend in the order of commits, so a row that is added
later with an earlier time has a higher ID and cannot become part of an old root.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from sqlite3 import Row

from crawler.archive.evidence.leaves import LEAF_KINDS, LEAF_TABLES, LOWEST_ID, IdRange, Leaf, LeafKind, leaves
from crawler.evidence.merkle import MerkleTree, merkle_root
from crawler.evidence.verify_pack import chain_leaf, leaf_hash
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc

NO_ROOT = "0" * 64
"""What the first root contains in place of an earlier one."""
ROOT_DELAY = timedelta(hours=1)
"""Time after midnight UTC before the root of a day is computed: pages fetched before midnight are stored after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyRoot:
    """One row of daily_roots with the IDs that it covers."""

    day: str
    root: str
    previous: str
    ranges: Mapping[LeafKind, IdRange]
    counts: Mapping[LeafKind, int]
    created_at: str

    @property
    def ends_at(self) -> str:
        """A text that sorts after every time of the day, as the archive writes times, and before those of the next."""
        return _end_of(self.day)


def daily_roots(db: Connection) -> list[DailyRoot]:
    """All roots, the oldest first."""
    above = dict.fromkeys(LEAF_KINDS, LOWEST_ID)
    roots = []
    for row in db.execute("SELECT * FROM daily_roots ORDER BY day"):
        last = {kind: int(row[f"last_{kind}_id"]) for kind in LEAF_KINDS}
        roots.append(_daily_root(row, {kind: IdRange(above[kind], last[kind]) for kind in LEAF_KINDS}))
        above = last
    return roots


def newest_root(db: Connection) -> DailyRoot | None:
    """The newest root; None before the first."""
    return next(reversed(daily_roots(db)), None)


def day_tree(db: Connection, root: DailyRoot) -> tuple[MerkleTree, list[Leaf]]:
    """The tree of a day from the present rows, and its leaves after the first, which chains it."""
    found = list(_leaves_of(db, root))
    return MerkleTree([_chain_hash(root), *(leaf.digest for leaf in found)]), found


def computed_root(db: Connection, root: DailyRoot) -> tuple[str, Counter[LeafKind]]:
    """The root of a day from the present rows, and its rows by kind. Days of any size take the same memory."""
    counts: Counter[LeafKind] = Counter()

    def hashes() -> Iterator[bytes]:
        yield _chain_hash(root)
        for leaf in _leaves_of(db, root):
            counts[leaf.kind] += 1
            yield leaf.digest

    return merkle_root(hashes()), counts


def due_root(db: Connection, *, now: datetime) -> DailyRoot | None:
    """Compute the root of the last complete day; None if it is recorded already, or if nothing was ever stored.

    After days without a run, the root of the last day covers them, too.
    """
    day = (now.astimezone(timezone.utc) - ROOT_DELAY).date() - timedelta(days=1)
    newest = newest_root(db)
    if newest is not None and newest.day >= day.isoformat():
        return None
    planned = _planned(db, day.isoformat(), newest, now)
    root, counts = computed_root(db, planned)
    if newest is None and not counts:
        return None
    return replace(planned, root=root, counts=counts)


def current_root(db: Connection, *, now: datetime) -> DailyRoot | None:
    """The root that is due now, recorded or not; None before the first."""
    return due_root(db, now=now) or newest_root(db)


def record_daily_root(db: Connection, *, now: datetime) -> DailyRoot | None:
    """Record the root that is due; None if there is none."""
    due = due_root(db, now=now)
    if due is None:
        return None
    with transaction(db):
        # Another process may have recorded it meanwhile: from the same rows, so the root is the same.
        db.execute(
            "INSERT OR IGNORE INTO daily_roots (day, root, previous, last_revision_id, last_page_id, last_alert_id, revisions,"
            " pages, alerts, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                due.day,
                due.root,
                due.previous,
                *(due.ranges[kind].last for kind in LEAF_KINDS),
                *(due.counts[kind] for kind in LEAF_KINDS),
                due.created_at,
            ),
        )
    return newest_root(db)


def root_line(root: DailyRoot) -> str:
    """ "Archive root for 2026-11-29: 5e88…", as digests show it and as it is time-stamped."""
    return f"Archive root for {root.day}: {root.root}"


def _leaves_of(db: Connection, root: DailyRoot) -> Iterator[Leaf]:
    for kind in LEAF_KINDS:
        yield from leaves(db, kind, root.ranges[kind])


def _chain_hash(root: DailyRoot) -> bytes:
    return leaf_hash(chain_leaf(root.day, root.previous))


def _planned(db: Connection, day: str, newest: DailyRoot | None, now: datetime) -> DailyRoot:
    """The next root, without its hash: the rows up to the last one of the day."""
    return DailyRoot(
        day=day,
        root="",
        previous=newest.root if newest else NO_ROOT,
        ranges=dict(_ranges(db, _end_of(day), newest)),
        counts={},
        created_at=format_utc(now),
    )


def _ranges(db: Connection, ends_at: str, newest: DailyRoot | None) -> Iterator[tuple[LeafKind, IdRange]]:
    for kind in LEAF_KINDS:
        above = newest.ranges[kind].last if newest else LOWEST_ID
        table, time, _ = LEAF_TABLES[kind]
        (last,) = db.execute(f"SELECT max(id) FROM {table} WHERE id > ? AND {time} < ?", (above, ends_at)).fetchone()
        yield kind, IdRange(above, last if last is not None else newest.ranges[kind].last if newest else 0)


def _daily_root(row: Row, ranges: Mapping[LeafKind, IdRange]) -> DailyRoot:
    counts = {kind: int(row[LEAF_TABLES[kind].table]) for kind in LEAF_KINDS}
    return from_row(DailyRoot, row, ranges=ranges, counts=counts)


def _end_of(day: str) -> str:
    return f"{day}T24"
