"""Proofs that a row belongs to a daily root, in the form in which evidence files store them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crawler.archive.evidence.daily_roots import DailyRoot, daily_roots, day_tree
from crawler.archive.evidence.leaves import Leaf, LeafKind
from crawler.archive.evidence.root_check import day_of_row
from crawler.evidence.merkle import MerkleTree
from crawler.evidence.verify_pack import PROOF_FORMAT, VerificationError
from crawler.sqlite.connection import Connection

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
