"""Open the archive with its schema checked: for writing (migrates, creates), for changing (must exist), or read-only."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from crawler.archive.db.migrations import migrate, refuse_unless_current
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, connect, require_archive


def open_archive(path: Path) -> Connection:
    """Open an archive for writing; create or migrate it if needed. Raises ArchiveError, also on a network folder."""
    refuse_network_folder(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArchiveError(f"{path.parent}: cannot be created ({error.strerror})") from error
    db = connect(path)
    try:
        migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


def open_existing(path: Path) -> Connection:
    """Open an existing archive for writing; migrate it if needed. Raises ArchiveError if there is no file."""
    require_archive(path)
    return open_archive(path)


def open_reader(path: Path) -> Connection:
    """Open an archive read-only. The connection sees only committed transactions and never waits for a writer.

    Raises ArchiveError if the archive does not exist or has another schema version.
    """
    db = connect(path, read_only=True)
    try:
        refuse_unless_current(db, path)
    except BaseException:
        db.close()
        raise
    return db


@contextlib.contextmanager
def reader_if_any(path: Path) -> Iterator[Connection | None]:
    """Open an archive read-only for a block; None if it does not exist yet. Raises ArchiveError as `open_reader` does."""
    if not path.exists():
        yield None
        return
    with contextlib.closing(open_reader(path)) as db:
        yield db


_MOUNT_TABLE = Path("/proc/self/mountinfo")
_REFUSED = re.compile(r"nfs4?|cifs|smb3|smbfs|afs|ceph|lustre|fuse(?:blk)?(?:\..*)?")
"""Types without the shared memory or the locks that WAL needs (sqlite.org/wal.html, "All processes using a database must
be on the same host computer"). Local FUSE file systems are among them: what they do with locks depends on their program."""
_LOCAL_FUSE = frozenset({"fuse.fuse-overlayfs"})
"""The root file system of rootless containers: it passes files of the local disk through."""


def refuse_network_folder(folder: Path) -> None:
    """Raise ArchiveError if a folder is on NFS, CIFS or FUSE. Without Linux's mount table, everything is accepted."""
    try:
        table = _MOUNT_TABLE.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    found = network_file_system(os.path.realpath(folder), table)
    if found is not None:
        raise ArchiveError(
            f"{folder}: is on a file system of type {found}, where SQLite's WAL can corrupt the archive; keep the data"
            " folder on a local disk, and copy it there with `scrapy archive backup`"
        )


def network_file_system(folder: str, mount_table: str) -> str | None:
    """Return the type of a folder's file system if an archive may not be on it, else None.

    `folder` is absolute and without symbolic links. `mount_table` is as in proc(5), /proc/PID/mountinfo.
    """
    path, kind, depth = PurePosixPath(folder), "", -1
    for line in mount_table.split("\n"):
        mount, _, file_system = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 6 or not file_system:
            continue
        point = PurePosixPath(_unescaped(fields[4]))
        # A later mount on the same folder hides an earlier one.
        if len(point.parts) >= depth and path.is_relative_to(point):
            kind, depth = file_system.split(" ")[0], len(point.parts)
    return kind if _REFUSED.fullmatch(kind) and kind not in _LOCAL_FUSE else None


def _unescaped(field: str) -> str:
    r"""Replace the octal escapes of a mount point (a space is \040)."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), field)
