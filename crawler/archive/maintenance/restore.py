"""Restore a backup: verify every file while it is copied, then move all of them into place.

Until the files are verified, the target is unchanged but for one folder. From then on the folder has a marker, and a
repeated command continues to move, archive.db last: there is an archive only when all of its files are there.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.db.open import open_reader
from crawler.archive.maintenance.backup_files import BackupFile, copy_file, read_manifest
from crawler.config.app import STARTER_DIR
from crawler.exceptions import ArchiveError
from crawler.filesystem.files import sync_folder

UNFINISHED_RESTORE = "restore.unfinished"
"""The folder in the target that holds the files until they are in place."""
VERIFIED = "verified"
"""The marker in it: all files are copied and have the right hash."""
FAULTS_NAMED = 5
"""Damaged files that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was restored."""

    files: int
    size: int
    """Bytes."""
    added: tuple[str, ...]
    """Names of the backup's configuration files of which the target has another version."""


def restore(backup: Path, target: Path) -> Restored:
    """Restore a backup into a folder that has no archive. Raises ArchiveError."""
    files = read_manifest(backup)
    unfinished = target / UNFINISHED_RESTORE
    interrupted = _interrupted_backup(unfinished)
    if interrupted not in (None, backup.resolve()):
        raise ArchiveError(
            f"{target}: restoring {interrupted} was interrupted; repeat that command, or empty the folder"
        )
    is_moved = interrupted is not None and not (unfinished / "archive.db").exists()
    if ((target / "archive.db").exists() and not is_moved) or (interrupted is None and _has_files(target / "warc")):
        raise ArchiveError(
            f"{target}: has an archive already; give an empty folder with --to, or move its archive.db and warc/ away first"
        )
    try:
        if interrupted is None:
            shutil.rmtree(unfinished, ignore_errors=True)
            _copy_verified(backup, files, unfinished)
        added = _move(files, unfinished, target)
        shutil.rmtree(unfinished)
    except OSError as error:
        raise ArchiveError(f"{target}: cannot be written ({error}); repeat the command to continue") from error
    return Restored(files=len(files), size=sum(one.bytes for one in files.values()), added=tuple(added))


def _interrupted_backup(unfinished: Path) -> Path | None:
    """The backup whose verified files an interrupted command began to move; None if there is none."""
    try:
        return Path((unfinished / VERIFIED).read_text(encoding="utf-8", errors="surrogateescape"))
    except FileNotFoundError:
        return None


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def _copy_verified(backup: Path, files: dict[str, BackupFile], unfinished: Path) -> None:
    """Copy all files. Raises ArchiveError, and leaves nothing, if one is missing, changed, or of another schema version."""
    unfinished.mkdir(parents=True)
    try:
        size = sum(one.bytes for one in files.values())
        if (free := shutil.disk_usage(unfinished).free) < size:
            raise ArchiveError(
                f"{unfinished.parent}: {size / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB of disk space are free"
            )
        faults = [fault for name, one in files.items() if (fault := _copy_fault(backup, name, one, unfinished))]
        if faults:
            more = f" and {len(faults) - FAULTS_NAMED:,} more" if len(faults) > FAULTS_NAMED else ""
            raise ArchiveError(
                f"{backup}: damaged, nothing was restored: {', '.join(faults[:FAULTS_NAMED])}{more}; restore another backup"
            )
        open_reader(unfinished / "archive.db").close()
        marker = unfinished / f"{VERIFIED}.new"
        marker.write_text(str(backup.resolve()), encoding="utf-8", errors="surrogateescape")
        marker.rename(unfinished / VERIFIED)
        sync_folder(unfinished)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _copy_fault(backup: Path, name: str, expected: BackupFile, unfinished: Path) -> str | None:
    """Copy a file; what is wrong with it, None if it is as it was backed up."""
    if not (backup / name).is_file():
        return f"{name} is missing"
    (unfinished / name).parent.mkdir(exist_ok=True)
    return None if copy_file(backup / name, unfinished / name) == expected else f"{name} has changed (SHA-256 differs)"


def _move(files: dict[str, BackupFile], unfinished: Path, target: Path) -> list[str]:
    """Move the files into place, except those that were moved before; returns the names of added files."""
    (target / "warc").mkdir(exist_ok=True)
    added = []
    for name in sorted(files, key=lambda name: (name == "archive.db", name)):
        if not (unfinished / name).exists():
            continue
        place = target / name
        if place.exists() and place.parent == target and not _may_replace(unfinished / name, place):
            place = target / f"{name}.restored"
            added.append(place.name)
        if name == "archive.db":
            sync_folder(target / "warc")
        (unfinished / name).replace(place)
    sync_folder(target)
    return added


def _may_replace(restored: Path, present: Path) -> bool:
    """Whether a configuration file is the same, or an unedited starter file."""
    starter = STARTER_DIR / present.name
    content = present.read_bytes()
    return content == restored.read_bytes() or (starter.is_file() and content == starter.read_bytes())
