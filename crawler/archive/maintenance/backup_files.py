"""The files of a backup: copied with their hashes, or linked to those of the backup before, and listed in backup.json."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.exceptions import ArchiveError, WirewatchError

COPY_CHUNK = 1 << 20
"""Bytes copied at a time."""
MANIFEST = "backup.json"
"""Lists the files of a backup with length and SHA-256; a folder without it is not a complete backup."""
ENDS_COMPARED = 1 << 16
"""Bytes at both ends of a WARC file that are compared before it is linked: its last record is in the last ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """A file of a backup."""

    bytes: int
    sha256: str


def read_manifest(backup: Path) -> dict[str, BackupFile]:
    """The files of a backup by their path in it. Raises ArchiveError if the folder is not a complete backup."""
    try:
        files = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))["files"]
        found = {name: BackupFile(bytes=one["bytes"], sha256=one["sha256"]) for name, one in files.items()}
    except FileNotFoundError:
        raise ArchiveError(
            f"{backup}: not a backup, there is no {MANIFEST}; `scrapy archive backup` writes one"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{backup / MANIFEST}: cannot be read ({error}); restore another backup") from error
    if "archive.db" not in found or any(Path(name).is_absolute() or ".." in Path(name).parts for name in found):
        raise ArchiveError(f"{backup / MANIFEST}: does not list the files of an archive; restore another backup")
    return found


def write_manifest(backup: Path, files: Mapping[str, BackupFile], *, is_checked: bool) -> None:
    """Write the list of files. `is_checked`: no row of archive.db is damaged. Raises OSError."""
    content = {
        "is_checked": is_checked,
        "files": {name: {"bytes": one.bytes, "sha256": one.sha256} for name, one in sorted(files.items())},
    }
    with (backup / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def copy_file(source: Path, target: Path, length: int | None = None) -> BackupFile:
    """Copy the first `length` bytes, None: all. Raises ArchiveError if the file is shorter."""
    left = source.stat().st_size if length is None else length
    size, digest = left, hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while left:
            chunk = reader.read(min(COPY_CHUNK, left))
            if not chunk:
                raise ArchiveError(f"{source}: {left} bytes are missing; `scrapy archive check` lists the damage")
            writer.write(chunk)
            digest.update(chunk)
            left -= len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return BackupFile(bytes=size, sha256=digest.hexdigest())


def hash_file(path: Path) -> BackupFile:
    """Length and hash of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(COPY_CHUNK):
            digest.update(chunk)
    return BackupFile(bytes=path.stat().st_size, sha256=digest.hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousBackup:
    """The newest backup next to the one that is written."""

    folder: Path
    files: Mapping[str, BackupFile]

    def checked_database(self) -> Path | None:
        """Its archive.db if no row was damaged when it was written, and the file has not changed since; None otherwise."""
        path = self.folder / "archive.db"
        with contextlib.suppress(OSError, ValueError):
            manifest = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            if manifest.get("is_checked") is True and hash_file(path) == self.files["archive.db"]:
                return path
        return None

    def link(self, name: str, source: Path, target: Path, length: int) -> BackupFile | None:
        """Make `target` another name of this backup's file if that has the same content as `source`; None if it has not.

        A WARC file only grows, and its name is never used again, so equal lengths and ends mean equal files.
        """
        known = self.files.get(name)
        if known is None or known.bytes != length:
            return None
        with contextlib.suppress(OSError):  # a file system without hard links: the file is copied
            stored = self.folder / name
            if stored.stat().st_size == length and _same_ends(source, stored, length):
                os.link(stored, target)
                return known
        return None


def previous_backup(folder: Path) -> PreviousBackup | None:
    """The newest complete backup in a folder; None if there is none."""
    for path in sorted(folder.glob(f"*/{MANIFEST}"), key=lambda one: one.stat().st_mtime, reverse=True):
        with contextlib.suppress(ArchiveError):
            return PreviousBackup(folder=path.parent, files=read_manifest(path.parent))
    return None


def remove_old_backups(newest: Path, kept: int) -> list[Path]:
    """Delete all but the `kept` newest of the backups whose names differ from `newest` in digits only; returns them.

    0 keeps all. Raises WirewatchError if the name has no digits.
    """
    if not kept:
        return []
    name = re.compile(r"\d+".join(re.escape(part) for part in re.split(r"\d+", newest.name)))
    if name.groups or not re.search(r"\d", newest.name):
        raise WirewatchError(f"{newest}: --keep needs a name with a date, such as wirewatch-2026-03-01")
    found = [path for path in newest.parent.iterdir() if name.fullmatch(path.name) and (path / MANIFEST).is_file()]
    old = sorted(found, key=lambda path: [int(number) for number in re.findall(r"\d+", path.name)])[:-kept]
    for path in old:
        (path / MANIFEST).unlink()  # what is half deleted is not a backup
        shutil.rmtree(path, ignore_errors=True)
    return old


def _same_ends(one: Path, other: Path, length: int) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        for start in (0, max(0, length - ENDS_COMPARED)):
            first.seek(start)
            second.seek(start)
            size = min(ENDS_COMPARED, length - start)
            if first.read(size) != second.read(size):
                return False
    return True
