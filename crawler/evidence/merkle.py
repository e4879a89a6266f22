"""Merkle trees as in RFC 6962: the root over the leaves of a day, and the path from a leaf to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crawler.evidence.verify_pack import node_hash


def merkle_root(leaves: Iterable[bytes]) -> str:
    """Return the root of the tree over these hashes in hexadecimal digits, with one node of each level in memory.

    Raises ValueError without a leaf.
    """
    nodes: list[bytes] = []
    for number, node in enumerate(leaves, start=1):
        while number % 2 == 0:  # a node on the right: it completes the one before
            node = node_hash(nodes.pop(), node)  # noqa: PLW2901 -- the node of the next level
            number //= 2  # noqa: PLW2901 -- its number there
        nodes.append(node)
    if not nodes:
        raise ValueError("a Merkle tree has at least one leaf")
    root = nodes.pop()
    while nodes:
        root = node_hash(nodes.pop(), root)
    return root.hex()


class MerkleTree:
    """A tree over at least one leaf; a level with an odd number of nodes passes its last one on."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """`leaves`: their hashes, see `leaf_hash`."""
        assert leaves, "a day has at least the leaf that chains it to the day before"
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            level = self._levels[-1]
            above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
            self._levels.append(above + level[2 * len(above) :])

    @property
    def size(self) -> int:
        """Number of leaves."""
        return len(self._levels[0])

    @property
    def root(self) -> str:
        """The root in hexadecimal digits."""
        return self._levels[-1][0].hex()

    def path(self, index: int) -> tuple[str, ...]:
        """The siblings from a leaf to the root, in hexadecimal digits."""
        path = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(level[sibling].hex())
            index >>= 1
        return tuple(path)
