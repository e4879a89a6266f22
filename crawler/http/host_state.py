"""What hosts said of themselves, robots.txt and "ask later", as the downloader's middlewares read and write it.

A crawl keeps it in the archive, so that the next run obeys too; `scrapy fetch` and `scrapy shell`, which have no archive
open, keep it while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from crawler.archive.crawl.hosts import record_retry_after, record_robots, retry_afters, stored_robots
from crawler.clock import utc_now
from crawler.context import CrawlContext
from crawler.models import RetryAfter, StoredRobots


class HostStateStore(Protocol):
    """What is kept of hosts. A domain is a registered one; an origin is "https://example.org"."""

    clock: Callable[[], datetime]

    def retry_afters(self) -> Mapping[str, RetryAfter]:
        """Domains that want to be left alone now."""
        ...

    async def record_retry_after(self, domain: str, wait: RetryAfter) -> None:
        """A domain asked to be left alone."""
        ...

    def robots(self, origin: str) -> StoredRobots | None:
        """robots.txt as it was last received."""
        ...

    async def record_robots(self, origin: str, robots: StoredRobots) -> None:
        """robots.txt as it was just received."""
        ...


class ArchiveHostState:
    """In the archive of a run."""

    def __init__(self, run: CrawlContext) -> None:
        self._run = run
        self.clock = run.clock

    def retry_afters(self) -> Mapping[str, RetryAfter]:
        """As in HostStateStore."""
        return retry_afters(self._run.reader, now=self.clock())

    async def record_retry_after(self, domain: str, wait: RetryAfter) -> None:
        """As in HostStateStore. Raises ArchiveError."""
        await self._run.writer.do(record_retry_after, domain, wait, self.clock())

    def robots(self, origin: str) -> StoredRobots | None:
        """As in HostStateStore."""
        return stored_robots(self._run.reader, origin)

    async def record_robots(self, origin: str, robots: StoredRobots) -> None:
        """As in HostStateStore. Raises ArchiveError."""
        await self._run.writer.do(record_robots, origin, robots)


class InMemoryHostState:
    """Of this process, gone with it."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self._waits: dict[str, RetryAfter] = {}
        self._robots: dict[str, StoredRobots] = {}

    def retry_afters(self) -> Mapping[str, RetryAfter]:
        """As in HostStateStore."""
        return {domain: wait for domain, wait in self._waits.items() if wait.until > self.clock()}

    async def record_retry_after(self, domain: str, wait: RetryAfter) -> None:
        """As in HostStateStore."""
        self._waits[domain] = wait

    def robots(self, origin: str) -> StoredRobots | None:
        """As in HostStateStore."""
        return self._robots.get(origin)

    async def record_robots(self, origin: str, robots: StoredRobots) -> None:
        """As in HostStateStore."""
        self._robots[origin] = robots
