"""What the crawlers of one process share: the configuration, the child processes, the writer, and the count."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError
from crawler.reasons import Reason
from crawler.stats import SourceStats

if TYPE_CHECKING:
    from crawler.archive.storage.writer_thread import Writer
    from crawler.sqlite.connection import Connection
    from crawler.workers.pool import WorkerPool

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSummary:
    """What came of one attempt to read an article."""

    source: str
    outcome: str
    reason: Reason | None
    url: str


@dataclass(slots=True)
class CrawlContext:
    """One run of the program over some sources."""

    config: AppConfig
    workers: WorkerPool
    writer: Writer
    reader: Connection
    """Of the main thread."""
    run_id: int
    clock: Callable[[], datetime] = utc_now
    source_stats: dict[str, SourceStats] = field(default_factory=dict)
    archive_error: ArchiveError | None = None
    """Why the archive could not be written, which ends the run."""

    def stats(self, source: str) -> SourceStats:
        """The count of one source, begun when first asked for."""
        return self.source_stats.setdefault(source, SourceStats())

    def asked(self, source: str) -> None:
        """A request of the source is on its way."""
        stats = self.stats(source)
        stats.started_at = stats.started_at or self.clock()
        stats.finished_at = None
        stats.requests += 1
        stats.pending += 1

    def answered(self, source: str) -> None:
        """What was asked for is settled."""
        stats = self.stats(source)
        stats.pending -= 1
        if stats.pending <= 0:
            stats.finished_at = self.clock()

    def record_result(self, summary: FetchSummary) -> None:
        """What was asked for was stored, or is known not to be had."""
        self.count(summary)
        self.answered(summary.source)

    def count(self, summary: FetchSummary) -> None:
        """Something came of an attempt: of the page, or of the feed's text in its place."""
        stats = self.stats(summary.source)
        stats.outcomes[summary.outcome] += 1
        if summary.reason and summary.outcome not in ("new", "revised", "unchanged", "not_modified"):
            stats.reasons[summary.reason] += 1
        log.info("%s %s%s", summary.outcome, summary.url, f" ({summary.reason.text})" if summary.reason else "")
