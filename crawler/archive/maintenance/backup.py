"""Copy the archive consistently while crawls go on.

SQLite's backup API copies the database in one step: a snapshot that neither waits for writers nor blocks them. WARC files
only grow, so the copied database contains the length of each file that belongs to it. A WARC file that the newest backup
in the same folder has already is linked to it instead of copied.

Damaged rows are found before old backups, which may have them undamaged, are deleted: each row is hashed. A row that is the
same in the newest backup was hashed for that one, if its database is still as it was written.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.maintenance.backup_files import (
    BackupFile,
    copy_file,
    hash_file,
    previous_backup,
    write_manifest,
)
from crawler.archive.maintenance.check_rows import encoding_faults, text_faults
from crawler.archive.maintenance.check_scope import rows_unlike
from crawler.archive.maintenance.public_copy import redact, server_paths
from crawler.exceptions import ArchiveError, WirewatchError
from crawler.sqlite.connection import Connection, SqliteError, connect, damaged_text_allowed, file_of

CONFIG_FILES = ("sources.toml", "topics.toml", "digests.toml", "names.toml", "metadata.yaml", "settings.json")
"""Files written by people, next to archive.db; left out of public copies."""
UNFINISHED = ".unfinished"
LOCK_FILE = "backup.lock"
"""Locked while the backup is being written: an unlocked one is left over from a backup that was killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was copied."""

    folder: Path
    articles: int
    revisions: int
    pages: int
    size: int
    """Bytes, those of linked files included."""
    linked: int = 0
    """Bytes of the WARC files that the backup before has, too: they take no space."""
    config_files: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """Damaged rows of the archive, which are as damaged in the copy."""


def back_up(
    db: Connection, warc_dir: Path, target: Path, *, public: bool = False, config_dir: Path | None = None
) -> Backup:
    """Copy database, WARC files and configuration to the new folder `target`. Raises WirewatchError.

    `config_dir`: where configuration files are that are not next to archive.db. `public`: without
    private data (see `public_copy.py`), not even in unused pages of the file.
    """
    if target.exists():
        raise WirewatchError(f"{target}: already exists; choose another folder")
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        remove_leftovers(target.parent)
        with _locked_folder(unfinished):
            (unfinished / "warc").mkdir(parents=True)
            before = previous_backup(target.parent)
            checked = before.checked_database() if before is not None else None
            copied = _copy_database(db, unfinished / "archive.db", checked, public=public)
            files = {"archive.db": hash_file(unfinished / "archive.db")}
            linked = 0
            for name, length in copied.warc_files:
                place = f"warc/{name}"
                link = before.link(place, warc_dir / name, unfinished / place, length) if before is not None else None
                files[place] = link or copy_file(warc_dir / name, unfinished / place, length)
                linked += link.bytes if link is not None else 0
            config_files = {} if public else _copy_config((Path(file_of(db)).parent, config_dir), unfinished)
            write_manifest(unfinished, {**files, **config_files}, is_checked=not copied.faults)
            (unfinished / LOCK_FILE).unlink()
            unfinished.rename(target)
    except (OSError, SqliteError) as error:
        raise ArchiveError(f"{unfinished}: the backup could not be written ({error})") from error
    return Backup(
        folder=target,
        articles=copied.articles,
        revisions=copied.revisions,
        pages=copied.pages,
        size=sum(one.bytes for one in files.values()),
        linked=linked,
        config_files=tuple(config_files),
        faults=copied.faults,
    )


def remove_leftovers(folder: Path) -> None:
    """Delete unfinished backups whose process is gone."""
    for lock_path in folder.glob(f"*{UNFINISHED}/{LOCK_FILE}"):
        with contextlib.suppress(OSError), lock_path.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_path.parent, ignore_errors=True)


@contextlib.contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    """A new folder that is deleted if the block raises."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise WirewatchError(
            f"{folder}: already exists; another backup is being written, or delete the folder"
        ) from None
    with (folder / LOCK_FILE).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _CopiedDatabase:
    warc_files: tuple[tuple[str, int], ...]
    articles: int
    revisions: int
    pages: int
    faults: tuple[str, ...]


def _copy_database(db: Connection, path: Path, checked: Path | None, *, public: bool) -> _CopiedDatabase:
    """`checked`: a copy whose rows are not damaged."""
    with contextlib.closing(connect(path)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # a single file
        with damaged_text_allowed(copy), rows_unlike(copy, checked) as changed:
            found = (*encoding_faults(copy, changed), *text_faults(copy, rows=changed))
            faults = [f"{row}: {fault}" for row, fault in found]
        if public:
            redact(copy, server_paths(file_of(db)))
            copy.execute("VACUUM")  # deleted values remain in unused pages until then
        problems = [row[0] for row in copy.execute("PRAGMA quick_check") if row[0] != "ok"]
        if problems:
            raise ArchiveError(f"{path}: the copy is damaged ({problems[0]}); run `scrapy archive check`")
        counts = {
            table: copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("articles", "revisions", "pages")
        }
        rows = copy.execute("SELECT name, bytes FROM warc_files WHERE deleted_at IS NULL")
        files = tuple((row["name"], row["bytes"]) for row in rows)
        return _CopiedDatabase(warc_files=files, faults=tuple(faults), **counts)


def _copy_config(folders: Sequence[Path | None], target: Path) -> dict[str, BackupFile]:
    """Copy each configuration file from the first folder that has it."""
    found = {}
    for name in CONFIG_FILES:
        source = next((folder / name for folder in folders if folder and (folder / name).is_file()), None)
        if source is not None:
            found[name] = copy_file(source, target / name)
    return found
