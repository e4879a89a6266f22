"""A copy of the archive that is consistent although crawls go on.

The database is copied by SQLite's own backup, in one step: a snapshot that neither waits for writers nor stops them.
Raw-page files only grow, so the copied database says how much of each belongs to it.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.maintenance.public_copy import redact, server_paths
from crawler.exceptions import ArchiveError, WirewatchError
from crawler.sqlite.connection import Connection, SqliteError, connect, file_of

COPY_CHUNK = 1 << 20
"""Bytes copied at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was copied."""

    folder: Path
    articles: int
    revisions: int
    pages: int
    size: int
    """Bytes."""


def back_up(db: Connection, warc_dir: Path, target: Path, *, public: bool = False) -> Backup:
    """Copy database and raw pages into the folder `target`, which must not exist. Raises WirewatchError.

    `public`: without what `publishing.py` takes out, not even in the file's unused pages.
    """
    if target.exists():
        raise WirewatchError(f"{target}: exists already; name a folder that does not")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "warc").mkdir(parents=True)
        copied = _copy_database(db, unfinished / "archive.db", public=public)
        size = (unfinished / "archive.db").stat().st_size
        for name, length in copied.warc_files:
            _copy_file(warc_dir / name, unfinished / "warc" / name, length)
            size += length
        unfinished.rename(target)
    except (OSError, SqliteError) as error:
        raise ArchiveError(f"{unfinished}: the backup could not be written ({error})") from error
    return Backup(folder=target, articles=copied.articles, revisions=copied.revisions, pages=copied.pages, size=size)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copied:
    warc_files: tuple[tuple[str, int], ...]
    articles: int
    revisions: int
    pages: int


def _copy_database(db: Connection, path: Path, *, public: bool) -> _Copied:
    copy = connect(path)
    try:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        if public:
            redact(copy, server_paths(file_of(db)))
            copy.execute("VACUUM")  # what was deleted lies in unused pages until then
        problems = [row[0] for row in copy.execute("PRAGMA quick_check") if row[0] != "ok"]
        if problems:
            raise ArchiveError(f"{path}: the copy is damaged ({problems[0]}); `scrapy archive check` the archive")
        counts = {
            table: copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "revisions", "pages")
        }
        files = tuple((row["name"], row["bytes"]) for row in copy.execute("SELECT name, bytes FROM warc_files"))
        return _Copied(warc_files=files, **counts)
    finally:
        copy.close()


def _copy_file(source: Path, target: Path, length: int) -> None:
    """The first `length` bytes: what lies beyond is not part of the copied database."""
    left = length
    with source.open("rb") as reader, target.open("wb") as writer:
        while left:
            chunk = reader.read(min(COPY_CHUNK, left))
            if not chunk:
                raise ArchiveError(f"{source}: {left} bytes are missing; `scrapy archive check` says what is lost")
            writer.write(chunk)
            left -= len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
