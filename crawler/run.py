"""What the crawlers of one process share: the configuration, the child processes, the writer, and the count."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from crawler.config import Config
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from crawler.archive.connection import Connection
    from crawler.archive.writer import Writer
    from crawler.workers import Workers

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The clock that adapters read; everything below them is handed `now`."""
    return datetime.now(timezone.utc).replace(microsecond=0)


@dataclass(slots=True)
class Tally:
    """What one source gave in this run, for the summary and the exit status."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Articles: new, revised, unchanged, blocked, failed, ...: the outcomes of the `fetches` table."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why what failed failed, for people."""
    links: int = 0
    """Links that the ways gave, known ones too."""
    ways_tried: int = 0
    ways_read: int = 0
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
        return self.ways_read > 0 or any(self.outcomes[outcome] for outcome in fetched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of one attempt to read an article."""

    source: str
    outcome: str
    reason: str | None
    url: str


@dataclass(slots=True)
class CrawlRun:
    """One run of the program over some sources."""

    config: Config
    workers: Workers
    writer: Writer
    reader: Connection
    """Of the main thread."""
    run_id: int
    clock: Callable[[], datetime] = utc_now
    tallies: dict[str, Tally] = field(default_factory=dict)
    archive_error: ArchiveError | None = None
    """Why the archive could not be written, which ends the run."""

    def tally(self, source: str) -> Tally:
        """The count of one source, begun when first asked for."""
        return self.tallies.setdefault(source, Tally())

    def asked(self, source: str) -> None:
        """A request of the source is on its way."""
        tally = self.tally(source)
        tally.started_at = tally.started_at or self.clock()
        tally.finished_at = None
        tally.requests += 1
        tally.pending += 1

    def answered(self, source: str) -> None:
        """What was asked for is settled."""
        tally = self.tally(source)
        tally.pending -= 1
        if tally.pending <= 0:
            tally.finished_at = self.clock()

    def settle(self, settled: Settled) -> None:
        """What was asked for was stored, or is known not to be had."""
        self.count(settled)
        self.answered(settled.source)

    def count(self, settled: Settled) -> None:
        """Something came of an attempt: of the page, or of the feed's text in its place."""
        tally = self.tally(settled.source)
        tally.outcomes[settled.outcome] += 1
        if settled.reason and settled.outcome not in ("new", "revised", "unchanged", "not_modified"):
            tally.reasons[settled.reason] += 1
        log.info("%s %s%s", settled.outcome, settled.url, f" ({settled.reason})" if settled.reason else "")
