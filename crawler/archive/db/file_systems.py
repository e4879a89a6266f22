"""Refuse folders on network file systems, where SQLite's WAL mode can corrupt an archive."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from crawler.exceptions import ArchiveError

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
