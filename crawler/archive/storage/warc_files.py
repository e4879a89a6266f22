"""Append-only WARC files: rotation, fsync, and the committed length that recovery truncates to."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from crawler.archive.storage.warc_records import has_record, warcinfo
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

log = logging.getLogger(__name__)


MAX_WARC = 1 << 30
"""Bytes after which a new file of raw pages is begun: what IIPC's WARC guidelines recommend, and what copies well."""


_Mark = tuple[int, str, int, bool, frozenset[str]]


class WarcFileWriter:
    """The files of raw pages. A file's committed length stands in the archive.

    Half a record beyond it was left by a crash and is cut off. A whole one is a page that only the file still knows: of
    a crawl that was killed, or from before an older archive.db was put back. Such a file, like one that this archive
    did not make, is never written to.
    """

    def __init__(self, db: Connection, folder: Path, operator: str) -> None:
        self._db = db
        self._folder = folder
        self._operator = operator
        self._handle: int | None = None
        self._handle_name = ""
        self._file_id = 0
        self._end = 0
        self._dirty = False
        self._began: dict[str, int | None] = {}
        """Files that the transaction writes to -> their length before it; None: it made them."""

    def begin(self) -> None:
        """Another process may have appended since: what is known of the file is read again at the first page."""
        self._file_id = 0
        self._dirty = False
        self._began = {}

    def append(self, record: bytes, at: datetime) -> tuple[int, int]:
        if self._file_id == 0 or self._end >= MAX_WARC:
            self._open(at)
        offset = self._end
        self._write(record)
        return self._file_id, offset

    def mark(self) -> _Mark:
        return self._file_id, self._handle_name, self._end, self._dirty, frozenset(self._began)

    def back_to(self, mark: _Mark) -> None:
        """Forget what a failed part appended; where it began a new file, go back to the one before."""
        file_id, name, end, dirty, began = mark
        self._remove(self._began.keys() - began)
        if file_id:
            self._switch(name)
        self._file_id, self._end, self._dirty = file_id, end, dirty

    def take_back(self) -> None:
        """Forget what a failed transaction appended."""
        self._remove(list(self._began))
        self._file_id, self._dirty = 0, False

    def sync(self) -> None:
        """Bytes on the disk before the commit that points at them."""
        if not self._dirty or self._handle is None:
            return
        self._finish()

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle, self._handle_name = None, ""

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
        if row is not None and self._can_grow(row["name"], row["bytes"], prefix):
            self._switch(row["name"])
            self._file_id, self._end = row["id"], row["bytes"]
            self._began.setdefault(row["name"], row["bytes"])
            return
        if row is not None:
            length = max(row["bytes"], self._size(row["name"]))  # what is kept beyond belongs into each backup
            self._db.execute(
                "UPDATE warc_files SET closed_at = ?, bytes = ? WHERE id = ?", (format_utc(at), length, row["id"])
            )
        name = self._make(prefix)
        cursor = self._db.execute(
            "INSERT INTO warc_files (name, bytes, opened_at) VALUES (?, 0, ?)", (name, format_utc(at))
        )
        self._file_id, self._end = int(cursor.lastrowid or 0), 0
        self._write(warcinfo(name, at, self._operator))

    def _can_grow(self, name: str, length: int, prefix: str) -> bool:
        """Whether the open file is this month's, not full, and nothing would be lost by writing at its known end."""
        if length >= MAX_WARC or not name.startswith(prefix) or self._size(name) < length:
            return False  # shorter than it was: left as it is, so that its backup can be put in its place
        if has_record(self._folder / name, length):
            self._warn_unknown(name)
            return False
        return True

    def _size(self, name: str) -> int:
        path = self._folder / name
        return path.stat().st_size if path.exists() else 0

    def _warn_unknown(self, name: str, others: int = 0) -> None:
        log.warning(
            "%s%s: raw pages that archive.db does not know (it is younger or older than they are, or a crawl was killed);"
            " they are kept; `scrapy replay %s` reads them",
            self._folder / name,
            f" and {others} more" if others else "",
            self._folder / (f"{name[:10]}*.warc.gz" if others else name),
        )

    def _make(self, prefix: str) -> str:
        """A new file under the next name that neither the archive nor the folder has; gives back the name."""
        known = {row["name"] for row in self._db.execute("SELECT name FROM warc_files")}
        there = sorted(path.name for path in self._folder.glob("wirewatch-*.warc.gz"))
        if there and not known:
            self._warn_unknown(there[0], len(there) - 1)
        number = len(known) + 1
        while (name := f"{prefix}{number:05}.warc.gz") in known or name in there:
            number += 1
        self._switch(name, os.O_CREAT | os.O_EXCL)
        self._began[name] = None
        return name

    def _switch(self, name: str, flags: int = 0) -> None:
        if self._handle is not None and self._handle_name == name:
            return
        self.close()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._folder / name, os.O_RDWR | os.O_CLOEXEC | flags, 0o644)
        except OSError as error:
            raise ArchiveError(f"{self._folder / name}: cannot be opened ({error.strerror})") from error
        self._handle_name = name
        if flags:
            _sync_folder(self._folder)

    def _remove(self, names: Iterable[str]) -> None:
        """Make these files what they were before the transaction; what cannot be cut is met again as unknown."""
        for name in names:
            length = self._began.pop(name)
            with contextlib.suppress(OSError):
                if length is not None:
                    os.truncate(self._folder / name, length)
                    continue
                if self._handle_name == name:
                    self.close()
                (self._folder / name).unlink()

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
