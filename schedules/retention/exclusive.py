"""Run one command at a time that rewrites or copies the files of the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError
from crawler.filesystem.locks import acquire

LOCK = "archive-files"
"""Name of the lock; no domain has such a name."""


@contextmanager
def exclusive_files(config: AppConfig) -> Iterator[None]:
    """Hold the lock. Raises ArchiveError if another process has it."""
    with acquire(config.locks_dir, [LOCK]) as busy:
        if busy:
            raise ArchiveError(
                f"{config.data_dir}: another backup, prune, forget or restore is running (process {busy[LOCK]}); try again later"
            )
        yield
