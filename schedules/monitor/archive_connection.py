"""The monitor's own connection to the archive. It is reopened if the file is replaced."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from crawler.archive.storage.store import ArchiveStore
from crawler.config.app import AppConfig
from crawler.sqlite.connection import SqliteError

CACHE_KIB = 2_000
"""Page cache of the connection, SQLite's default. Writers of articles use 16 MiB, which the monitor does not need."""
BUSY_TIMEOUT_MILLISECONDS = 5_000
"""How long to wait for another writer; the job is tried again at its next check. It also limits the delay of SIGTERM."""


class ArchiveConnection:
    """The archive, opened at first use. Belongs to one thread.

    Close it while no child is running: then there is no write-ahead log, and the file can be moved or replaced safely.
    """

    def __init__(self, config: AppConfig, notify: Callable[[str], None]) -> None:
        self._config = config
        self._notify = notify
        self._store: ArchiveStore | None = None
        self.file_id: object = None
        """Device and inode of the file that was opened last."""

    @property
    def store(self) -> ArchiveStore:
        """The archive at its path. Raises ArchiveError."""
        path = self._config.archive_db
        if self.file_id not in (None, _file_id(path)):
            state = "was replaced; using the new file" if path.exists() else "is gone; starting a new, empty archive"
            self._notify(f"monitor: {path}: {state}")
            if self._store is not None:  # otherwise SQLite would apply the old write-ahead log to the new file
                with contextlib.suppress(SqliteError):
                    self._store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self.close()
        if self._store is None:
            self._store = ArchiveStore.open(path, self._config.warc_dir)
            self._store.db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
            self._store.db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
            self.file_id = _file_id(path)
        return self._store

    def close(self) -> None:
        """Close the connection; the next use opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None


def _file_id(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
