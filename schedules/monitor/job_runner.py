"""Starts the monitor's commands as child processes, and records each run in the archive, which may be replaced meanwhile."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.monitoring.jobs import begin_job, cursor_of, finish_job, job_states, plan_job
from crawler.archive.storage.store import ArchiveStore
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import SqliteError
from schedules.monitor.child_process import Child, CommandRun, start_process
from schedules.monitor.config_files import ConfigFiles
from schedules.monitor.job_definitions import Job, JobOutcome, due_after, is_due, is_too_far_ahead, outcome_message

CACHE_KIB = 2_000
"""Page cache of the connection, SQLite's default. Writers of articles use 16 MiB, which the monitor does not need."""
BUSY_TIMEOUT_MILLISECONDS = 5_000
"""How long to wait for another writer; the job is tried again at its next check. It also limits the delay of SIGTERM."""


class ArchiveConnection:
    """The archive, opened at first use. Belongs to one thread.

    Close it while no child is running: then there is no write-ahead log, and the file can be moved or replaced safely.
    """

    def __init__(self, config: AppConfig, notify: Callable[[str], None]) -> None:
        self._config = config
        self._notify = notify
        self._store: ArchiveStore | None = None
        self.file_id: object = None
        """Device and inode of the file that was opened last."""

    @property
    def store(self) -> ArchiveStore:
        """The archive at its path. Raises ArchiveError."""
        path = self._config.archive_db
        if self.file_id not in (None, _file_id(path)):
            state = "was replaced; using the new file" if path.exists() else "is gone; starting a new, empty archive"
            self._notify(f"monitor: {path}: {state}")
            if self._store is not None:  # otherwise SQLite would apply the old write-ahead log to the new file
                with contextlib.suppress(SqliteError):
                    self._store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.close()
        if self._store is None:
            self._store = ArchiveStore.open(path, self._config.warc_dir)
            self._store.db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._store.db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
            self.file_id = _file_id(path)
        return self._store

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


log = logging.getLogger(__name__)

TEMPORARY_ERRORS = (WirewatchError, SqliteError, OSError)
"""Errors after which the monitor tries again: a mistake in a file, a locked archive, a full disk, too little memory."""
STOP_TIMEOUT = 8.0
"""Seconds between SIGTERM and SIGKILL. A killed crawl loses no stored data, but fetches its last pages again."""
MAX_JOBS = 2
"""Simultaneous jobs, not counting crawls, so that a long check or backup does not delay the digest."""


