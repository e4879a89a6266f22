"""Remove records from WARC files: write a file without them under a new name, refer to it, delete the old file.

The transaction that refers to the new file is the moment of the change. If the process is killed before it, the old file
is still valid and the new one is written again; after it, `warc_leftovers` has the name of the old file, which the next
run deletes. A name is never used twice, so a file of a backup with the same name and length has the same content.
"""

from __future__ import annotations

import bisect
import contextlib
import itertools
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from crawler.archive.storage.warc_records import has_record
from crawler.filesystem.files import sync_folder
from crawler.sqlite.connection import Connection, Row, transaction
from crawler.sqlite.values import format_utc

COPIED_AT_ONCE = 1 << 20
"""Bytes."""
_NAME = re.compile(r"(.*?)(?:-r(\d+))?(\.warc\.gz|\.warc)")


def schedule_erasures(db: Connection, page_ids: Sequence[int], *, now: datetime) -> int:
    """Mark raw pages as pruned, and plan to remove their records, in the caller's transaction; returns their number.

    Their files are closed, so that nothing is appended to them.
    """
    at, ids = format_utc(now), json.dumps(page_ids)
    unpruned = "FROM pages WHERE pruned_at IS NULL AND id IN (SELECT value FROM json_each(?))"
    db.execute(
        f"INSERT OR IGNORE INTO warc_erasures SELECT warc_file_id, warc_offset, warc_length {unpruned}",
        (ids,),
    )
    db.execute(
        f"UPDATE warc_files SET closed_at = ? WHERE closed_at IS NULL AND id IN (SELECT warc_file_id {unpruned})",
        (at, ids),
    )
    return db.execute(
        "UPDATE pages SET warc_file_id = NULL, warc_offset = NULL, warc_length = NULL, pruned_at = ?"
        " WHERE pruned_at IS NULL AND id IN (SELECT value FROM json_each(?))",
        (at, ids),
    ).rowcount


def erase_scheduled(db: Connection, folder: Path, *, now: datetime) -> int:
    """Remove the planned records from their files; returns the bytes that became free. Continues after an interruption."""
    rows = db.execute("SELECT * FROM warc_files WHERE id IN (SELECT warc_file_id FROM warc_erasures) ORDER BY id")
    freed = sum(_rewrite(db, folder, row, now) for row in rows.fetchall())
    delete_leftovers(db, folder)
    return freed


def delete_leftovers(db: Connection, folder: Path) -> None:
    """Delete the files that were replaced."""
    for (name,) in db.execute("SELECT name FROM warc_leftovers").fetchall():
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
        sync_folder(folder)
        with transaction(db):
            db.execute("DELETE FROM warc_leftovers WHERE name = ?", (name,))


def next_name(name: str) -> str:
    """The name of the file that replaces a WARC file: "wirewatch-202603-00001-r2.warc.gz"."""
    found = _NAME.fullmatch(name)
    base, number, extension = (found[1], found[2], found[3]) if found else (name, None, "")
    return f"{base}-r{int(number or 1) + 1}{extension}"


def _rewrite(db: Connection, folder: Path, row: Row, now: datetime) -> int:
    erased = [
        (offset, length)
        for offset, length in db.execute(
            "SELECT warc_offset, warc_length FROM warc_erasures WHERE warc_file_id = ? ORDER BY warc_offset",
            (row["id"],),
        )
    ]
    path = folder / row["name"]
    size = path.stat().st_size if path.exists() else 0
    if not has_record(path, row["bytes"]):  # complete records that archive.db does not know are kept
        size = min(size, row["bytes"])
    kept = list(_kept_ranges(erased, size))
    left = sum(end - begin for begin, end in kept)
    new = None if left <= _first_record(path) else next_name(row["name"])
    if new is not None:
        _copy(path, folder / new, kept)
    _refer(db, row, erased, new=new, length=left, now=now)
    delete_leftovers(db, folder)
    return size - (left if new is not None else 0)


def _kept_ranges(erased: Sequence[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """(begin, end) of each part of the file that stays."""
    begin = 0
    for offset, length in erased:
        if begin < offset:
            yield begin, min(offset, size)
        begin = offset + length
    if begin < size:
        yield begin, size


def _first_record(path: Path) -> int:
    """Length of the compressed warcinfo record; 0 if the file cannot be read. A file with nothing else is deleted."""
    unzip = zlib.decompressobj(31)
    with contextlib.suppress(OSError, zlib.error), path.open("rb") as file:
        head = file.read(COPIED_AT_ONCE)
        data = unzip.decompress(head)
        if unzip.eof and b"WARC-Type: warcinfo" in data:
            return len(head) - len(unzip.unused_data)
    return 0


def _copy(source: Path, target: Path, ranges: Sequence[tuple[int, int]]) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        for begin, end in ranges:
            reader.seek(begin)
            left = end - begin
            while left and (chunk := reader.read(min(COPIED_AT_ONCE, left))):
                writer.write(chunk)
                left -= len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    sync_folder(target.parent)


def _refer(
    db: Connection, row: Row, erased: Sequence[tuple[int, int]], *, new: str | None, length: int, now: datetime
) -> None:
    offsets = [offset for offset, _ in erased]
    sums = [0, *itertools.accumulate(length for _, length in erased)]
    with transaction(db):
        places = db.execute("SELECT id, warc_offset FROM pages WHERE warc_file_id = ?", (row["id"],)).fetchall()
        db.executemany(
            "UPDATE pages SET warc_offset = ? WHERE id = ?",
            [(offset - sums[bisect.bisect_left(offsets, offset)], page_id) for page_id, offset in places],
        )
        db.execute("DELETE FROM warc_erasures WHERE warc_file_id = ?", (row["id"],))
        db.execute("INSERT OR IGNORE INTO warc_leftovers VALUES (?)", (row["name"],))
        if new is None:
            db.execute("UPDATE warc_files SET bytes = 0, deleted_at = ? WHERE id = ?", (format_utc(now), row["id"]))
        else:
            db.execute("UPDATE warc_files SET name = ?, bytes = ? WHERE id = ?", (new, length, row["id"]))
