"""Other ways to find near copies, for comparison: equal texts by hash, and plain MinHash LSH as in tutorials."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from benchmarks.support.stories.gold import shingles

PERMUTATIONS, BANDS = 128, 16
"""16 bands of 8 rows: what datasketch's tuning chooses for a threshold between 0.6 and 0.7."""
THRESHOLD = 0.5


def by_hash(texts: Sequence[str]) -> list[int]:
    """The group of each text; texts with equal words are one group."""
    groups: dict[str, int] = {}
    return [groups.setdefault(" ".join(re.findall(r"\w+", text.lower())), len(groups)) for text in texts]


def by_minhash(texts: Sequence[str]) -> list[int]:
    """The group of each text: MinHash over five-word shingles, banded; joined if the estimate is at least THRESHOLD."""
    from rensa import RMinHash

    digests = []
    for text in texts:
        minhash = RMinHash(num_perm=PERMUTATIONS, seed=1)
        minhash.update([" ".join(shingle) for shingle in shingles(text)])
        digests.append(minhash.digest())
    rows = PERMUTATIONS // BANDS
    groups = _Groups(len(texts))
    for band in range(BANDS):
        buckets: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for number, digest in enumerate(digests):
            for other in buckets[tuple(digest[band * rows : (band + 1) * rows])]:
                if sum(map(int.__eq__, digest, digests[other])) >= THRESHOLD * PERMUTATIONS:
                    groups.join(number, other)
            buckets[tuple(digest[band * rows : (band + 1) * rows])].append(number)
    return groups.all()


class _Groups:
    """Disjoint sets."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        self._parent[self.root(one)] = self.root(other)

    def all(self) -> list[int]:
        return [self.root(one) for one in range(len(self._parent))]


def pairs_of(groups: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Every pair of texts in the same group."""
    members: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        members[group].append(number)
    for group_members in members.values():
        for place, one in enumerate(group_members):
            for other in group_members[place + 1 :]:
                yield one, other
