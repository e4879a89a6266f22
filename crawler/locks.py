"""One owner at a time for each registered domain, across processes.

A lock is an flock on a file of its own: the kernel frees it on any death, so that none is ever stuck. The file holds
the owner's process id, for the message; it stays when the lock is gone, since removing it would race with the next.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from crawler.exceptions import ArchiveError

_UNSAFE = re.compile(r"[^a-z0-9.-]")


@contextmanager
def acquire(directory: Path, names: Iterable[str]) -> Iterator[dict[str, int | None]]:
    """Takes what locks it can; yields the others: name -> process id of the owner, None where it cannot be told.

    Names are taken in sorted order and never waited for, so that two processes cannot block each other. Raises
    ArchiveError where there can be no lock: a folder or a lock file of another user's, a file system that may not be
    written.
    """
    busy: dict[str, int | None] = {}
    with ExitStack() as stack:
        for name in sorted(set(names)):
            path = directory / _file_name(name)
            try:
                directory.mkdir(parents=True, exist_ok=True)
                # Without O_TRUNC: the owner's process id must survive our failing to get the lock.
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                stack.callback(os.close, handle)
                if not _taken(handle):
                    busy[name] = _owner(handle)
            except OSError as error:
                raise ArchiveError(
                    f"{path}: cannot be locked ({error.strerror}); whoever crawls has to own what is in {directory.parent}"
                ) from error
        yield busy


def locked(directory: Path, names: Iterable[str]) -> set[str]:
    """Those that another process holds at this moment. They are taken to see, and let go of."""
    with acquire(directory, names) as busy:
        return set(busy)


def _file_name(name: str) -> str:
    return _UNSAFE.sub("_", name.lower()) + ".lock"


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    with suppress(OSError):  # on a full disk the lock is held all the same, without a name
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
    return True


def _owner(handle: int) -> int | None:
    written = os.pread(handle, 20, 0).decode("ascii", "replace").strip()
    return int(written) if written.isdigit() else None
