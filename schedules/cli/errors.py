"""Expected exceptions of commands, their one-line messages and exit codes."""

from __future__ import annotations

import signal

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


def interrupted() -> int:
    """Print that Ctrl-C ended the command; returns the exit status (128 + SIGINT, as shells do)."""
    warn("\nInterrupted. Everything stored so far is kept.")
    return 128 + signal.SIGINT


def end_with_reader() -> None:
    """End silently when the output is closed (`| head`). Not for commands that fetch: sockets raise SIGPIPE, too."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
