"""The connection that writes the archive, its transactions, and the WARC file to which raw pages are appended.

Functions that write take an `ArchiveStore` as their first argument: `crawl/runs.py`, `crawl/polls.py`, `crawl/hosts.py`,
`articles/record_fetch.py`. `writer_thread.py` runs them one after the other in a thread and commits them in groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crawler.archive.db.fts_index import index_revisions
from crawler.archive.db.open import open_archive
from crawler.archive.storage.warc_files import WarcFileWriter
from crawler.items import PackedPage
from crawler.sqlite.connection import CommitError, Connection, begin, commit, rollback, translate_sqlite_errors


class ArchiveStore:
    """Owns the connection and the folder of WARC files. It must be used in one thread."""

    def __init__(self, db: Connection, warc_dir: Path, *, operator: str = "Wirewatch") -> None:
        self.db = db
        self._warc = WarcFileWriter(db, warc_dir, operator)
        self._unindexed: set[int] = set()

    @classmethod
    def open(cls, archive_db: Path, warc_dir: Path, *, operator: str = "Wirewatch") -> ArchiveStore:
        """Open the archive at that path; create or migrate it if needed. Raises ArchiveError."""
        return cls(open_archive(archive_db), warc_dir, operator=operator)

    def close(self) -> None:
        self._warc.close()
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[ArchiveStore]:
        """Store everything inside, including raw pages, or nothing. Raises ArchiveError if that is not possible."""
        begin(self.db)
        self._unindexed.clear()
        try:
            with translate_sqlite_errors(self.db):
                self._warc.begin()
                yield self
                index_revisions(self.db, self._unindexed)
                self._warc.sync()
        except BaseException:
            rollback(self.db)
            self._warc.discard_transaction()
            raise
        try:
            commit(self.db)
        except CommitError as error:
            if error.is_certain:  # otherwise the raw pages are kept: rows that point at them may come back
                self._warc.discard_transaction()
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Make what is inside a part of the transaction that can fail without the rest."""
        self.db.execute("SAVEPOINT part")
        mark = self._warc.mark()
        try:
            with translate_sqlite_errors(self.db):
                yield
        except BaseException:
            if self.db.in_transaction:  # a full disk ends the whole transaction by itself
                self.db.execute("ROLLBACK TO part")
                self.db.execute("RELEASE part")
            self._warc.roll_back_to(mark)
            raise
        self.db.execute("RELEASE part")

    def index_at_end(self, revision_id: int) -> None:
        """Add a revision to the full-text index at the end of the transaction, if it is not rolled back before.

        FTS5 writes what it has collected at each savepoint and at each statement that can fail halfway: revisions that
        are added one by one become a segment each, which costs half as much again as one segment for all.
        """
        self._unindexed.add(revision_id)

    def append(self, packed: PackedPage, at: datetime) -> tuple[int, int]:
        """Append a raw page to the open WARC file; return warc_files.id and the offset in bytes."""
        return self.append_record(packed.record, at)

    def append_record(self, record: bytes, at: datetime) -> tuple[int, int]:
        """Append a complete WARC record, as `append` does."""
        return self._warc.append(record, at)
