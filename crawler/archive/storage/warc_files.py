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
from crawler.filesystem.files import sync_folder
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

log = logging.getLogger(__name__)


MAX_WARC = 1 << 30
"""Bytes after which a new WARC file is started: the size that IIPC's WARC guidelines recommend, and easy to copy."""


_Mark = tuple[int, str, int, bool, frozenset[str]]
"""warc_files.id, name, end and unsynced state of the open file; the files that the transaction has written to."""


class WarcFileWriter:
    """Appends records to the WARC files of the archive, whose committed lengths are in `warc_files.bytes`.

    An incomplete record after that length was left by a crash and is cut off. A complete one is a page that archive.db
    does not know: the crawl was killed, or an older archive.db was restored. The writer never appends to such a file, nor
    to a file that this archive did not create.
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
        """Files that the transaction writes to -> their length before it; None if it created them."""

    def begin(self) -> None:
        """Begin a transaction. The first page reads the open file's length again: another process may have appended."""
        self._file_id = 0
        self._dirty = False
        self._began = {}

    def append(self, record: bytes, at: datetime) -> tuple[int, int]:
        """Append a record, in a new file if needed; return warc_files.id and the offset in bytes."""
        if self._file_id == 0 or self._end >= MAX_WARC:
            self._open(at)
        offset = self._end
        self._write(record)
        return self._file_id, offset

    def mark(self) -> _Mark:
        """Return the current position, for `roll_back_to`."""
        return self._file_id, self._handle_name, self._end, self._dirty, frozenset(self._began)

    def roll_back_to(self, mark: _Mark) -> None:
        """Discard what was appended since `mark`; if that started a new file, return to the earlier one."""
        file_id, name, end, dirty, began = mark
        self._restore_lengths(self._began.keys() - began)
        if file_id:
            self._switch(name)
        self._file_id, self._end, self._dirty = file_id, end, dirty

    def discard_transaction(self) -> None:
        """Discard what a failed transaction appended."""
        self._restore_lengths(list(self._began))
        self._file_id, self._dirty = 0, False

    def sync(self) -> None:
        """Write the appended bytes to the disk. It must be called before the commit that refers to them."""
        if not self._dirty or self._handle is None:
            return
        self._finish()

    def close(self) -> None:
        """Close the open file."""
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
                    f"{self._folder / self._handle_name}: cannot be written ({error.strerror}); the transaction was rolled back"
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
        if row is not None and self._can_append(row["name"], row["bytes"], prefix):
            self._switch(row["name"])
            self._file_id, self._end = row["id"], row["bytes"]
            self._began.setdefault(row["name"], row["bytes"])
            return
        if row is not None:
            length = max(row["bytes"], self._size(row["name"]))  # unknown pages at its end belong in backups, too
            self._db.execute(
                "UPDATE warc_files SET closed_at = ?, bytes = ? WHERE id = ?", (format_utc(at), length, row["id"])
            )
        name = self._create_file(prefix)
        cursor = self._db.execute(
            "INSERT INTO warc_files (name, bytes, opened_at) VALUES (?, 0, ?)", (name, format_utc(at))
        )
        self._file_id, self._end = int(cursor.lastrowid or 0), 0
        self._write(warcinfo(name, at, self._operator))

    def _can_append(self, name: str, length: int, prefix: str) -> bool:
        """Return whether the open file is of this month, not full, and has no unknown page after its known end.

        A file with a second name is shared with other backups, which must not change: then this folder is a backup.
        """
        if length >= MAX_WARC or not name.startswith(prefix) or self._size(name) < length:
            return False  # a file that became shorter is not changed, so that it can be restored from a backup
        if (self._folder / name).stat().st_nlink > 1:
            return False
        if has_record(self._folder / name, length):
            self._warn_unknown(name)
            return False
        return True

    def _size(self, name: str) -> int:
        path = self._folder / name
        return path.stat().st_size if path.exists() else 0

    def _warn_unknown(self, name: str, others: int = 0) -> None:
        log.warning(
            "%s%s: raw pages that are not in archive.db (it was replaced, or a crawl was killed); they are kept;"
            " to add them to the archive, run `scrapy replay %s`",
            self._folder / name,
            f" and {others} more" if others else "",
            self._folder / (f"{name[:10]}*.warc.gz" if others else name),
        )

    def _create_file(self, prefix: str) -> str:
        """Create a file with the next name that is neither in the archive nor in the folder; return the name."""
        known = {row["name"] for row in self._db.execute("SELECT name FROM warc_files")}
        existing = sorted(path.name for path in self._folder.glob("wirewatch-*.warc.gz"))
        if existing and not known:
            self._warn_unknown(existing[0], len(existing) - 1)
        number = len(known) + 1
        while (name := f"{prefix}{number:05}.warc.gz") in known or name in existing:
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
            sync_folder(self._folder)

    def _restore_lengths(self, names: Iterable[str]) -> None:
        """Truncate files to their length before the transaction, and delete new ones.

        Where that fails, the pages are reported as unknown later.
        """
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
        os.ftruncate(self._handle, self._end)  # remove what a crash or a failed savepoint left
        os.fsync(self._handle)
        self._db.execute("UPDATE warc_files SET bytes = ? WHERE id = ?", (self._end, self._file_id))
        self._dirty = False
