"""The writer thread: runs jobs of the crawl on the archive and commits them in groups.

Syncing the disk costs the same for one page as for sixty, so jobs that wait while a transaction commits go into the next one
together, and the job of a fetched page waits a moment for others. A job that fails rolls back only its own changes.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from crawler.archive.storage.store import ArchiveStore
from crawler.exceptions import ArchiveError

P = ParamSpec("P")
R = TypeVar("R")

MAX_GROUP = 64
"""Maximum number of jobs in one transaction: it holds the write lock, for which other processes wait, below 1 s."""
LINGER_UP_TO = 16
"""Number of jobs from which on a transaction does not wait for more: larger groups save little."""
LINGER = 0.2
"""Seconds that a transaction waits for more jobs while all its jobs permit it."""


class Writer:
    """Runs functions on the archive, one after the other, in its own thread.

    The result of a job is available after its transaction was committed and synced to disk.
    """

    def __init__(
        self, archive_db: Path, warc_dir: Path, *, operator: str = "Wirewatch", linger: float = LINGER
    ) -> None:
        """Open the archive. `linger`: see LINGER. Raises ArchiveError."""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: Future[None] = Future()
        self._linger = linger
        self._thread = threading.Thread(
            target=self._work, args=(archive_db, warc_dir, operator), name="archive-writer", daemon=True
        )
        self._closed = False
        self._thread.start()
        self._open.result()

    def submit(
        self, function: Callable[Concatenate[ArchiveStore, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Run `function(store, ...)` in a transaction, as soon as possible. May be called from any thread."""
        return self._submit(lambda store: function(store, *args, **kwargs), may_linger=False)

    async def do(self, function: Callable[Concatenate[ArchiveStore, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Await `submit`."""
        return await asyncio.wrap_future(self.submit(function, *args, **kwargs))

    async def do_in_group(
        self, function: Callable[Concatenate[ArchiveStore, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `do`, for a job on whose result no request depends: it may wait up to LINGER for other jobs."""
        return await asyncio.wrap_future(self._submit(lambda store: function(store, *args, **kwargs), may_linger=True))

    def close(self) -> None:
        """Finish the submitted jobs, then close the archive.

        Close readers of the same process first: the last connection that closes moves the -wal file into archive.db.
        """
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, function: Callable[[ArchiveStore], R], *, may_linger: bool) -> Future[R]:
        future: Future[R] = Future()
        if self._closed:
            future.set_exception(ArchiveError("the archive is closed already"))
        else:
            self._jobs.put(_Job(function, future, may_linger))
        return future

    def _work(self, archive_db: Path, warc_dir: Path, operator: str) -> None:
        try:
            store = ArchiveStore.open(archive_db, warc_dir, operator=operator)
        except BaseException as error:
            self._open.set_exception(error)
            return
        self._open.set_result(None)
        try:
            more = True
            while more:
                group, more = self._next_group()
                if group:
                    _run(store, group)
        finally:
            store.close()

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Return the jobs of the next transaction, and whether more may follow."""
        group: list[_Job] = []
        job = self._jobs.get()
        until = time.monotonic() + self._linger
        while job is not None:
            group.append(job)
            if len(group) == MAX_GROUP:
                return group, True
            if not job.may_linger or len(group) >= LINGER_UP_TO:
                until = 0.0
            left = until - time.monotonic()
            try:
                job = self._jobs.get(timeout=left) if left > 0 else self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False


class _Job(NamedTuple):
    function: Callable[[ArchiveStore], Any]
    future: Future[Any]
    may_linger: bool


def _run(store: ArchiveStore, group: list[_Job]) -> None:
    """Run a group in one transaction. If it cannot be committed, all its jobs fail. Cancelled jobs are skipped."""
    jobs = [job for job in group if job.future.set_running_or_notify_cancel()]
    done: list[tuple[Future[Any], Any]] = []
    failed: list[tuple[Future[Any], BaseException]] = []
    try:
        with store.transaction():
            for job in jobs:
                try:
                    with store.savepoint():
                        done.append((job.future, job.function(store)))
                except Exception as error:
                    if not store.db.in_transaction:  # the disk is full: SQLite rolled back the whole group
                        raise
                    failed.append((job.future, error))
    except Exception as error:
        failed = [(job.future, error) for job in jobs]
        done = []
    for future, result in done:
        future.set_result(result)
    for future, reason in failed:
        future.set_exception(reason)
