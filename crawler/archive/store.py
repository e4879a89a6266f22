"""The archive as its one writer sees it: a connection inside a transaction, and the raw-page file it appends to.

What is written stands in `runs.py`, `polls.py`, `filing.py` and `hosts.py`: functions that take a `Store` first.
`writer.py` runs them one after the other in a thread and commits them in groups.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from crawler.archive.connection import Connection, begin, commit, open_archive, rollback, telling
from crawler.archive.values import iso
from crawler.archive.warc import PackedPage, warcinfo
from crawler.errors import ArchiveError

MAX_WARC = 1 << 30
"""Bytes after which a new file of raw pages is begun: what IIPC's WARC guidelines recommend, and what copies well."""


class Store:
    """Owns the connection and the raw-page folder. Belongs to one thread."""

    def __init__(self, db: Connection, warc_dir: Path, *, operator: str = "Wirewatch") -> None:
        self.db = db
        self._warc = _WarcFolder(db, warc_dir, operator)

    @classmethod
    def open(cls, archive_db: Path, warc_dir: Path, *, operator: str = "Wirewatch") -> Store:
        """The archive at that path, made or migrated where needed. Raises ArchiveError."""
        return cls(open_archive(archive_db), warc_dir, operator=operator)

    def close(self) -> None:
        self._warc.close()
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[Store]:
        """Everything inside is stored, raw pages too, or nothing. Raises ArchiveError where it cannot be."""
        begin(self.db)
        try:
            with telling(self.db):
                self._warc.begin()
                yield self
                self._warc.sync()
        except BaseException:
            rollback(self.db)
            raise
        commit(self.db)

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that can fail alone."""
        self.db.execute("SAVEPOINT part")
        before = self._warc.mark()
        try:
            with telling(self.db):
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


_Mark = tuple[int, str, int, bool]


class _WarcFolder:
    """The files of raw pages. A file's committed length stands in the archive; what lies beyond is left of a crash."""

    def __init__(self, db: Connection, folder: Path, operator: str) -> None:
        self._db = db
        self._folder = folder
        self._operator = operator
        self._handle: int | None = None
        self._handle_name = ""
        self._file_id = 0
        self._end = 0
        self._dirty = False

    def begin(self) -> None:
        """Another process may have appended since: what is known of the file is read again at the first page."""
        self._file_id = 0
        self._dirty = False

    def append(self, record: bytes, at: datetime) -> tuple[int, int]:
        if self._file_id == 0 or self._end >= MAX_WARC:
            self._open(at)
        offset = self._end
        self._write(record)
        return self._file_id, offset

    def mark(self) -> _Mark:
        return self._file_id, self._handle_name, self._end, self._dirty

    def back_to(self, mark: _Mark) -> None:
        """Forget what a failed part appended; where it began a new file, go back to the one before."""
        file_id, name, end, dirty = mark
        if file_id:
            self._switch(name)
        self._file_id, self._end, self._dirty = file_id, end, dirty

    def sync(self) -> None:
        """Bytes on the disk before the commit that points at them."""
        if not self._dirty or self._handle is None:
            return
        self._finish()

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _write(self, data: bytes) -> None:
        assert self._handle is not None
        written = 0
        while written < len(data):
            try:
                written += os.pwrite(self._handle, data[written:], self._end + written)
            except OSError as error:
                raise ArchiveError(
                    f"{self._folder / self._handle_name}: cannot be written ({error.strerror}); nothing was stored"
                ) from error
        self._end += len(data)
        self._dirty = True

    def _open(self, at: datetime) -> None:
        if self._file_id and self._dirty:
            self._finish()
        prefix = f"wirewatch-{at:%Y%m}-"
        row = self._db.execute(
            "SELECT id, name, bytes FROM warc_files WHERE closed_at IS NULL ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row is not None and (row["bytes"] >= MAX_WARC or not row["name"].startswith(prefix)):
            self._db.execute("UPDATE warc_files SET closed_at = ? WHERE id = ?", (iso(at), row["id"]))
            row = None
        if row is None:
            number = self._db.execute("SELECT count(*) FROM warc_files").fetchone()[0] + 1
            name = f"{prefix}{number:05}.warc.gz"
            self._switch(name)
            cursor = self._db.execute(
                "INSERT INTO warc_files (name, bytes, opened_at) VALUES (?, 0, ?)", (name, iso(at))
            )
            self._file_id, self._end = int(cursor.lastrowid or 0), 0
            self._write(warcinfo(name, at, self._operator))
        else:
            self._switch(row["name"])
            self._file_id, self._end = row["id"], row["bytes"]

    def _switch(self, name: str) -> None:
        if self._handle is not None and self._handle_name == name:
            return
        self.close()
        is_new = not (self._folder / name).exists()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ArchiveError(f"{self._folder / name}: cannot be opened ({error.strerror})") from error
        self._handle_name = name
        if is_new:
            _sync_folder(self._folder)

    def _finish(self) -> None:
        assert self._handle is not None
        os.ftruncate(self._handle, self._end)  # the leftover of a crash, or of a part that failed
        os.fsync(self._handle)
        self._db.execute("UPDATE warc_files SET bytes = ? WHERE id = ?", (self._end, self._file_id))
        self._dirty = False


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
