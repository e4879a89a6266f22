"""Open the archive with its schema checked: for writing (migrates, creates), for changing (must exist), or read-only."""

from __future__ import annotations

from pathlib import Path

from crawler.archive.db.migrations import migrate, refuse_unless_current
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, connect, require_archive


def open_archive(path: Path) -> Connection:
    """A connection that may write, to an archive of the present shape; makes the file where there is none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path.parent}: cannot be made ({error.strerror})") from error
    db = connect(path)
    try:
        migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_existing(path: Path) -> Connection:
    """As `open_archive`, for who has something to change: raises ArchiveError where there is no file, and makes none."""
    require_archive(path)
    return open_archive(path)


def open_reader(path: Path) -> Connection:
    """A connection that cannot write. It sees each transaction as a whole, and never waits for a writer."""
    db = connect(path, read_only=True)
    try:
        refuse_unless_current(db, path)
    except BaseException:
        db.close()
        raise
    return db
