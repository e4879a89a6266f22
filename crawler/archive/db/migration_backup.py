"""Copy archive.db before a migration changes it. WARC files need no copy: migrations do not touch them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from crawler.clock import utc_now
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import SqliteError, connect

FOLDER = "before-migration"
"""Next to archive.db: Datasette serves every .db file of the data folder itself."""


def back_up_before_migration(path: Path, migration: str) -> Path:
    """Copy the committed state of the archive; returns the copy. The caller holds the write lock.

    Raises ArchiveError if there is no space for it or it cannot be written.
    """
    target = path.parent / FOLDER / f"{utc_now():%Y%m%dT%H%M%SZ}-{migration}.db"
    unfinished = target.with_suffix(".unfinished")
    try:
        target.parent.mkdir(exist_ok=True)
        for leftover in target.parent.glob("*.unfinished*"):  # of a migration that was killed
            leftover.unlink()
        # A second connection: SQLite does not copy from one that has begun to write.
        with contextlib.closing(connect(path, read_only=True)) as db, contextlib.closing(connect(unfinished)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a single file
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    except (OSError, SqliteError) as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise ArchiveError(
            f"{unfinished}: the copy that is made before an upgrade could not be written ({error}); free"
            f" {path.stat().st_size / 1e6:,.0f} MB and start again; the archive was not changed"
        ) from error
    return target
