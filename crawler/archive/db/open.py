"""Open the archive with its schema checked: for writing (migrates, creates), for changing (must exist), or read-only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from crawler.archive.db.file_systems import refuse_network_folder
from crawler.archive.db.migrations import migrate, refuse_unless_current
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, connect, require_archive


def open_archive(path: Path) -> Connection:
    """Open an archive for writing; create or migrate it if needed. Raises ArchiveError, also on a network folder."""
    refuse_network_folder(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path.parent}: cannot be created ({error.strerror})") from error
    db = connect(path)
    try:
        migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_existing(path: Path) -> Connection:
    """Open an existing archive for writing; migrate it if needed. Raises ArchiveError if there is no file."""
    require_archive(path)
    return open_archive(path)


def open_reader(path: Path) -> Connection:
    """Open an archive read-only. The connection sees only committed transactions and never waits for a writer.

    Raises ArchiveError if the archive does not exist or has another schema version.
    """
    db = connect(path, read_only=True)
    try:
        refuse_unless_current(db, path)
    except BaseException:
        db.close()
        raise
    return db


@contextlib.contextmanager
def reader_if_any(path: Path) -> Iterator[Connection | None]:
    """Open an archive read-only for a block; None if it does not exist yet. Raises ArchiveError as `open_reader` does."""
    if not path.exists():
        yield None
        return
    with contextlib.closing(open_reader(path)) as db:
        yield db
