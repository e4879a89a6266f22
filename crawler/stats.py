"""Counts per source of one crawl, for the summary and the exit status."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.clock import utc_now
from crawler.models import FetchStatus
from crawler.reasons import Reason

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SourceStats:
    """Counts of one source."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Fetches by their status, as in `fetches.outcome`."""
    without_text: int = 0
    """New articles without their whole text: teasers, and pages with a title only."""
    reasons: Counter[Reason] = field(default_factory=Counter)
    """Why polls and fetches failed or were refused."""
    links: int = 0
    """Links in the seeds, known ones included."""
    seeds_tried: int = 0
    seeds_read: int = 0
    waiting: int = 0
    """Links left for the next run by the page limit."""
    requests: int = 0
    received: int = 0
    """Bytes."""
    pending: int = 0
    """Requests without a stored result yet."""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    """When the last result was stored; None while requests are pending."""

    @property
    def fetched_something(self) -> bool:
        """Whether a seed or an article of the source could be read."""
        return self.seeds_read > 0 or any(self.outcomes[status] for status in FetchStatus if status.counts_as_read)

    def reason_counts(self) -> dict[str, int]:
        """Reason codes with their counts, the most frequent first."""
        counts: Counter[str] = Counter()
        for reason, count in self.reasons.items():
            counts[reason.code.value] += count
        return dict(counts.most_common())


class CrawlStats(dict[str, SourceStats]):
    """The counts of every source of a crawl, by source id."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._clock = clock

    def __missing__(self, source_id: str) -> SourceStats:
        """Begin to count a source."""
        self[source_id] = SourceStats()
        return self[source_id]

    def request_sent(self, source_id: str) -> None:
        """Count a request."""
        stats = self[source_id]
        stats.started_at = stats.started_at or self._clock()
        stats.finished_at = None
        stats.requests += 1
        stats.pending += 1

    def request_done(self, source_id: str) -> None:
        """Note that the result of a request is stored."""
        stats = self[source_id]
        stats.pending -= 1
        if stats.pending <= 0:
            stats.finished_at = self._clock()

    def count_fetch(self, source_id: str, url: str, status: FetchStatus, reason: Reason | None) -> None:
        """Count the result of a fetch and log it."""
        stats = self[source_id]
        stats.outcomes[status.value] += 1
        if reason and not status.counts_as_read:
            stats.reasons[reason] += 1
        log.info("%s %s (%s)%s", status.value, url, source_id, f" ({reason.text})" if reason else "")
