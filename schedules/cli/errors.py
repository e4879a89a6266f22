"""Expected exceptions of commands, their one-line messages and exit codes."""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn

from schedules.cli.output import warn


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions that a command catches and passes to `fail`: Wirewatch's and SQLite's."""
    from crawler.exceptions import WirewatchError
    from crawler.sqlite.connection import SqliteError

    return WirewatchError, SqliteError


def fail(error: Exception) -> int:
    """Print the error and return the exit status. Raises the error again if it is a bug in Wirewatch."""
    from crawler.exceptions import ArchiveError, NotFoundError
    from crawler.sqlite.connection import SqliteError, is_database_file_error

    if isinstance(error, SqliteError):
        if not is_database_file_error(error):
            raise error
        error = ArchiveError(f"archive.db: cannot be used ({error}); `scrapy archive check` looks closer")
    warn(error)
    return 3 if isinstance(error, ArchiveError) and not isinstance(error, NotFoundError) else 2


@contextlib.contextmanager
def file_errors(path: Path, used: Literal["read", "written"]) -> Iterator[None]:
    """Raise an OSError of the block as WirewatchError: the file cannot be read, or written."""
    from crawler.exceptions import WirewatchError

    try:
        yield
    except OSError as error:
        raise WirewatchError(f"{path}: cannot be {used}: {error.strerror}") from error


def fail_to_write(error: OSError) -> int:
    """Print that the disk of a file or of standard output is full; returns the exit status. Raises other errors again."""
    if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        raise error
    if error.filename is None:
        with open(os.devnull, "w") as nothing:  # noqa: PTH123 -- Python writes what is still buffered when it ends
            os.dup2(nothing.fileno(), 1)
    what = error.filename or "standard output"
    warn(f"{what}: cannot be written: {error.strerror}; what was written is not complete")
    return 2


def interrupted(status: int = 128 + signal.SIGINT) -> int:
    """Print that a signal ended the command; returns the exit status (128 and the signal, as shells do)."""
    if sys.stderr.isatty():  # the terminal shows ^C
        warn("")
    warn("Interrupted. Everything stored so far is kept.")
    return status


def print_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an exception that nothing caught, Ctrl-C in one line: `sys.excepthook` of commands, which then end with 130."""
    if issubclass(kind, KeyboardInterrupt):
        interrupted()
    else:
        sys.__excepthook__(kind, error, trace)


def end_now(status: int) -> NoReturn:
    """Call the functions registered with `atexit`, and end without waiting for threads and requests that were cut off."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status)


def end_with_reader() -> None:
    """End silently when the output is closed (`| head`). Not for commands that fetch: sockets raise SIGPIPE, too."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


class StopSignals:
    """Remembers the first signal; a second one ends the process at once. Use it as a context manager."""

    def __init__(self) -> None:
        self.number: int | None = None
        """The signal that was received; None so far."""
        self._on_stop: Callable[[], None] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():  # the only thread that may set handlers
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:  # as in `nohup` and background jobs of a script
                    self._before[number] = signal.signal(number, self._receive)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def exit_status(self) -> int:
        """128 and the number of the signal, as shells do."""
        return 128 + (self.number or 0)

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal was received."""
        if self.number is not None:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def calling(self, on_stop: Callable[[], None]) -> Iterator[None]:
        """Call `on_stop` when a signal arrives; at once if it arrived before."""
        self._on_stop = on_stop
        try:
            if self.number is not None:
                on_stop()
            yield
        finally:
            self._on_stop = None

    def _receive(self, number: int, _frame: object) -> None:
        if self.number is not None:
            os._exit(128 + number)
        self.number = number
        if self._on_stop is not None:
            self._on_stop()
