"""The connection to a Dask scheduler: which nodes have our version, tasks and their results, and connecting again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crawler.exceptions import WirewatchError
from schedules.cluster.address import ClusterAddress, probe
from schedules.cluster.code_version import RESOURCE_PREFIX, code_version, resource_name, set_up_dask
from schedules.cluster.dispatcher import ClusterLostError

if TYPE_CHECKING:
    from distributed import Client

NODES_SECONDS = 60.0
"""How long a command waits for the first node at its start; a node takes 3 s of CPU time to start."""
PATIENCE = 20.0
"""Seconds without a scheduler or without nodes after which pages are read on this machine."""
LOOK_SECONDS = 3.0
"""Interval at which the list of nodes is requested, and a lost scheduler is tried again."""
STALE_SECONDS = 20.0
"""A node that was silent for so much longer than another gets no task; nodes report every second or so."""
DASK_SECONDS = 5.0
_PLAIN = ["msgpack"]
"""Dask's name of the format in which results are accepted: neither pickles nor Dask's own formats, which pickle types."""


class DaskAccess:
    """Implements NodeAccess. All methods are called in one event loop."""

    def __init__(self, address: ClusterAddress, notify: Callable[[str], None]) -> None:
        self._address = address
        self._notify = notify
        self._client: Client | None = None
        self._nodes: dict[str, int] = {}
        """Address -> slots, of nodes with our version that report."""
        self._is_restricted = False
        """Whether there are nodes of our version that do not report."""
        self._others: set[str] = set()
        """Versions of other nodes that were reported."""
        self._ready = asyncio.Event()
        """Set while there is a connection and a node."""
        self._given_up = False
        self._is_lost = False
        self._watcher: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Connect and find nodes. Raises WirewatchError with what is wrong.

        A scheduler that was there and is lost meanwhile is waited for like a node: it is being restarted.
        """
        await self._open()
        now = asyncio.get_running_loop().time
        until = now() + NODES_SECONDS
        while not self._nodes:
            try:
                if self._client is None:
                    await self._open()
                await self._look()
            except (WirewatchError, OSError, asyncio.TimeoutError, TimeoutError) as error:
                await self._drop()
                if now() > until:
                    raise WirewatchError(f"{self._address.url}: the connection was lost ({error})") from error
            else:
                if not self._nodes and (self._others or now() > until):
                    raise WirewatchError(self._no_nodes())
            await asyncio.sleep(0.2)
        self.watch()

    def watch(self) -> None:
        """Keep the list of nodes, and connect whenever there is no connection."""
        if self._watcher is None:
            self._watcher = asyncio.ensure_future(self._watch())

    async def close(self) -> None:
        """End the connection; Dask forgets its tasks."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        await self._drop()

    @property
    def slots(self) -> int:
        """Pages that the usable nodes read at a time."""
        return sum(self._nodes.values())

    async def is_usable(self) -> bool:
        """Wait for a connection with nodes, PATIENCE seconds at most, and no longer until there was one again."""
        self.watch()
        if not self._ready.is_set() and not self._given_up:
            with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
                await asyncio.wait_for(self._ready.wait(), PATIENCE)
            if not self._ready.is_set() and not self._given_up:
                self._given_up = True
                what = self._no_nodes() if self._client else f"{self._address.url}: no scheduler can be reached"
                self._notify(f"{what}; pages are read on this machine until it is back")
        return self._ready.is_set()

    async def run(self, task: bytes, *, name: tuple[str, int, int], avoid: frozenset[str]) -> object:
        """The result of a task."""
        import numpy as np
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError

        from schedules.cluster.node import read_pages

        client = self._client
        if client is None:
            raise ClusterLostError
        chosen = set(self._nodes) - avoid
        where = {"workers": sorted(chosen)} if chosen and (avoid or self._is_restricted) else {}
        # The bytes of an array are sent outside of the pickle, so that Dask does not copy and search them at each step.
        future = client.submit(
            read_pages,
            np.frombuffer(task, np.uint8),
            key=_key(client, name),
            resources={resource_name(): 1},
            pure=False,
            retries=0,
            **where,
        )
        try:
            return await future
        except (FutureCancelledError, CommClosedError, OSError) as error:
            self._lost(client)
            raise ClusterLostError(str(error)) from error
        except asyncio.CancelledError:
            if client.status != "running":  # Dask cancels all futures when it closes
                current = asyncio.current_task()
                if current is None or not getattr(current, "cancelling", lambda: 0)():
                    self._lost(client)
                    raise ClusterLostError from None
            raise
        finally:
            future.release()

    async def holder(self, name: tuple[str, int, int]) -> str | None:
        """The node that has a task."""
        client = self._client
        if client is None:
            return None
        try:
            processing: dict[str, Any] = await asyncio.wait_for(client.processing(), DASK_SECONDS)
        except (OSError, asyncio.TimeoutError, TimeoutError):
            return None
        key = _key(client, name)
        return next((node for node, keys in processing.items() if key in keys), None)

    async def _open(self) -> None:
        await probe(self._address)
        set_up_dask()
        from distributed import Client

        client = Client(
            self._address.url, asynchronous=True, security=self._address.security(), timeout=DASK_SECONDS,
            serializers=_PLAIN, deserializers=_PLAIN, set_as_default=False, name="wirewatch",
        )  # fmt: skip
        try:
            await client
        except OSError as error:
            await client.close(timeout=1)
            raise WirewatchError(f"{self._address.url}: Dask cannot connect ({error})") from error
        self._client = client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        self._is_lost = False
        self._nodes = {}
        self._ready.clear()
        if client is not None:
            with contextlib.suppress(Exception):
                await client.close(timeout=1)

    def _lost(self, client: Client) -> None:
        if client is self._client:
            self._is_lost = True
            self._ready.clear()

    async def _watch(self) -> None:
        while True:
            try:
                if self._client is None or self._is_lost:
                    await self._drop()
                    await self._open()
                await self._look()
            except (asyncio.TimeoutError, TimeoutError):  # a busy scheduler; a lost one closes the connection
                if self._client is None or self._client.status != "running":
                    await self._drop()
            except (WirewatchError, OSError):
                await self._drop()
            await asyncio.sleep(LOOK_SECONDS if self._nodes else LOOK_SECONDS / 3)

    async def _look(self) -> None:
        assert self._client is not None
        scheduler: Any = self._client.scheduler
        info = await asyncio.wait_for(scheduler.identity(n_workers=-1), DASK_SECONDS)
        workers = info["workers"]
        newest = max((worker["last_seen"] for worker in workers.values()), default=0.0)
        same = {address: worker for address, worker in workers.items() if resource_name() in worker["resources"]}
        nodes = {
            address: int(worker["resources"][resource_name()])
            for address, worker in same.items()
            if newest - worker["last_seen"] < STALE_SECONDS
        }
        others = {_version_of(worker) for address, worker in workers.items() if address not in same}
        for version in sorted(others - self._others):
            self._others.add(version)
            if nodes:
                self._notify(
                    f"{self._address.url}: nodes with {version} get no pages; this machine has {code_version()}"
                )
        for address in sorted(self._nodes.keys() - workers.keys()):
            self._notify(f"{address}: this node ended or cannot be reached; others get its pages")
        self._is_restricted = len(nodes) < len(same)
        self._nodes = nodes
        if not nodes:
            self._ready.clear()
        elif not self._ready.is_set():
            self._ready.set()
            if self._given_up:
                self._given_up = False
                self._notify(f"{self._address.url}: connected again")

    def _no_nodes(self) -> str:
        if self._others:
            return (
                f"{self._address.url}: its nodes have {', '.join(sorted(self._others))}, and this machine has"
                f" {code_version()}; install the same version on all of them"
            )
        return f"{self._address.url}: no nodes; start one or more: scrapy worker {self._address.url}"


def _key(client: Client, name: tuple[str, int, int]) -> tuple[str, str, int, int]:
    """Dask's dashboard groups keys by their first part, up to a hyphen."""
    label, number, attempt = name
    return label.replace("-", "_"), client.id, number, attempt


def _version_of(worker: dict[str, Any]) -> str:
    names = [name for name in worker["resources"] if name.startswith(RESOURCE_PREFIX)]
    return str(names[0].removeprefix(RESOURCE_PREFIX)) if names else "no Wirewatch (`scrapy worker` starts a node)"
