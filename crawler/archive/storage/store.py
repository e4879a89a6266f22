"""The writing end of the archive: one connection, its transactions, and the WARC file that raw pages are appended to.

Functions that write take an `ArchiveStore` first: `crawl/runs.py`, `crawl/polls.py`, `crawl/hosts.py`,
`articles/record_fetch.py`. `writer_thread.py` runs them one after the other in a thread and commits them in groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crawler.archive.db.open import open_archive
from crawler.archive.storage.warc_files import WarcFileWriter
from crawler.items import PackedPage
from crawler.sqlite.connection import Connection, begin, commit, rollback, translate_sqlite_errors


class ArchiveStore:
    """Owns the connection and the raw-page folder. Belongs to one thread."""

    def __init__(self, db: Connection, warc_dir: Path, *, operator: str = "Wirewatch") -> None:
        self.db = db
        self._warc = WarcFileWriter(db, warc_dir, operator)

    @classmethod
    def open(cls, archive_db: Path, warc_dir: Path, *, operator: str = "Wirewatch") -> ArchiveStore:
        """The archive at that path, made or migrated where needed. Raises ArchiveError."""
        return cls(open_archive(archive_db), warc_dir, operator=operator)

    def close(self) -> None:
        self._warc.close()
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[ArchiveStore]:
        """Everything inside is stored, raw pages too, or nothing. Raises ArchiveError where it cannot be."""
        begin(self.db)
        try:
            with translate_sqlite_errors(self.db):
                self._warc.begin()
                yield self
                self._warc.sync()
        except BaseException:
            rollback(self.db)
            self._warc.take_back()
            raise
        commit(self.db)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that can fail alone."""
        self.db.execute("SAVEPOINT part")
        before = self._warc.mark()
        try:
            with translate_sqlite_errors(self.db):
                yield
        except BaseException:
            if self.db.in_transaction:  # a full disk ends the whole transaction by itself
                self.db.execute("ROLLBACK TO part")
                self.db.execute("RELEASE part")
            self._warc.back_to(before)
            raise
        self.db.execute("RELEASE part")

    def append(self, packed: PackedPage, at: datetime) -> tuple[int, int]:
        """Put a raw page into the open file; gives back warc_files.id and the offset."""
        return self._warc.append(packed.record, at)
