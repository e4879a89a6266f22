"""Counts per source of one crawl, for the summary and the exit status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from crawler.reasons import Reason


@dataclass(slots=True)
class SourceStats:
    """What one source gave in this run, for the summary and the exit status."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Articles: new, revised, unchanged, blocked, failed, ...: the outcomes of the `fetches` table."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Why polls and fetches failed or were refused."""
    links: int = 0
    """Links that the ways gave, known ones too."""
    seeds_tried: int = 0
    seeds_read: int = 0
    waiting: int = 0
    """Links left for the next run by the page budget."""
    requests: int = 0
    received: int = 0
    """Bytes."""
    pending: int = 0
    """Asked for and not settled yet."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    """When the last thing asked for was settled; None while something is pending."""

    @property
    def fetched_something(self) -> bool:
        """Whether anything of this source could be fetched."""
        fetched = ("new", "revised", "unchanged", "not_modified")
        return self.seeds_read > 0 or any(self.outcomes[outcome] for outcome in fetched)

    def reason_counts(self) -> dict[str, int]:
        """Reason codes with their counts, the most frequent first."""
        counts: Counter[str] = Counter()
        for reason, count in self.reasons.items():
            counts[reason.code.value] += count
        return dict(counts.most_common())
