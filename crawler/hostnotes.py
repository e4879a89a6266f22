"""What hosts said of themselves, robots.txt and "ask later", as the downloader's middlewares read and write it.

A crawl keeps it in the archive, so that the next run obeys too; `scrapy fetch` and `scrapy shell`, which have no archive
open, keep it while they run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from crawler.archive.hosts import StoredRobots, Wait, note_robots, note_wait, stored_robots, waits
from crawler.run import CrawlRun, utc_now


class HostNotes(Protocol):
    """What is kept of hosts. A domain is a registered one; an origin is "https://example.org"."""

    clock: Callable[[], datetime]

    def waits(self) -> Mapping[str, Wait]:
        """Domains that want to be left alone now."""
        ...

    async def note_wait(self, domain: str, wait: Wait) -> None:
        """A domain asked to be left alone."""
        ...

    def robots(self, origin: str) -> StoredRobots | None:
        """robots.txt as it was last received."""
        ...

    async def note_robots(self, origin: str, robots: StoredRobots) -> None:
        """robots.txt as it was just received."""
        ...


class ArchiveNotes:
    """In the archive of a run."""

    def __init__(self, run: CrawlRun) -> None:
        self._run = run
        self.clock = run.clock

    def waits(self) -> Mapping[str, Wait]:
        """As HostNotes."""
        return waits(self._run.reader, now=self.clock())

    async def note_wait(self, domain: str, wait: Wait) -> None:
        """As HostNotes. Raises ArchiveError."""
        await self._run.writer.do(note_wait, domain, wait, self.clock())

    def robots(self, origin: str) -> StoredRobots | None:
        """As HostNotes."""
        return stored_robots(self._run.reader, origin)

    async def note_robots(self, origin: str, robots: StoredRobots) -> None:
        """As HostNotes. Raises ArchiveError."""
        await self._run.writer.do(note_robots, origin, robots)


class MemoryNotes:
    """Of this process, gone with it."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self.clock = clock
        self._waits: dict[str, Wait] = {}
        self._robots: dict[str, StoredRobots] = {}

    def waits(self) -> Mapping[str, Wait]:
        """As HostNotes."""
        return {domain: wait for domain, wait in self._waits.items() if wait.until > self.clock()}

    async def note_wait(self, domain: str, wait: Wait) -> None:
        """As HostNotes."""
        self._waits[domain] = wait

    def robots(self, origin: str) -> StoredRobots | None:
        """As HostNotes."""
        return self._robots.get(origin)

    async def note_robots(self, origin: str, robots: StoredRobots) -> None:
        """As HostNotes."""
        self._robots[origin] = robots
