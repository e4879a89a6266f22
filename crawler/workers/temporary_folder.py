"""The folder for the temporary files of a process and its children, and the removal of folders that killed ones left.

multiprocessing keeps the socket of its fork server in a temporary folder and removes it at a normal exit only. Each
process that starts children has a folder of its own, with a lock file: a folder whose lock is free is left over.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from multiprocessing.util import Finalize
from pathlib import Path

PREFIX = "wirewatch-"
_LOCK = "lock"
_LONGEST_PARENT, _SHORT_PARENT = 38, "/tmp"  # noqa: S108 -- the folder itself is made by mkdtemp
"""Characters of a path to which the rest can be added: the path of a socket has 103 at most, and Chromium adds 45 to ours."""
_AFTER_MULTIPROCESSING = -200
"""Exit priority; multiprocessing removes its own folder, which is in ours, with -100."""
_own: dict[Path, int] = {}
"""Folder -> ID of the process that owns it; a forked child has a copy."""


@contextlib.contextmanager
def own_temporary_files() -> Iterator[None]:
    """Let `tempfile` create files in the folder of this process, and first remove the folders of dead processes."""
    before = tempfile.tempdir
    parent = tempfile.gettempdir()
    tempfile.tempdir = str(_own_folder(Path(parent if len(parent) <= _LONGEST_PARENT else _SHORT_PARENT)))
    try:
        yield
    finally:
        tempfile.tempdir = before


def share_own_folder() -> None:
    """Let programs that this process starts, such as a browser, create their files in its folder too."""
    with own_temporary_files():
        folder = tempfile.gettempdir()
    tempfile.gettempdir()  # read before the change: for this process itself, nothing changes
    os.environ["TMPDIR"] = folder


def _remove_own_folders() -> None:
    for folder, owner in _own.items():
        if os.getpid() == owner:  # a forked child has a copy of the list
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> list[Path]:
    """Remove the folders of dead processes of this user; returns them."""
    removed = []
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            status = folder.lstat()
            if status.st_uid != os.geteuid() or folder.is_symlink() or not folder.is_dir():
                continue
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            stack.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if its process lives
            shutil.rmtree(folder)
            removed.append(folder)
    return removed


@functools.cache
def _own_folder(parent: Path) -> Path:
    remove_abandoned(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # Locked before it is named `lock`: another process never sees a folder of a living one unlocked.
    handle = os.open(folder / ".new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    (folder / ".new").rename(folder / _LOCK)
    if not _own:
        Finalize(None, _remove_own_folders, exitpriority=_AFTER_MULTIPROCESSING)
    _own[folder] = os.getpid()
    return folder
