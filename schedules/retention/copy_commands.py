"""scrapy archive backup, restore, merge and export --parquet: copy the archive, and read copies."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.paths import expanded
from crawler.exceptions import ArchiveError
from crawler.filesystem.locks import acquire
from schedules.cli.errors import file_errors
from schedules.cli.output import draw_progress, print_line, warn
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


def restore_action(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    """Restore a backup; returns the exit status. Raises ArchiveError and UsageError."""
    from crawler.archive.maintenance.restore import restore

    if len(args) != 1:
        raise UsageError("give a backup: scrapy archive restore /mnt/backups/wirewatch-2026-03-01")
    backup, target = expanded(args[0]), expanded(opts.to) if opts.to else config.data_dir
    with exclusive_files(replace(config, data_dir=target.resolve())):
        done = restore(backup, target)
    print_line(
        f"{target}: restored {count_phrase(done.files, 'file')}, {done.size / 1e6:,.1f} MB; all hashes are right."
    )
    if done.added:
        print_line(f"Your own files were kept; those of the backup were added as {', '.join(done.added)}")
    return 0


COPIED_KINDS = (
    "articles",
    "revisions",
    "pages",
    "alerts",
    "intervals of coverage",
    "problems",
    "mutes",
    "saved searches",
)
"""What is counted in the last line, of all that is copied."""
FAULTS_PRINTED = 20
PROGRESS_STEP = 200
"""Articles between two drawings of the progress line."""


def merge_action(config: AppConfig, args: list[str], _: argparse.Namespace) -> int:
    """Merge the archives in other data folders; returns the exit status. Raises ArchiveError and UsageError."""
    from crawler.archive.merging.merge import merge_archives
    from crawler.archive.merging.other_archive import OtherArchive
    from crawler.archive.storage.store import ArchiveStore

    if not args:
        raise UsageError("name the data folders of the other archives: scrapy archive merge /mnt/shard-1 /mnt/shard-2")
    folders = [expanded(arg).resolve() for arg in args]
    if config.data_dir in folders:
        raise UsageError(f"{config.data_dir} is the archive into which the others are merged (WIREWATCH_DATA_DIR)")
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(contextlib.closing(OtherArchive(folder))) for folder in folders]
        store = stack.enter_context(contextlib.closing(ArchiveStore.open(config.archive_db, config.warc_dir)))
        counts = merge_archives(store, others, at=utc_now(), progress=_draw if sys.stderr.isatty() else None)
    if sys.stderr.isatty():
        draw_progress("")
    copied = ", ".join(f"{counts.added[kind]:,} {kind}" for kind in COPIED_KINDS if counts.added[kind])
    print_line(f"{config.archive_db}: {f'copied {copied}' if copied else 'nothing new in the other archives'}")
    for reason, count in counts.left_out.most_common():
        print_line(f"{count:,} left out: {reason}")
    if counts.faults:
        warn(*counts.faults[:FAULTS_PRINTED])
        warn(f"{len(counts.faults):,} damaged raw pages were not copied; restore them there and merge again")
    return 1 if counts.faults else 0


def parquet_action(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    """Write the Parquet files; returns the exit status. Raises WirewatchError and UsageError."""
    from crawler.archive.maintenance.parquet import export_parquet

    if args or opts.format or opts.revisions or opts.source or opts.since:
        raise UsageError("--parquet DIR writes everything; it goes with no FILE and no other option of export")
    target = config.refuse_own(expanded(opts.parquet))
    with file_errors(target, "written"), contextlib.closing(open_reader(config.archive_db)) as db:
        counts = export_parquet(db, target)
    print_line(f"{target}: {', '.join(f'{count:,} {name}' for name, count in counts.items())}")
    return 0


def _draw(articles: int) -> None:
    if articles % PROGRESS_STEP < 8:
        draw_progress(f"merging: {articles:,} articles")
