"""Verify the daily roots against the rows: what was altered, added or removed in the past is named by day; make proofs.

A proof is the path from a row to a daily root, in the form in which evidence files store it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from crawler.archive.evidence.daily_roots import NO_ROOT, DailyRoot, computed_root, daily_roots, day_tree
from crawler.archive.evidence.leaves import LEAF_KINDS, LEAF_TABLES, Leaf, LeafKind
from crawler.evidence.merkle import MerkleTree
from crawler.evidence.verify_pack import PROOF_FORMAT, VerificationError
from crawler.sqlite.connection import Connection

_HIGHEST_ID = 2**63 - 1
"""SQLite's highest integer."""
_ROW = re.compile(r"(revisions|pages|alerts) row (-?\d+)")
_EXPLAINED: dict[LeafKind, str] = {
    # A re-extraction has the time and the page of the version before.
    "revision": "EXISTS (SELECT 1 FROM revisions b WHERE b.article_id = t.article_id AND b.number < t.number"
    " AND b.seen_at = t.seen_at AND b.page_id IS t.page_id)",
    "page": "0",
    "alert": "0",
}
"""Condition: the row repeats one of its time, so that nothing is claimed about that time for the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFault:
    """Something about the past that is not as it was when a root was recorded."""

    day: str
    what: str
    is_proven: bool = True
    """False if a replay of recorded pages has the same effect."""

    @property
    def where(self) -> str:
        return f"daily root of {self.day}"


def root_faults(db: Connection) -> Iterator[RootFault]:
    """Each day whose rows do not give its root, each break of the chain, each row that claims an earlier day."""
    roots = daily_roots(db)
    yield from _chain_faults(roots)
    for root in roots:
        yield from _day_faults(db, root)
    yield from _late_rows(db, roots)


def day_of_row(roots: Sequence[DailyRoot], kind: LeafKind, row_id: int) -> str | None:
    """The day of the root that covers a row; None if no root covers it yet."""
    return next((root.day for root in roots if row_id in root.ranges[kind]), None)


def with_day(where: str, roots: Sequence[DailyRoot]) -> str:
    """ "revisions row 12" with the day of its root: "revisions row 12 (daily root of 2026-11-29)"."""
    found = _ROW.fullmatch(where)
    if found is None:
        return where
    kind = next(kind for kind in LEAF_KINDS if LEAF_TABLES[kind].table == found[1])
    day = day_of_row(roots, kind, int(found[2]))
    return where if day is None else f"{where} (daily root of {day})"


def _chain_faults(roots: Sequence[DailyRoot]) -> Iterator[RootFault]:
    if roots and roots[0].previous != NO_ROOT:
        yield RootFault(
            day=roots[0].day, what="continues a root that is not in the archive; roots before it were removed"
        )
    for before, root in pairwise(roots):
        if root.previous != before.root:
            yield RootFault(
                day=root.day,
                what=f"does not continue the root of {before.day}; one of the two was altered, or roots between were removed",
            )
        if any(root.ranges[kind].last < before.ranges[kind].last for kind in LEAF_KINDS):
            yield RootFault(day=root.day, what="its last IDs are below those of the day before")


def _day_faults(db: Connection, root: DailyRoot) -> Iterator[RootFault]:
    present, counts = computed_root(db, root)
    changes = []
    for kind in LEAF_KINDS:
        difference = counts[kind] - root.counts[kind]
        if difference:
            changes.append(f"{abs(difference):,} {LEAF_TABLES[kind].table} {'added' if difference > 0 else 'removed'}")
    if present == root.root and not changes:
        return
    what = ", ".join(changes) or "rows or the root itself were altered"
    yield RootFault(day=root.day, what=f"the rows of this day give another root: {what}; restore them from a backup")


def _late_rows(db: Connection, roots: Sequence[DailyRoot]) -> Iterator[RootFault]:
    """Rows that claim the time of a root, but were stored after it was recorded."""
    late: dict[tuple[str, LeafKind], list[int]] = {}
    ends = [root.ends_at for root in roots]
    for number, before in enumerate(roots, start=1):
        for kind in LEAF_KINDS:
            last = roots[number].ranges[kind].last if number < len(roots) else _HIGHEST_ID
            table, time, _ = LEAF_TABLES[kind]
            rows = db.execute(
                f"SELECT t.id, t.{time} FROM {table} t WHERE t.id > ? AND t.id <= ? AND t.{time} < ? AND NOT {_EXPLAINED[kind]}",
                (before.ranges[kind].last, last, before.ends_at),
            )
            for row_id, at in rows:
                late.setdefault((roots[bisect.bisect_right(ends, at)].day, kind), []).append(row_id)
    for (day, kind), ids in sorted(late.items()):
        yield RootFault(
            day=day,
            what=f"{len(ids):,} {LEAF_TABLES[kind].table} of this day were stored after its root, first row {min(ids)}:"
            " replayed from recorded pages, or dated back",
            is_proven=False,
        )


Proof = dict[str, Any]
"""leaf (text), day, index in the tree, path of sibling hashes."""


class Prover:
    """Makes proofs; builds the tree of each day once.

    Its methods raise VerificationError for a day whose rows no longer give its root: no path leads there any more.
    """

    def __init__(self, db: Connection) -> None:
        self._db = db
        self.roots = daily_roots(db)
        self._trees: dict[str, tuple[MerkleTree, list[Leaf]]] = {}

    def proof(self, kind: LeafKind, row_id: int) -> Proof | None:
        """The path from a row to the root of its day; None if no root covers it, or if it was removed."""
        day = day_of_row(self.roots, kind, row_id)
        if day is None:
            return None
        tree, found = self._tree(day)
        for index, leaf in enumerate(found, start=1):
            if (leaf.kind, leaf.row_id) == (kind, row_id) and leaf.text is not None:
                return {"leaf": leaf.text, "day": day, "index": index, "path": list(tree.path(index))}
        return None

    def days(self, since: str) -> list[dict[str, Any]]:
        """The chain from a day to the newest root: each day with the path of the leaf that contains the day before."""
        return [self._link(root) for root in self.roots if root.day >= since]

    def document(self, proofs: Sequence[Proof], unproven: Sequence[str]) -> dict[str, Any]:
        """The content of `PROOFS` in an evidence file: the proofs, and the chain from the first of them."""
        since = min((proof["day"] for proof in proofs), default=None)
        days = self.days(since) if since is not None else []
        return {"format": PROOF_FORMAT, "days": days, "proofs": list(proofs), "unproven": list(unproven)}

    def _link(self, root: DailyRoot) -> dict[str, Any]:
        tree, _ = self._tree(root.day)
        return {
            "day": root.day,
            "root": root.root,
            "previous": root.previous,
            "size": tree.size,
            "path": list(tree.path(0)),
        }

    def _tree(self, day: str) -> tuple[MerkleTree, list[Leaf]]:
        if day not in self._trees:
            root = next(root for root in self.roots if root.day == day)
            tree, found = day_tree(self._db, root)
            if tree.root != root.root:
                raise VerificationError(
                    f"the rows of {day} give another root than was recorded; `scrapy archive check` says what was altered"
                )
            self._trees[day] = tree, found
        return self._trees[day]
