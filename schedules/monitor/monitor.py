"""The monitor: at each ring of a clock (`ringing.py`) it asks the archive what is due, and starts it in child processes.

What it decides lies elsewhere: which jobs are due in `jobs.py`, which sources are crawled together
in `crawlplan.py`. All that must outlive it stands in the archive; killed at any moment it loses nothing.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.crawl.queue import due_since
from crawler.archive.monitoring.jobs import begin_job, cursor_of, finish_job, forget_old_runs, job_states, plan_job
from crawler.archive.monitoring.problems import open_problems, resolved_since
from crawler.archive.storage.store import ArchiveStore
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.sources import Source, load_sources
from crawler.exceptions import ConfigurationError, WirewatchError
from crawler.locks import locked
from crawler.sqlite.connection import SqliteError
from schedules.monitor.backup_rotation import prune_backups
from schedules.monitor.child_process import Child, start
from schedules.monitor.crawl_planner import Due, loads, pause_after, plan
from schedules.monitor.job_definitions import BUSY, DONE, SOMETHING_WRONG, Job, due_after, is_due
from schedules.monitor.job_outcomes import JobOutcome, outcome_line, outcome_message
from schedules.sources.selection import due_sources

MONITOR_LOCK = "wirewatch monitor"
"""Of the lock that there is one monitor; no registered domain has a space in it."""
GRACE = 8.0
"""Seconds that children have to end by themselves; a killed one loses nothing, but fetches its last pages again."""
TROUBLE = (WirewatchError, SqliteError, OSError)
"""What passes: a file with a mistake, an archive that is locked, a full disk, no memory for one more process."""
MONITOR_CACHE_KIB = 2_000
"""Page cache of the monitor's own connection, which reads some rows at each look: SQLite's default."""
PATIENCE_MILLISECONDS = 5_000
"""Another process may write for so long; then it is told, and tried again at the next look. SIGTERM waits no longer either."""
MAX_JOBS = 2
"""Jobs beside crawls at once: a long check or backup must not keep the digest waiting."""
CRAWL_SLACK = timedelta(minutes=10)
"""Beyond the time that a crawl gives itself, after which it hangs."""


@dataclass(slots=True)
class Monitor:
    """One monitor over one archive. `clock` is handed in; `tell` gets a line for each job that ended."""

    config: AppConfig
    jobs: Sequence[Job]
    notify: Callable[[str], None]
    clock: Callable[[], datetime] = utc_now
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    settings: tuple[str, ...] = ()
    """`-s NAME=value` of its own command line, for its children."""
    children: list[Child] = field(default_factory=list)
    sources: tuple[Source, ...] = ()
    _store: ArchiveStore | None = None
    _sources_stamp: tuple[float, int] | None = None
    _left_alone: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """Source -> until when it is not crawled again, and how often in a row its crawl failed."""
    _late: dict[int, float] = field(default_factory=dict)
    _complaint: str = ""
    _swept_at: datetime | None = None

    @property
    def store(self) -> ArchiveStore:
        """The archive, open."""
        if self._store is None:
            self._store = ArchiveStore.open(self.config.archive_db, self.config.warc_dir)
            # A writer of articles keeps 16 MiB of pages; of us, who live for months, it would be as much for nothing.
            self._store.db.execute(f"PRAGMA cache_size = -{MONITOR_CACHE_KIB}")
            self._store.db.execute(f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}")
        return self._store

    def close(self) -> None:
        """End the children, close the archive."""
        self.stop_children()
        if self._store is not None:
            self._store.close()
            self._store = None

    # --- One tick -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Note what ended, start what is due. Errors of the archive or of a file are told once, and tried again."""
        try:
            self.reload_sources()
            self.reap()
            self.start_crawls()
            self.start_jobs()
            self.sweep()
            self._complaint = ""
        except TROUBLE as error:
            where = f"{self.config.archive_db}: " if isinstance(error, SqliteError) else ""
            if f"{where}{error}" != self._complaint:
                self._complaint = f"{where}{error}"
                self.notify(f"monitor: {self._complaint}; trying again")

    def reap(self) -> list[JobOutcome]:
        """Write down the children that ended; end those that hang."""
        ended: list[JobOutcome] = []
        for child in list(self.children):
            if child.seconds > child.limit.total_seconds() + GRACE:
                child.kill()
            elif child.seconds > child.limit.total_seconds():
                child.stop()
            status = child.status()
            if status is not None:
                outcome = self._note_end(child, status)
                self.children.remove(child)
                child.close()
                ended.append(outcome)
                self.notify(outcome_line(outcome))
        return ended

    def _note_end(self, child: Child, status: int) -> JobOutcome:
        now = self.clock()
        job = next((job for job in self.jobs if job.name == child.name), None)
        fine = job.fine if job else frozenset({DONE, SOMETHING_WRONG, BUSY})
        failed = status not in fine
        outcome = JobOutcome(
            name=child.name,
            about=child.about,
            status=status,
            seconds=child.seconds,
            late=self._late.pop(child.run_id, 0.0),
            failed=failed,
            said=child.said(),
        )
        failures = 0
        if failed and job is not None:
            state = job_states(self.store.db).get(child.name)
            failures = (state.failures if state else 0) + 1
        due_at = due_after(job, started_at=child.started_at, now=now, failures=failures) if job else now
        with self.store.transaction() as store:
            finish_job(
                store, child.run_id, child.name,
                at=now, seconds=outcome.seconds, status=status, failed=failed, message=outcome_message(outcome), due_at=due_at,
            )  # fmt: skip
        for source in child.about:
            _, before = self._left_alone.get(source, (now, 0))
            failures = before + 1 if failed else 0
            pause = pause_after(status, failures, tick=self.config.monitor_interval)
            self._left_alone[source] = (now + timedelta(seconds=pause), failures)
        if child.name == "backup" and not failed:
            prune_backups(Path(self.config.backup_dir), self.config.backup_retention)
        if child.name == "health":
            self._report_health(child.started_at)
        return outcome

    def _report_health(self, since: datetime) -> None:
        """What went wrong and what has healed at the last look; the digest tells its readers by itself."""
        for problem in open_problems(self.store.db):
            if problem.opened_at >= since:
                self.notify(f"{problem.source}: {problem.kind}: {problem.evidence}; try: {problem.advice}")
        for problem in resolved_since(self.store.db, since):
            self.notify(f"{problem.source}: no longer {problem.kind}{f' ({problem.what})' if problem.what else ''}")

    def start_crawls(self, *, but: Collection[str] = ()) -> None:
        """Of what is due as much as may run at once; `but`: sources that are left out."""
        now = self.clock()
        running = [child for child in self.children if child.name == "crawl"]
        slots = self.config.max_crawls - len(running)
        waiting = [one for one in self.due(now) if one.id not in but] if slots > 0 else []
        if not waiting:
            return
        taken = {domain for child in running for domain in child.domains}
        taken |= locked(self.config.locks_dir, {domain for one in waiting for domain in one.domains} - taken)
        domains = {one.id: one.domains for one in waiting}
        since = due_since(self.store.db, now)
        for ids in plan(waiting, taken=taken, slots=slots, most=self.config.max_crawls):
            due_at = min((since[id_] for id_ in ids if id_ in since), default=now)
            self._start(
                "crawl", ("crawl", *ids, "--due", "--quiet"),
                due_at=due_at, about=ids, domains=frozenset().union(*(domains[id_] for id_ in ids)),
                limit=timedelta(seconds=self.config.crawl_timeout) + CRAWL_SLACK,
            )  # fmt: skip

    def due(self, now: datetime) -> list[Due]:
        """Sources with something due, but for those that a crawl has just left."""
        db = self.store.db
        enabled = [source for source in self.sources if source.enabled]
        chosen = [
            source
            for source in due_sources(enabled, db, now=now)
            if not _in_future(self._left_alone.get(source.id, (now, 0))[0], now)
        ]
        if not chosen:
            return []
        rows = db.execute("SELECT source_id, count(*) FROM queue WHERE state = 'waiting' GROUP BY source_id")
        polled = {row[0] for row in db.execute("SELECT DISTINCT source_id FROM seeds WHERE polled_at IS NOT NULL")}
        load = loads({row[0]: row[1] for row in rows}, polled, [source.id for source in chosen])
        return [
            Due(id=source.id, domains=frozenset(source.domains), load=load[source.id], render=source.render)
            for source in chosen
        ]

    def start_jobs(self, jobs: Sequence[Job] | None = None) -> None:
        """Of all jobs, or of these, those that are due and do not run. One that the archive fails keeps none of the others."""
        now = self.clock()
        trouble: SqliteError | None = None
        states = job_states(self.store.db)
        for job in self.jobs if jobs is None else jobs:
            running = {child.name for child in self.children}
            if job.name in running or len(running - {"crawl"}) >= MAX_JOBS:
                continue
            if job.needs and not (self.config.data_dir / job.needs).exists():
                continue
            if job.name not in states:
                with self.store.transaction() as store:
                    plan_job(store, job.name, now + job.first_after)
                states = job_states(self.store.db)
            try:
                cursor = cursor_of(self.store.db, job.cursor) if job.cursor else None
            except SqliteError as error:
                trouble = error
                continue
            if is_due(job, states[job.name], now, cursor):
                command = job.command
                if job.name == "backup":
                    command = (*command, str(Path(self.config.backup_dir) / f"wirewatch-{now:%Y-%m-%dT%H%M%S}"))
                self._start(job.name, command, due_at=min(states[job.name].due_at, now), limit=job.limit, cursor=cursor)
        if trouble is not None:
            raise trouble

    def _start(
        self,
        name: str,
        command: Sequence[str],
        *,
        due_at: datetime,
        limit: timedelta,
        about: tuple[str, ...] = (),
        domains: frozenset[str] = frozenset(),
        cursor: str | None = None,
    ) -> None:
        now = self.clock()
        with self.store.transaction() as store:
            run_id = begin_job(store, name, due_at=due_at, at=now, about=" ".join(about) or None, cursor=cursor)
        self._late[run_id] = (now - due_at).total_seconds()
        child = start(
            (*command, *self.settings),
            name=name, run_id=run_id, at=now, limit=limit, environ=self.environ, about=about, domains=domains,
        )  # fmt: skip
        self.children.append(child)

    def reload_sources(self) -> None:
        """sources.toml as it is now. A mistake in it is told, and the outlets of before go on."""
        try:
            stat = self.config.sources_toml.stat()
            stamp = (stat.st_mtime, stat.st_size)
        except OSError:
            stamp = (0.0, 0)
        if stamp != self._sources_stamp:
            self._sources_stamp = stamp
            try:
                self.sources = load_sources(self.config.sources_toml)
            except ConfigurationError as error:
                if not self.sources:
                    raise
                self.notify(f"monitor: {error}\nmonitor: going on with the outlets of before")

    def sweep(self) -> None:
        """Forget runs that are long past; write the metrics, where they are asked for."""
        now = self.clock()
        if self._swept_at is None or abs(now - self._swept_at) > timedelta(hours=6):
            self._swept_at = now
            with self.store.transaction() as store:
                forget_old_runs(store, now=now)
        if self.config.metrics_file:
            from schedules.monitor.metrics import write_metrics

            write_metrics(self.config.refuse_own(Path(self.config.metrics_file)), self.store.db, now=now)

    # --- The end ------------------------------------------------------------------------------------------------

    def stop_children(self) -> None:
        """Ask them to end, wait GRACE, kill; what they were at is taken up again by the next run."""
        for child in self.children:
            child.stop()
        until = time.monotonic() + GRACE
        while any(child.status() is None for child in self.children) and time.monotonic() < until:
            time.sleep(0.05)
        for child in self.children:
            child.kill()
            child.process.wait()
        with contextlib.suppress(*TROUBLE):
            self.reap()
        for child in self.children:
            child.close()
        self.children.clear()


def _in_future(until: datetime, now: datetime) -> bool:
    # A pause far ahead was reckoned before the clock was set back.
    return now < until < now + timedelta(hours=1)
