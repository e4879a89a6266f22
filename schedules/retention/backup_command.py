"""scrapy archive backup and restore: what they print, and which old backups are deleted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from crawler.archive.db.open import open_reader
from crawler.config.app import AppConfig
from crawler.exceptions import ArchiveError
from crawler.filesystem.locks import acquire
from schedules.cli.output import print_line
from schedules.formatting.plain_text import count_phrase

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


def run_backup(config: AppConfig, target: Path, *, public: bool, keep: int) -> Sequence[str]:
    """Write a backup, then delete old ones if `keep` is not 0; returns the damaged rows, which are kept in the backup."""
    from crawler.archive.maintenance.backup import back_up
    from crawler.archive.maintenance.backup_files import remove_old_backups

    with contextlib.closing(open_reader(config.archive_db)) as db, exclusive_files(config):
        done = back_up(db, config.warc_dir, target, public=public, config_dir=config.config_dir)
    linked = f", of which {done.linked / 1e6:,.1f} MB are shared with the backup before" if done.linked else ""
    print_line(
        f"{done.folder}: {done.articles:,} articles, {done.revisions:,} revisions, {done.pages:,} raw pages,"
        f" {done.size / 1e6:,.1f} MB{linked}. To use it: scrapy archive restore {done.folder}"
    )
    if keep and not done.faults:
        removed = remove_old_backups(target, keep)
        if removed:
            print_line(
                f"Deleted {count_phrase(len(removed), 'old backup')}: {', '.join(path.name for path in removed)}"
            )
    return done.faults


def run_restore(config: AppConfig, backup: Path, target: Path) -> int:
    """Restore a backup; returns the exit status."""
    from crawler.archive.maintenance.restore import restore

    with exclusive_files(replace(config, data_dir=target.resolve())):
        done = restore(backup, target)
    print_line(
        f"{target}: restored {count_phrase(done.files, 'file')}, {done.size / 1e6:,.1f} MB; all hashes are right."
    )
    if done.added:
        print_line(f"Your own files were kept; those of the backup were added as {', '.join(done.added)}")
    return 0
