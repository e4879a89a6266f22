"""What the crawlers of one process share: configuration, child processes, the archive, and the counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError
from crawler.stats import CrawlStats

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.archive.storage.writer_thread import Writer
    from crawler.sqlite.connection import Connection
    from crawler.workers.protocol import Workers


@dataclass(slots=True)
class CrawlContext:
    """One run of a crawl over some sources."""

    config: AppConfig
    workers: Workers
    writer: Writer
    reader: Connection
    """Belongs to the main thread."""
    run_id: int
    headlines: Mapping[str, str] = field(default_factory=dict)
    """Source ID -> the headline that its feed carries, as learned before the run; a value of `ExtractionHints.headline`."""
    clock: Callable[[], datetime] = utc_now
    stats: CrawlStats = field(default_factory=CrawlStats)
    archive_error: ArchiveError | None = None
    """The error that ended the run because the archive could not be written; None if there was none."""
    errors: list[str] = field(default_factory=list)
    """Exceptions in a spider, one line each: a run with errors does not exit with 0."""
    interrupted: bool = False
    """Ctrl-C or SIGTERM was received: the crawl ends, and a request that fails from now on is not the outlet's fault."""
    _closing: set[asyncio.Task[Any]] = field(default_factory=set)

    def stop(self, crawler: Crawler, error: ArchiveError) -> None:
        """End the crawl because the archive cannot be written."""
        if self.archive_error is None:
            self.archive_error = error
            assert crawler.engine is not None
            # Not awaited: the spider closes only after the callback that got the error has returned.
            self._closing.add(asyncio.ensure_future(crawler.engine.close_spider_async(reason="archive")))
