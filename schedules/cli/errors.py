"""Expected exceptions of commands, their one-line messages and exit codes."""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NoReturn

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