class JobRunner:
    """The child processes and their runs. `settings` are `-s NAME=value` options that are passed to each command."""

    def __init__(
        self, config: AppConfig, archive: ArchiveConnection, jobs: Sequence[Job], settings: Sequence[str],
        files: ConfigFiles,
    ) -> None:  # fmt: skip
        self._config = config
        self._archive = archive
        self._jobs = {job.name: job for job in jobs}
        self._settings = tuple(settings)
        self._files = files
        self.environ = {**os.environ, "WIREWATCH_DATA_DIR": str(config.data_dir), "WIREWATCH_MONITOR": str(os.getpid())}
        self.children: list[Child] = []
        self._stopping = False

    @property
    def crawls(self) -> list[Child]:
        """Running crawls."""
        return [child for child in self.children if child.run.name == "crawl"]

    def start_if_due(self, job: Job) -> Child | datetime:
        """Start a job if it is due. Returns its process, or, if it is not due, when to check again."""
        now = utc_now()
        next_check = now + timedelta(seconds=self._config.monitor_interval)
        running = [child.run.name for child in self.children if child.run.name != "crawl"]
        if job.name in running or len(running) >= MAX_JOBS:
            return next_check
        if job.requires and not (self._config.config_dir / job.requires).exists():
            return next_check
        store = self._archive.store
        state = job_states(store.db).get(job.name)
        if state is None:
            with store.transaction():
                state = plan_job(store, job.name, now + job.first_delay)
        cursor = cursor_of(store.db, job.cursor) if job.cursor else None
        if not is_due(job, state, now, cursor):
            is_early = state.due_at > now and not is_too_far_ahead(job, state.due_at, now)
            return state.due_at if is_early else next_check
        command = job.command
        if job.name == "backup":
            folder = Path(self._config.backup_dir) / f"wirewatch-{now:%Y-%m-%dT%H%M%S}"
            command = (*command, str(folder), "--keep", str(self._config.backup_retention))
        return self.start(
            CommandRun(
                name=job.name, command=command, due_at=min(state.due_at, now), limit=job.limit, cursor=cursor,
                ok_statuses=job.ok_statuses,
            )
        )  # fmt: skip

    def start(self, run: CommandRun) -> Child:
        """Record the start of a run, and start its child process. Raises OSError and errors of the archive."""
        self._files.read()
        now = utc_now()
        with self._archive.store.transaction() as store:
            run_id = begin_job(
                store, run.name, due_at=run.due_at, at=now, about=" ".join(run.sources) or None, cursor=run.cursor
            )
        log.debug("job %s: run %d of %s started, due at %s", run.name, run_id, run.sources or run.command, run.due_at)
        process, output = start_process((*run.command, *self._settings), {**self.environ, **self._files.environ})
        child = Child(
            run=run, run_id=run_id, archive_id=self._archive.file_id, started_at=now, process=process, output=output
        )
        self.children.append(child)
        return child

    def collect_finished(self) -> Iterator[tuple[Child, JobOutcome]]:
        """Record and yield the runs that ended; stop those that exceed their time limit.

        Raises errors of the archive. A run that could not be recorded is recorded at the next call.
        """
        for child in list(self.children):
            over = child.seconds - child.run.limit.total_seconds()
            if over > 0:
                child.send(signal.SIGKILL if over > STOP_TIMEOUT else signal.SIGTERM)
            status = child.process.poll()
            if status is not None:
                outcome = self._record_end(child, status)
                self.children.remove(child)
                child.close()
                yield child, outcome

    def _record_end(self, child: Child, status: int) -> JobOutcome:
        now, run = utc_now(), child.run
        store = self._archive.store
        failed = status not in run.ok_statuses and not self._stopping
        state = job_states(store.db).get(run.name)
        failures = (state.failures if state else 0) + 1 if failed else 0
        outcome = JobOutcome(
            name=run.name, status=status, failed=failed, output=child.read_output(), seconds=child.seconds,
            started_at=child.started_at, late_seconds=(child.started_at - run.due_at).total_seconds(), sources=run.sources,
            due_at=self._due_after(child, now, failures),
        )  # fmt: skip
        if child.archive_id == self._archive.file_id:  # otherwise the archive was replaced, and has no row of this run
            with store.transaction():
                finish_job(
                    store, child.run_id, run.name, at=now, seconds=outcome.seconds, status=status, failed=failed,
                    message=outcome_message(outcome), due_at=outcome.due_at or now,
                )  # fmt: skip
        return outcome

    def _due_after(self, child: Child, now: datetime, failures: int) -> datetime | None:
        job = self._jobs.get(child.run.name)
        if job is None:
            return None
        if self._stopping:
            return child.run.due_at
        return due_after(job, started_at=child.started_at, now=now, failures=failures)

    def wait(self) -> list[JobOutcome]:
        """Wait until at least one child ends. Returns the ended runs; an empty list if no child is running."""
        while self.children:
            finished = [outcome for _, outcome in self.collect_finished()]
            if finished:
                return finished
            time.sleep(0.05)
        return []

    def stop(self) -> None:
        """Stop all children: SIGTERM, and SIGKILL after STOP_TIMEOUT. Runs that are stopped do not count as failures."""
        self._stopping = True
        for child in self.children:
            child.send(signal.SIGTERM)
        until = time.monotonic() + STOP_TIMEOUT
        while any(child.process.poll() is None for child in self.children) and time.monotonic() < until:
            time.sleep(0.05)
        for child in self.children:
            child.send(signal.SIGKILL)
            child.process.wait()
        with contextlib.suppress(*TEMPORARY_ERRORS):
            list(self.collect_finished())
        for child in self.children:
            child.close()
        self.children.clear()
