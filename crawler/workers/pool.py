"""Child processes that parse untrusted bytes, and can be killed.

One tag with 200,000 attributes holds libxml2 for more than 90 s, and neither a thread nor a Python time limit can stop
it. So feeds, sitemaps, listings and pages are parsed in children: a time limit each, then SIGKILL and a new child.
Extraction is also what fills a core, so the pool is the speed-up too.

Children are forked from a server process that has imported the parsers once (`forkserver`): a new child costs some
milliseconds in place of a second, and shares the memory of what was imported.
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
from multiprocessing import forkserver
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from crawler.exceptions import WorkerError
from crawler.reasons import ReasonCode

if TYPE_CHECKING:
    from multiprocessing.synchronize import Semaphore

    from typing_extensions import Self

P = ParamSpec("P")
R = TypeVar("R")

RECYCLE_AFTER = 500
"""Tasks after which a child is replaced: trafilatura and lxml keep caches that grow with the pages they saw."""
ALARM_AFTER = 20_000
"""Objects made and still held after which a child looks for rings of them that nobody holds; Python's own is 700."""
WALL_FACTOR = 8
"""Wall time of a task in multiples of its CPU limit: on a loaded machine an ordinary page waits most of the time; a task
that hangs without using the CPU is stopped all the same."""
STOP_SECONDS = 5.0
"""Time that children have to end by themselves when the pool is closed."""
KILL_AFTER = 0.05
"""Seconds between SIGTERM, which our children ignore, and SIGKILL; pebble's own is 3."""
_PR_SET_PDEATHSIG = 1
_MAKER = "WIREWATCH_MAKER_PID"
"""Environment variable by which the server knows whose it is."""


class WorkerPool:
    """A pool of children. `run` awaits one task; any number may be awaited at once."""

    def __init__(self, *, processes: int, seconds: float, preload: tuple[str, ...] = ()) -> None:
        """`seconds`: CPU time limit of a task. `preload`: modules that the children find imported."""
        from pebble import CONSTS, ProcessPool

        CONSTS.term_timeout = KILL_AFTER
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["crawler.workers.forkserver", *preload])
        # From this thread, which must be one that lives as long as the program: the server dies with its maker.
        os.environ[_MAKER] = str(os.getpid())
        forkserver.ensure_running()
        self._seconds = seconds
        self._processes = processes
        self._born = context.Semaphore(0)
        self._main = contextlib.ExitStack()
        self._main.enter_context(_without_main())
        self._pool = ProcessPool(
            max_workers=processes,
            max_tasks=RECYCLE_AFTER,
            initializer=_begin_child,
            initargs=(self._born,),
            context=context,
        )
        # The first task starts the server, which imports what is preloaded: while we import Scrapy, not after it.
        self._warming = threading.Thread(target=self._pool.schedule, args=(int,), daemon=True)
        self._warming.start()

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`function(*args, **kwargs)` in a child. Raises what it does; WorkerError where the child did not survive."""
        limited = functools.partial(_with_cpu_limit, self._seconds, function)
        future: Future[R] = self._pool.schedule(limited, args=args, kwargs=kwargs, timeout=self._seconds * WALL_FACTOR)
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
        """End all children, running ones too."""
        self._warming.join()
        for _ in range(self._processes):  # a child that is stopped while it is born complains on the terminal
            self._born.acquire(timeout=STOP_SECONDS)
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble
        self._pool.join(timeout=STOP_SECONDS)
        self._main.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _with_cpu_limit(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a task; the kernel kills the child when the task has used this much CPU time, even inside a C library."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        return function(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _begin_child(born: Semaphore) -> None:
    """Ctrl-C and `kill` are for the parent, which ends its children; a parent that was killed takes them along."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent(_server)
    # A page makes tens of thousands of objects and leaves no rings of them: looking for some took a tenth of the time.
    gc.freeze()
    gc.set_threshold(ALARM_AFTER)
    born.release()


_server: int | None = None
"""Process that children are forked from: set in it, so that they inherit it."""


def begin_server() -> None:
    """Called first of all in the process that children are forked from."""
    global _server  # noqa: PLW0603 -- what its children inherit
    _server = os.getpid()
    maker = os.environ.get(_MAKER, "")
    die_with_parent(int(maker) if maker.isdigit() else None)


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when the thread that made it ends (Linux; elsewhere its pipe's end tells it).

    `parent`: its process id. A parent that ended before it could be asked will not be seen ending: then we end here.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Keep children from importing the program's own script, which would load all of Scrapy for nothing: 0.4 s."""
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
