"""The writer's thread: jobs go in from the crawl, and come back when they are on the disk.

What waits while one transaction commits goes into the next as one group: a sync of the disk costs the same for one page
as for sixty. A job that fails takes back only its own part.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from crawler.archive.storage.store import ArchiveStore
from crawler.exceptions import ArchiveError

if TYPE_CHECKING:
    from typing_extensions import Self

P = ParamSpec("P")
R = TypeVar("R")
_Job = tuple[Callable[[ArchiveStore], Any], "Future[Any]"]

MAX_GROUP = 64
"""Jobs in one transaction at most: other processes wait for the write lock that long, below 1 s."""


class Writer:
    """Runs functions of the store one after the other in a thread of its own.

    A job's result is there only when its transaction was committed and synced: what is reported stored is stored.
    """

    def __init__(self, archive_db: Path, warc_dir: Path, *, operator: str = "Wirewatch") -> None:
        """Opens the archive at once. Raises ArchiveError where it cannot be."""
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._open: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._work, args=(archive_db, warc_dir, operator), name="archive-writer", daemon=True
        )
        self._closed = False
        self._thread.start()
        self._open.result()

    def submit(
        self, function: Callable[Concatenate[ArchiveStore, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> Future[R]:
        """Have `function(store, ...)` run inside a transaction. From any thread."""
        future: Future[R] = Future()
        if self._closed:
            future.set_exception(ArchiveError("the archive is closed already"))
            return future
        self._jobs.put((lambda store: function(store, *args, **kwargs), future))
        return future

    async def do(self, function: Callable[Concatenate[ArchiveStore, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The same, awaited."""
        return await asyncio.wrap_future(self.submit(function, *args, **kwargs))

    def close(self) -> None:
        """Finish what was submitted, then close the archive.

        Whoever reads it in the same process closes first: only the last connection lays the -wal file into archive.db.
        """
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

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
        group: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) == MAX_GROUP:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False


def _run(store: ArchiveStore, group: list[_Job]) -> None:
    """One transaction. Where it cannot be committed, every job of it failed. What was called off before is not begun."""
    relevant = [(function, future) for function, future in group if future.set_running_or_notify_cancel()]
    done: list[tuple[Future[Any], Any]] = []
    failed: list[tuple[Future[Any], BaseException]] = []
    try:
        with store.transaction():
            for function, future in relevant:
                try:
                    with store.part():
                        done.append((future, function(store)))
                except Exception as error:
                    if not store.db.in_transaction:  # the disk is full: nothing of the group can be kept
                        raise
                    failed.append((future, error))
    except Exception as error:
        failed = [(future, error) for _, future in relevant]
        done = []
    for future, result in done:
        future.set_result(result)
    for future, reason in failed:
        future.set_exception(reason)
