"""Child processes that parse untrusted bytes and can be killed.

One tag with 200,000 attributes keeps libxml2 busy for more than 90 s, and neither a thread nor a time limit in Python
can stop it. So feeds, sitemaps, listings and pages are parsed in child processes: after a time limit the child is
killed and replaced. Extraction uses most of the CPU time, so the pool also uses all cores.

Children are forked from a server process that has imported the parsers once (`forkserver`): a new child costs some
milliseconds instead of a second, and shares the memory of the imported modules.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

from crawler.exceptions import WorkerError
from crawler.reasons import ReasonCode
from crawler.workers.temporary_folder import own_temporary_files

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext
    from multiprocessing.synchronize import Semaphore

    from pebble import ProcessPool

P = ParamSpec("P")
R = TypeVar("R")

RECYCLE_AFTER = 500
"""Number of tasks after which a child is replaced: the caches of trafilatura and lxml grow with each page."""
ALARM_AFTER = 20_000
"""Threshold of the garbage collector in children; Python's default is 700."""
WALL_FACTOR = 8
"""Wall time of a task in multiples of its CPU limit: on a loaded machine an ordinary page waits most of the time; a task
that hangs without using the CPU is stopped all the same."""
STOP_SECONDS = 5.0
"""Time that children have to end when the pool is closed."""
IN_FLIGHT = 8
"""Pages that are extracted at once, by all child processes: enough that none waits, few enough to fit in memory."""
KILL_AFTER = 0.05
"""Seconds between SIGTERM, which the children ignore, and SIGKILL; pebble's default is 3."""
_PR_SET_PDEATHSIG = 1
_PARENT_PID = "WIREWATCH_PARENT_PID"
"""Environment variable that gives the fork server the process ID of its parent."""


class WorkerPool:
    """A pool of child processes. `run` awaits one task; any number may be awaited at once.

    The processes start with the first task, or with `start`: the modules that they import cost a second of CPU time,
    and in most polls nothing has changed and nothing is parsed.
    """

    def __init__(self, *, processes: int, seconds: float, preload: tuple[str, ...] = ()) -> None:
        """Create a pool. `seconds`: CPU time limit of a task; `preload`: modules to import before children are forked."""
        self._seconds = seconds
        self._processes = processes
        self._preload = preload
        self._running: _Running | None = None

    @property
    def in_flight(self) -> int:
        """Calls that should be awaited at once."""
        return IN_FLIGHT

    def labelled(self, _: str) -> WorkerPool:
        """The same pool: processes have no names."""
        return self

    def start(self) -> None:
        """Start the processes now. Call it in a thread that lives as long as the program, as the main thread does.

        The kernel ends the fork server when the thread that started it ends.
        """
        self._started()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return `function(*args, **kwargs)`, called in a child. Raises what it raises; WorkerError if the child died."""
        pool = self._started().pool
        limited = functools.partial(_with_cpu_limit, self._seconds, function)
        future: Future[R] = pool.schedule(limited, args=args, kwargs=kwargs, timeout=self._seconds * WALL_FACTOR)
        try:
            return await asyncio.wrap_future(future)
        except (asyncio.TimeoutError, TimeoutError) as error:
            reason = f"took longer than {self._seconds:g} s and was stopped"
            raise WorkerError("parser", reason, ReasonCode.PARSE_TIMEOUT) from error
        except Exception as error:
            exit_code = _exit_code(error)
            if exit_code is None:
                raise
            if exit_code == -signal.SIGPROF:
                reason = f"took longer than {self._seconds:g} s and was stopped"
                raise WorkerError("parser", reason, ReasonCode.PARSE_TIMEOUT) from error
            raise WorkerError("parser", f"crashed ({_named(exit_code)})") from error

    def close(self) -> None:
        """End all children, also while they run a task."""
        if self._running is None:
            return
        self._running.first_task.join()
        for _ in range(self._processes):  # a child that is ended while it starts prints a traceback
            self._running.ready.acquire(timeout=STOP_SECONDS)
        self._running.pool.stop()  # type: ignore[no-untyped-call]  # pebble
        self._running.pool.join(timeout=STOP_SECONDS)
        self._running.main_module.close()
        self._running = None

    def _started(self) -> _Running:
        if self._running is None:
            self._running = _start(self._processes, self._preload)
        return self._running

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Running(NamedTuple):
    pool: ProcessPool
    ready: Semaphore
    """Released by each child that has started."""
    main_module: contextlib.ExitStack
    first_task: threading.Thread


def start_fork_server(preload: tuple[str, ...]) -> ForkServerContext:
    """Start the process from which children are forked; it imports the modules. It ends with the thread that calls this."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.workers.forkserver", *preload])
    os.environ[_PARENT_PID] = str(os.getpid())
    resource_tracker.ensure_running()  # it unblocks the signals
    with own_temporary_files(), _signals_blocked():
        forkserver.ensure_running()
    return context


def _start(processes: int, preload: tuple[str, ...]) -> _Running:
    from pebble import CONSTS, ProcessPool

    CONSTS.term_timeout = KILL_AFTER
    context = start_fork_server(preload)
    ready = context.Semaphore(0)
    main_module = contextlib.ExitStack()
    main_module.enter_context(_without_main())
    pool = ProcessPool(
        max_workers=processes, max_tasks=RECYCLE_AFTER, initializer=_begin_child, initargs=(ready,), context=context
    )
    # The first task makes the server import the preloaded modules, while this process imports Scrapy.
    first_task = threading.Thread(target=pool.schedule, args=(int,), daemon=True)
    first_task.start()
    return _Running(pool, ready, main_module, first_task)


@contextlib.contextmanager
def _signals_blocked() -> Iterator[None]:
    """Start processes that never see Ctrl-C or SIGTERM, not even while they import; they inherit the blocked signals."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _with_cpu_limit(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a task; the kernel kills the child when the task has used this much CPU time, even inside a C library."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _begin_child(ready: Semaphore) -> None:
    """Set up a child: the parent handles SIGINT and SIGTERM and ends its children; the kernel ends them if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent(_server)
    # A page creates tens of thousands of objects but no reference cycles; searching for cycles took a tenth of the time.
    gc.freeze()
    gc.set_threshold(ALARM_AFTER)
    ready.release()


_server: int | None = None
"""Process ID of the fork server; children inherit it."""


def begin_server() -> None:
    """Set up the fork server; called before it imports anything else."""
    global _server  # noqa: PLW0603 -- inherited by the children
    _server = os.getpid()
    parent = os.environ.get(_PARENT_PID, "")
    die_with_parent(int(parent) if parent.isdigit() else None)


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when the thread that started it ends (Linux only).

    `parent`: process ID of the parent. If it has ended already, this process ends at once.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Prevent children from importing the main script, which would load Scrapy: 0.4 s."""
    main: Any = sys.modules["__main__"]
    kept = {name: getattr(main, name) for name in ("__file__", "__spec__") if hasattr(main, name)}
    main.__spec__ = None
    if "__file__" in kept:
        del main.__file__
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(main, name, value)


def _exit_code(error: Exception) -> int | None:
    from pebble import ProcessExpired

    return (error.exitcode or 0) if isinstance(error, ProcessExpired) else None


def _named(exit_code: int) -> str:
    if exit_code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-exit_code).name
    return f"exit status {exit_code}"
