"""Locks across processes, one for each registered domain.

A lock is an flock on its own file: the kernel releases it when its process ends, so a crash leaves no stale lock. The
file holds the owner's process ID, for messages. It is not removed, because that would race with the next process.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from crawler.exceptions import ArchiveError

MONITOR_LOCK = "wirewatch monitor"
"""Name of the lock that prevents a second monitor. It contains a space, so it differs from every registered domain."""
_UNSAFE = re.compile(r"[^a-z0-9.-]")


@contextmanager
def acquire(directory: Path, names: Iterable[str]) -> Iterator[dict[str, int | None]]:
    """Take the locks that are free; yield the busy ones: name -> process ID of the owner, None if it is unknown.

    It takes names in sorted order and waits for none, so that two processes cannot block each other. Raises
    ArchiveError if a lock file cannot be opened: it belongs to another user, or the file system is read-only.
    """
    busy: dict[str, int | None] = {}
    with ExitStack() as stack:
        for name in sorted(set(names)):
            path = directory / _file_name(name)
            try:
                directory.mkdir(parents=True, exist_ok=True)
                # Without O_TRUNC: the owner's process ID must stay in the file if the lock is busy.
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                stack.callback(os.close, handle)
                if not _take(handle):
                    busy[name] = _owner(handle)
            except OSError as error:
                raise ArchiveError(
                    f"{path}: cannot be locked ({error.strerror}); run as the user who owns {directory.parent}"
                ) from error
        yield busy


def locked(directory: Path, names: Iterable[str]) -> set[str]:
    """Return the locks that another process holds now. The free ones are taken and released to find out."""
    with acquire(directory, names) as busy:
        return set(busy)


def _file_name(name: str) -> str:
    return _UNSAFE.sub("_", name.lower()) + ".lock"


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with suppress(OSError):  # on a full disk the lock is still held, but its owner is not written
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
    return True


def _owner(handle: int) -> int | None:
    pid = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return int(pid) if pid.isdigit() else None
