"""Tasks on the way: how many are submitted, which are repeated, and which are read on this machine after all.

Nothing here knows Dask; `NodeAccess` is what it needs of a cluster.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from schedules.cluster.messages import RemoteCall, ResultRefusedError, pack_calls, read_results

log = logging.getLogger(__name__)
TASK_PAGES = 16
"""Pages of a task: Dask costs the coordinator about 9 ms a task, whatever is in it."""
TASK_BYTES = 4 << 20
"""Bytes of the pages of a task, after which no more are added."""
REPETITIONS = 2
"""Repetitions of a task that a node lost or answered wrongly; after them its pages are read on this machine, one by one."""
DEADLINE_FACTOR = 4
"""Seconds until a task is repeated elsewhere, in multiples of the time limit of one page; an ordinary task takes a second."""
SUBMITTED_PER_SLOT = 2
"""Tasks submitted for each page that the nodes can read at a time. The scheduler holds the pages of all of them."""


class ClusterLostError(Exception):
    """The connection to the scheduler ended, and with it all tasks. Raised by implementations of NodeAccess."""


class NodeAccess(Protocol):
    """A cluster, as the dispatcher sees it."""

    @property
    def slots(self) -> int:
        """Pages that the usable nodes read at a time; 0: not connected, or no nodes."""

    async def is_usable(self) -> bool:
        """Wait for a lost connection for a while; False: it is still lost, or there are no nodes."""

    async def run(self, task: bytes, *, name: tuple[str, int, int], avoid: frozenset[str]) -> object:
        """The result of a task. `avoid`: nodes that should not get it. Raises ClusterLostError, and what Dask raises."""

    async def holder(self, name: tuple[str, int, int]) -> str | None:
        """The node that has a task; None if it is not known."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Calls that are one task."""

    label: str
    calls: list[RemoteCall] = field(default_factory=list)
    futures: list[Future[Any]] = field(default_factory=list)
    """For each call its result; READ_HERE if it must be made on this machine."""
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether no call should be added."""
        return len(self.calls) >= TASK_PAGES or self.size >= TASK_BYTES


READ_HERE = object()
"""In place of a result: the cluster cannot give it."""


class Dispatcher:
    """Keeps a window of tasks submitted. All methods are called in its event loop."""

    def __init__(self, cluster: NodeAccess, *, seconds: float) -> None:
        """`seconds`: the time limit of one page."""
        self._cluster = cluster
        self._deadline = seconds * DEADLINE_FACTOR
        self._waiting: deque[Batch] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._numbers = itertools.count(1)

    @property
    def window(self) -> int:
        """Tasks that are submitted at once."""
        return SUBMITTED_PER_SLOT * self._cluster.slots + 1

    def add(self, batch: Batch) -> None:
        """Submit a batch, or keep it until the window has room."""
        self._waiting.append(batch)
        self._fill()

    async def close(self) -> None:
        """Cancel everything."""
        self._waiting.clear()
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _fill(self) -> None:
        while self._waiting and len(self._running) < self.window:
            task = asyncio.ensure_future(self._settle(self._waiting.popleft()))
            self._running.add(task)
            task.add_done_callback(self._settled)

    def _settled(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            if task.exception() is not None:
                log.error("a task of the cluster failed", exc_info=task.exception())
            self._fill()

    async def _settle(self, batch: Batch) -> None:
        results: Sequence[Any] | None = None
        try:
            results = await self._results(batch)
        finally:
            for number, future in enumerate(batch.futures):
                if future.set_running_or_notify_cancel():
                    future.set_result(READ_HERE if results is None else results[number])

    async def _results(self, batch: Batch) -> Sequence[Any] | None:
        """The results of the batch; None if the cluster did not give them."""
        number = next(self._numbers)
        task = await asyncio.to_thread(pack_calls, batch.calls)
        attempts: dict[asyncio.Task[object], tuple[str, int, int]] = {}
        avoid: frozenset[str] = frozenset()
        used = 0
        try:
            while used <= REPETITIONS and await self._cluster.is_usable():
                name = (batch.label, number, used)
                attempts[asyncio.ensure_future(self._cluster.run(task, name=name, avoid=avoid))] = name
                used += 1
                try:
                    results = await self._first(attempts, batch)
                except ClusterLostError:  # the scheduler, not the task
                    used -= 1
                    number = next(self._numbers)  # Dask may know the key still
                    continue
                if results is not None:
                    return results
                for late in attempts.values():
                    holder = await self._cluster.holder(late)
                    avoid |= {holder} if holder is not None else set()
                what = f"did not end within {self._deadline:g} s" if attempts else "failed"
                then = "another node gets it" if used <= REPETITIONS else "its pages are read on this machine"
                log.warning("%s: a task of %d pages %s; %s", batch.label, len(batch.calls), what, then)
        finally:
            for attempt in attempts:
                attempt.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
        return None

    async def _first(
        self, attempts: dict[asyncio.Task[object], tuple[str, int, int]], batch: Batch
    ) -> Sequence[Any] | None:
        """The first valid results of any attempt; None at the deadline, or if all have failed."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._deadline
        while attempts:
            done, _ = await asyncio.wait(
                attempts, timeout=max(0.0, until - loop.time()), return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                return None
            for attempt in done:
                del attempts[attempt]
                results = await _read(attempt, batch)
                if results is not None:
                    return results
        return None


async def _read(attempt: Awaitable[object], batch: Batch) -> Sequence[Any] | None:
    try:
        data = await attempt
    except ClusterLostError:
        raise
    except Exception as error:
        log.warning("%s: a node failed: %s: %s", batch.label, type(error).__name__, error)
        return None
    try:
        results = read_results(data, batch.calls)
    except ResultRefusedError as error:
        log.warning("%s: %s", batch.label, error)
        return None
    log.debug("%s: a node read %d pages", batch.label, len(results))
    return results
