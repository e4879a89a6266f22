"""Crawls of the monitor: which sources are due, and the commands that crawl them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from crawler.archive.crawl.due import due_since, polled_sources, waiting_by_source
from crawler.archive.storage.store import ArchiveStore
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.sources import Source
from crawler.filesystem.locks import locked
from schedules.monitor.child_process import Child, CommandRun
from schedules.monitor.crawl_planner import Due, loads, pause_after, plan
from schedules.monitor.job_definitions import BUSY, DONE, PROBLEMS_FOUND
from schedules.monitor.job_outcomes import JobOutcome
from schedules.sources.selection import due_sources

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
