"""The entries of feeds, sitemaps and listings that did not become links, as the latest polls counted them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from crawler.reasons import LOST_ENTRIES, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row


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
