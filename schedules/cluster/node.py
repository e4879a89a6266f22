"""A node of the cluster: a Dask worker without a nanny, whose tasks read pages in child processes that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING

from crawler.exceptions import WirewatchError
from crawler.workers.pool import WorkerPool
from crawler.workers.temporary_folder import own_temporary_files
from schedules.cluster.address import ClusterAddress, probe
from schedules.cluster.code_version import resource_name, set_up_dask

if TYPE_CHECKING:
    from typing_extensions import Buffer

AGAIN_SECONDS = 2.0
"""Until a scheduler that was lost is tried again."""
DEATH_TIMEOUT = 60.0
"""Seconds in which a scheduler that greeted must accept the node."""
_pool: WorkerPool | None = None
"""The child processes of this node. Dask calls `read_pages` by its name, so they cannot be an argument."""


async def read_pages(task: Buffer) -> bytes:
    """Dask's task: read some pages in the child processes of this node; plain data, see messages.py."""
    from schedules.cluster.messages import answer

    if _pool is None:
        raise RuntimeError("not a node of Wirewatch")
    return await answer(task, _pool.run)


async def run_node(
    address: ClusterAddress, pool: WorkerPool, *, slots: int, stop: asyncio.Event, notify: Callable[[str], None]
) -> None:
    """Read pages for the scheduler until `stop` is set; connect again whenever the scheduler was lost.

    `slots`: pages at a time. Raises WirewatchError if the first connection fails.
    """
    global _pool  # noqa: PLW0603 -- see there
    set_up_dask()
    _pool = pool
    was_connected = asyncio.Event()
    try:
        while not stop.is_set():
            try:
                await probe(address)
                await _serve(address, slots, stop, was_connected, notify)
            except (WirewatchError, OSError, asyncio.TimeoutError, TimeoutError) as error:
                if not was_connected.is_set():
                    raise (
                        error
                        if isinstance(error, WirewatchError)
                        else WirewatchError(f"{address.url}: Dask cannot connect ({error})")
                    ) from error
            if not stop.is_set():
                with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)
    finally:
        _pool = None


async def _serve(
    address: ClusterAddress,
    slots: int,
    stop: asyncio.Event,
    was_connected: asyncio.Event,
    notify: Callable[[str], None],
) -> None:
    from distributed import Worker

    with own_temporary_files(), tempfile.TemporaryDirectory() as folder:
        worker = Worker(
            address.url, nthreads=slots, resources={resource_name(): slots}, security=address.security(),
            memory_limit=0, local_directory=folder, dashboard=False, death_timeout=DEATH_TIMEOUT,
        )  # fmt: skip
        async with worker:
            was_connected.set()
            notify(f"Connected to {address.url}: reading {slots} pages at a time. Ctrl-C ends it.")
            ended = asyncio.ensure_future(worker.finished())
            stopped = asyncio.ensure_future(stop.wait())
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            for waiter in (ended, stopped):
                waiter.cancel()
    if not stop.is_set():
        notify(f"{address.url}: the scheduler ended or cannot be reached; trying again every {AGAIN_SECONDS:g} s")
