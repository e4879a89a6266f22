"""Crawls of the monitor: which sources are due, and the commands that crawl them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.crawl.due import due_since, polled_sources, waiting_by_source
from crawler.archive.storage.store import ArchiveStore
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.sources import Source
from crawler.filesystem.locks import locked
from schedules.monitor.child_process import Child, CommandRun
from schedules.monitor.job_definitions import BUSY, DONE, PROBLEMS_FOUND, JobOutcome
from schedules.sources.selection import due_sources

HEAVY = 20
"""Waiting pages above which a source gets a crawl of its own: at one page per second the others would wait 20 s."""
FIRST_PAUSE, LONGEST_PAUSE = 20.0, 900.0
"""Seconds for which a source is not crawled after a failed crawl: doubled with each further failure."""
MOST_TOGETHER = 100
"""Most sources in one crawl, so that its command line stays readable in `ps` and its memory small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A source with a due poll or fetch."""

    id: str
    domains: frozenset[str]
    load: int = 0
    """Waiting pages."""
    render: bool = False
    """Whether it needs the browser, whose start takes as long as a poll."""


def plan(due: Sequence[Due], *, taken: Collection[str], slots: int, most: int) -> list[tuple[str, ...]]:
    """Returns the source IDs of each crawl to start now. One slot is kept free for short crawls.

    `taken`: domains of running crawls; `slots`: crawls that may be started; `most`: crawls that may run at the same time.
    """
    groups = [group for group in _together(due) if not any(one.domains & set(taken) for one in group)]
    quick = [group for group in groups if not _is_heavy(group)]
    crawls: list[tuple[str, ...]] = []
    for rendered in (False, True):
        for batch in _batches(group for group in quick if any(one.render for one in group) == rendered):
            if len(crawls) < slots:
                crawls.append(batch)
    kept_free = 1 if most > 1 and not crawls else 0
    for group in (group for group in groups if _is_heavy(group)):
        if len(crawls) < slots - kept_free:
            crawls.append(tuple(one.id for one in group))
    return crawls


def _is_heavy(group: Iterable[Due]) -> bool:
    return any(one.load > HEAVY for one in group)


def _batches(groups: Iterable[Sequence[Due]]) -> list[tuple[str, ...]]:
    batches: list[list[str]] = []
    for group in groups:
        if not batches or len(batches[-1]) + len(group) > MOST_TOGETHER:
            batches.append([])
        batches[-1] += [one.id for one in group]
    return [tuple(batch) for batch in batches]


def _together(due: Sequence[Due]) -> list[list[Due]]:
    """Group the sources that share a domain, directly or through another source."""
    groups: list[tuple[set[str], list[Due]]] = []
    for one in due:
        domains, members = set(one.domains), [one]
        others = []
        for known, group in groups:
            if known & domains:
                domains |= known
                members = [*group, *members]
            else:
                others.append((known, group))
        groups = [*others, (domains, members)]
    return [members for _, members in groups]


def pause_after(status: int, failures: int, *, tick: float) -> float:
    """Returns the seconds before a source is crawled again, so that a crawl that always fails is not started in a loop."""
    return min(FIRST_PAUSE * 2 ** min(failures, 6), LONGEST_PAUSE) if status not in (0, 1) else tick


def loads(waiting: Mapping[str, int], polled: Collection[str], ids: Iterable[str]) -> dict[str, int]:
    """Returns the waiting pages of each source. A source that was never polled counts as one with a long queue."""
    return {id_: waiting.get(id_, 0) if id_ in polled else HEAVY + 1 for id_ in ids}


log = logging.getLogger(__name__)

CRAWL_SLACK = timedelta(minutes=10)
"""A crawl that takes longer than CLOSESPIDER_TIMEOUT plus this is stopped."""
MAX_PAUSE = timedelta(hours=1)
"""A longer pause is ignored: it was computed before the clock was set back."""


class CrawlPlanner:
    """Plans crawls, and pauses sources after a failed crawl."""

    def __init__(self, config: AppConfig) -> None:
        self._config = config
        self._pauses: dict[str, tuple[datetime, int]] = {}
        """Source ID -> end of its pause, and number of consecutive failed crawls."""

    def next_crawls(
        self,
        sources: Sequence[Source],
        running: Sequence[Child],
        store: Callable[[], ArchiveStore],
        *,
        skip: Collection[str] = (),
    ) -> list[CommandRun]:
        """Returns the crawls to start now, at most WIREWATCH_MAX_CRAWLS at the same time. `skip`: source IDs."""
        now = utc_now()
        slots = self._config.max_crawls - len(running)
        if slots <= 0:
            return []
        db = store().db
        enabled = [source for source in sources if source.is_polled(now) and source.id not in skip]
        chosen = [source for source in due_sources(enabled, db, now=now) if not self._is_paused(source.id, now)]
        if not chosen:
            return []
        load = loads(waiting_by_source(db), polled_sources(db), [source.id for source in chosen])
        due = [
            Due(id=source.id, domains=frozenset(source.domains), load=load[source.id], render=source.render)
            for source in chosen
        ]
        domains = {one.id: one.domains for one in due}
        taken = {domain for child in running for domain in child.run.domains}
        taken |= locked(self._config.locks_dir, frozenset().union(*domains.values()) - taken)
        since = due_since(db, now)
        runs = []
        for ids in plan(due, taken=taken, slots=slots, most=self._config.max_crawls):
            log.debug("crawl planned: %s (waiting: %s)", " ".join(ids), {id_: load[id_] for id_ in ids})
            run = CommandRun(
                name="crawl", command=("crawl", *ids, "--due", "--quiet"), sources=ids,
                due_at=min((since[id_] for id_ in ids if id_ in since), default=now),
                limit=timedelta(seconds=self._config.crawl_timeout) + CRAWL_SLACK,
                domains=frozenset().union(*(domains[id_] for id_ in ids)),
                ok_statuses=frozenset({DONE, PROBLEMS_FOUND, BUSY}),
            )  # fmt: skip
            runs.append(run)
        return runs

    def record_end(self, outcome: JobOutcome) -> None:
        """Pause the sources of a crawl that ended."""
        for source in outcome.sources:
            failures = self._pauses.get(source, (None, 0))[1] + 1 if outcome.failed else 0
            pause = pause_after(outcome.status, failures, tick=self._config.monitor_interval)
            self._pauses[source] = (utc_now() + timedelta(seconds=pause), failures)

    def _is_paused(self, source: str, now: datetime) -> bool:
        until = self._pauses[source][0] if source in self._pauses else now
        return now < until < now + MAX_PAUSE
