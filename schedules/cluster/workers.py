"""The workers of a command: child processes here, or the nodes of a cluster with child processes here as a fallback."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from crawler.exceptions import WirewatchError, WorkerError
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import Workers
from schedules.cli.output import warn
from schedules.cluster.address import ClusterAddress, cluster_address

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.cluster.dask_access import DaskAccess
    from schedules.cluster.dispatcher import Batch

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
PRELOAD = (
    "pipelines.worker_preload",
    "spiders.documents",
    "spiders.feeds.parser",
    "spiders.sitemaps.parser",
    "spiders.listings.parser",
    "feedparser",
)
"""Modules that child processes import at their start."""
TASK_LINGER = 0.02
"""Seconds that a task waits for more pages."""
CLOSE_SECONDS = 5.0


def local_pool(config: AppConfig) -> WorkerPool:
    """Child processes of this machine for pages and the documents of seeds."""
    return WorkerPool(processes=config.workers, seconds=config.parse_timeout, preload=PRELOAD)


def open_workers(config: AppConfig, *, is_required: bool = False) -> WorkerPool | ClusterWorkers:
    """The cluster if one is configured, otherwise child processes. Close it, or use it as a context manager.

    `is_required`: `start` raises WirewatchError if the cluster cannot be used; otherwise pages are read here then.
    Raises WirewatchError if address or certificates are wrong, or Dask is not installed.
    """
    address = cluster_address(config)
    if address is None:
        return local_pool(config)
    return ClusterWorkers(address, local_pool(config), seconds=config.parse_timeout, is_required=is_required)


class ClusterWorkers:
    """Implements Workers with a connection to a cluster in a thread of its own.

    The connection is opened by the first page or by `start`: Dask takes a second to import, and most crawls find nothing.
    """

    def __init__(self, address: ClusterAddress, local: WorkerPool, *, seconds: float, is_required: bool) -> None:
        require_dask()
        self._address = address
        self._local = local
        self._seconds = seconds
        self._is_required = is_required
        self._connection: _Connection | None = None
        self._batches: dict[str, Batch] = {}
        """The calls of the caller's thread that are not submitted yet."""

    @property
    def in_flight(self) -> int:
        """Pages of a full window."""
        from schedules.cluster.dispatcher import TASK_PAGES

        window = self._connection.window if self._connection is not None else 1
        return window * TASK_PAGES

    def labelled(self, label: str) -> Workers:
        """The same workers, whose tasks have this name."""
        return _Labelled(self, label)

    def start(self) -> None:
        """Connect, and start the child processes that parse seeds. Raises WirewatchError if a required cluster cannot be used."""
        self._connected()
        if not self._is_required:
            self._local.start()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return `function(*args, **kwargs)`, called on a node if it reads a page, otherwise in a child process."""
        source = getattr(args[0], "source", "") if args else ""
        return await self.run_labelled(str(source) or "pages", function, *args, **kwargs)

    async def run_labelled(self, label: str, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `run`; `label` names the task."""
        from schedules.cluster.messages import REMOTE, RemoteCall

        if function not in REMOTE:
            return await self._local.run(function, *args, **kwargs)
        connection = await asyncio.to_thread(self._connected) if self._connection is None else self._connection
        call = RemoteCall(function=function, args=args, kwargs=kwargs)
        result = await asyncio.wrap_future(self._add(label, call, connection))
        if isinstance(result, WorkerError):  # the page, or a node that was suspended: a child process here decides
            log.warning("%s: a node reports: %s; reading the page here", label, result.reason)
        if isinstance(result, WorkerError) or result is connection.read_here:
            return await self._local.run(function, *args, **kwargs)
        return result  # type: ignore[no-any-return]  # validated by read_results

    def close(self) -> None:
        """End the connection and all child processes; tasks on nodes are forgotten."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._local.close()

    def __enter__(self) -> ClusterWorkers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connected(self) -> _Connection:
        with _opening:
            if self._connection is None:
                self._connection = _Connection(self._address, seconds=self._seconds, is_required=self._is_required)
        return self._connection

    def _add(self, label: str, call: Any, connection: _Connection) -> Future[Any]:
        from schedules.cluster.dispatcher import Batch

        batch = self._batches.get(label)
        if batch is None:
            batch = self._batches[label] = Batch(label=label)
            asyncio.get_running_loop().call_later(TASK_LINGER, self._submit, batch, connection)
        future: Future[Any] = Future()
        batch.calls.append(call)
        batch.futures.append(future)
        batch.size += call.size
        if batch.is_full:
            self._submit(batch, connection)
        return future

    def _submit(self, batch: Batch, connection: _Connection) -> None:
        if self._batches.get(batch.label) is batch:  # otherwise it was submitted when it was full
            del self._batches[batch.label]
            connection.add(batch)


_opening = threading.Lock()


class _Labelled:
    """Implements Workers: `ClusterWorkers` with a name for the tasks."""

    def __init__(self, workers: ClusterWorkers, label: str) -> None:
        self._workers = workers
        self._label = label
        self.labelled = workers.labelled

    @property
    def in_flight(self) -> int:
        return self._workers.in_flight

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._workers.run_labelled(self._label, function, *args, **kwargs)


class _Connection:
    """A thread with an event loop for Dask, so that it does not depend on the loop of the command."""

    def __init__(self, address: ClusterAddress, *, seconds: float, is_required: bool) -> None:
        from schedules.cluster.dask_access import DaskAccess
        from schedules.cluster.dispatcher import READ_HERE, Dispatcher
        from schedules.cluster.local_nodes import LocalNodes

        self.read_here = READ_HERE
        self._access: DaskAccess | None = None
        self._stack = contextlib.ExitStack()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_handle_unretrieved)
        self._thread = threading.Thread(target=self._loop.run_forever, name="cluster", daemon=True)
        self._thread.start()
        try:
            if address.local_nodes:
                address = self._stack.enter_context(LocalNodes(address.local_nodes, seconds=seconds)).address
            self._access = access = self._call(_made(DaskAccess, address, warn))
            if is_required or address.local_nodes:
                self._call(access.connect())
        except BaseException:
            self._close_access()
            self._stop()
            raise
        self._dispatcher = Dispatcher(access, seconds=seconds)

    @property
    def window(self) -> int:
        return self._dispatcher.window

    def add(self, batch: Batch) -> None:
        self._loop.call_soon_threadsafe(self._dispatcher.add, batch)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # a scheduler that does not reply: Dask ends with the process
            self._call(self._dispatcher.close(), CLOSE_SECONDS)
        self._close_access()
        self._stop()

    def _close_access(self) -> None:
        if self._access is not None:
            with contextlib.suppress(Exception):
                self._call(self._access.close(), CLOSE_SECONDS)

    def _call(self, work: Coroutine[Any, Any, R], timeout: float | None = None) -> R:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def _stop(self) -> None:
        self._stack.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()


async def _made(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    return function(*args, **kwargs)


def require_dask() -> None:
    """Raise WirewatchError if the extra `cluster` is not installed; nothing of Dask is imported."""
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        raise WirewatchError("Dask is not installed; on all machines of the cluster: pip install -e '.[cluster]'")


def _handle_unretrieved(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Hide the lost connections and cancelled tasks of futures that Dask leaves behind; print all other exceptions."""
    lost = (OSError, asyncio.CancelledError, CancelledError)
    if isinstance(context.get("exception"), lost):
        log.debug("cluster: %s", context)
    else:
        loop.default_exception_handler(context)
