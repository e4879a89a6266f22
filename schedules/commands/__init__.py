"""Commands of the `scrapy` command line; one module a command, named as it is typed.

Scrapy imports every module here at each start: heavy things are imported inside the functions.
"""

from __future__ import annotations

import logging
import signal

from schedules.terminal import VisibleRecord, warn

logging.setLogRecordFactory(VisibleRecord)  # before anybody logs: each command begins by importing this


def expected() -> tuple[type[Exception], ...]:
    """What a command catches and hands to `fail`: ours, and SQLite's, whatever it was reading when it met the damage."""
    from crawler.archive.connection import SqliteError
    from crawler.errors import WirewatchError

    return WirewatchError, SqliteError


def fail(error: Exception) -> int:
    """Say what is wrong, one line a mistake, and give back the exit status. A fault of ours is raised again."""
    from crawler.archive.connection import SqliteError, is_of_the_file
    from crawler.errors import ArchiveError, NotThere

    if isinstance(error, SqliteError):
        if not is_of_the_file(error):
            raise error
        error = ArchiveError(f"archive.db: cannot be used ({error}); `scrapy archive check` looks closer")
    warn(error)
    return 3 if isinstance(error, ArchiveError) and not isinstance(error, NotThere) else 2


def stopped() -> int:
    """Say that Ctrl-C ended a command that writes as it goes, and give back the exit status (128 + SIGINT, as shells do)."""
    warn("\nStopped; what was written until then stays.")
    return 128 + signal.SIGINT


def end_with_reader() -> None:
    """Let `| head` end a command that only shows, without a word. Not for commands that fetch: sockets break, too."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
