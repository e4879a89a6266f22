"""In how many articles terms occur, from which their rarity follows. One row, whatever the size of the archive.

Terms share counters. Counters are halved together when they are full, so old news fade and errors stay bounded.
"""

from __future__ import annotations

import functools
import sys
from array import array
from collections.abc import Iterable

from crawler.events.similarity import rarity
from crawler.sqlite.connection import Connection

BUCKET_BITS = 16
"""65,536 counters of 16 bits: 128 KiB, which are read and written for each article in less time than 80 rows."""
BUCKET_SHIFT = 32 - BUCKET_BITS
"""Lower bits of a term's hash that its bucket leaves out."""
FULL = 65_535
"""Articles at which all counters are halved: no counter is larger than the number of articles."""


class TermCounts:
    """The counters as read for one article."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        row = db.execute("SELECT articles, counters FROM event_term_counts").fetchone()
        self._articles: int = row[0] if row is not None else 0
        self._counters = array("H", row[1] if row is not None else bytes(2 << BUCKET_BITS))
        if sys.byteorder == "big":
            self._counters.byteswap()
        self._rarity = functools.cache(lambda count: rarity(count, self._articles))

    def rarity_of(self, key: int) -> float:
        """Return the rarity of a term among the counted articles."""
        return self._rarity(self._counters[key >> BUCKET_SHIFT])

    def add(self, keys: Iterable[int]) -> None:
        """Count and store an article with these terms. The counters are not to be used afterwards."""
        counters = self._counters
        for bucket in {key >> BUCKET_SHIFT for key in keys}:
            counters[bucket] += 1
        self._articles += 1
        if self._articles == FULL:
            self._articles //= 2
            counters = array("H", [count // 2 for count in counters])
        if sys.byteorder == "big":
            counters.byteswap()
        self._db.execute(
            "INSERT INTO event_term_counts VALUES (1, ?1, ?2) ON CONFLICT (id) DO UPDATE SET articles = ?1, counters = ?2",
            (self._articles, counters.tobytes()),
        )
