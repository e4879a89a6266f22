"""Merkle trees: the hashes of RFC 6962, and paths that lead to the root for each leaf of trees of every size."""

from __future__ import annotations

import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.evidence.merkle import MerkleTree, merkle_root
from crawler.evidence.verify_pack import VerificationError, leaf_hash, root_of_path


def root_by_definition(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash as RFC 6962, section 2.1, defines it: by splitting at the largest power of two."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = root_by_definition(leaves[:split]), root_by_definition(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("size", [*range(1, 20), 64, 65, 100])
def test_the_root_is_the_one_of_rfc_6962_and_each_path_leads_to_it(size: int) -> None:
    leaves = [leaf_hash(f"leaf {number}") for number in range(size)]
    tree = MerkleTree(leaves)
    assert tree.root == merkle_root(leaves) == root_by_definition(leaves).hex()
    assert {root_of_path(leaf, at, size, tree.path(at)) for at, leaf in enumerate(leaves)} == {tree.root}


def test_leaves_and_nodes_are_hashed_differently() -> None:
    assert leaf_hash("x") == hashlib.sha256(b"\x00x").digest()
    assert MerkleTree([leaf_hash("x")]).root == leaf_hash("x").hex()


@given(st.integers(2, 40), st.data())
def test_a_path_proves_neither_another_leaf_nor_another_place(size: int, data: st.DataObject) -> None:
    tree = MerkleTree([leaf_hash(f"leaf {number}") for number in range(size)])
    index = data.draw(st.integers(0, size - 1))
    path = tree.path(index)
    other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
    assert root_of_path(leaf_hash("forged"), index, size, path) != tree.root
    with contextlib.suppress(VerificationError):
        assert root_of_path(leaf_hash(f"leaf {index}"), other, size, path) != tree.root
    for wrong in (path[:-1], (*path, path[0])):
        with pytest.raises(VerificationError):
            root_of_path(leaf_hash(f"leaf {index}"), index, size, wrong)


def test_a_leaf_outside_of_the_tree_has_no_path() -> None:
    with pytest.raises(VerificationError, match="no such leaf"):
        root_of_path(leaf_hash("x"), 3, 3, [])
