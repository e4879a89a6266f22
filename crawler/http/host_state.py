"""State of hosts between requests: robots.txt files, and domains that asked to wait (Retry-After).

A crawl keeps it in the archive, so that the next crawl uses it too. `scrapy fetch` and `scrapy shell` open no archive;
they keep it in memory.
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
    """Where the state is kept. A domain is a registered domain; an origin is "https://example.org"."""

    clock: Callable[[], datetime]

    def retry_afters(self) -> Mapping[str, RetryAfter]:
        """The domains that may not be requested now."""
        ...

    async def record_retry_after(self, domain: str, wait: RetryAfter) -> None:
        """Store that a domain asked to wait."""
        ...

    def robots(self, origin: str) -> StoredRobots | None:
        """The robots.txt that was received last; None if there is none."""
        ...

    async def record_robots(self, origin: str, robots: StoredRobots) -> None:
        """Store a robots.txt that was received."""
        ...


class ArchiveHostState:
    """Keeps the state in the archive of a crawl."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context
        self.clock = context.clock

    def retry_afters(self) -> Mapping[str, RetryAfter]:
        """As in HostStateStore."""
        return retry_afters(self._context.reader, now=self.clock())

    async def record_retry_after(self, domain: str, wait: RetryAfter) -> None:
        """As in HostStateStore. Raises ArchiveError."""
        await self._context.writer.do(record_retry_after, domain, wait, self.clock())

    def robots(self, origin: str) -> StoredRobots | None:
        """As in HostStateStore."""
        return stored_robots(self._context.reader, origin)

    async def record_robots(self, origin: str, robots: StoredRobots) -> None:
        """As in HostStateStore. Raises ArchiveError."""
        await self._context.writer.do(record_robots, origin, robots)


class InMemoryHostState:
    """Keeps the state until the process ends."""

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


def host_state_of(spider: object) -> HostStateStore:
    """The store of a spider's crawl: the archive, or memory if the spider has no archive open."""
    context = getattr(spider, "run", None)
    return ArchiveHostState(context) if context is not None else InMemoryHostState()
