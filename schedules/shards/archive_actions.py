"""The actions `merge` and `export --parquet` of `scrapy archive`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.paths import expanded
from schedules.cli.errors import file_errors
from schedules.cli.output import draw_progress, print_line, warn

if TYPE_CHECKING:
    from crawler.config.app import AppConfig

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
    draw_progress("") if sys.stderr.isatty() else None
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
