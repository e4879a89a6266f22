"""scrapy archive prune and size: delete what is older than the configured times; what each source takes."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.archive.db.fts_index import merge_index_segments
from crawler.archive.db.open import open_existing, open_reader
from crawler.archive.retention.forget import erase_unused_bytes
from crawler.archive.retention.prunable import prunable_totals
from crawler.archive.retention.prune import LEAST_SHARE, prune
from crawler.archive.retention.sizes import SIZE_KINDS, SourceSize, source_sizes
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.retention import SOURCE_KINDS, RetentionPolicy
from schedules.cli.output import print_line
from schedules.formatting.plain_text import count_phrase
from schedules.retention.backup_command import exclusive_files

if TYPE_CHECKING:
    from rich.table import Table

    from crawler.sqlite.connection import Connection

KIND_NAMES = {
    "pages": "raw pages",
    "texts": "texts of replaced versions",
    "polls": "polls",
    "fetches": "fetches",
    "job runs": "runs of jobs",
    "runs": "runs of commands",
    "source runs": "runs by source",
}


def run_prune(config: AppConfig, opts: argparse.Namespace) -> int:
    """Prune the archive, or print what would go; returns the exit status."""
    policy = retention_policy(config)
    least_share = 0.0 if opts.all else LEAST_SHARE
    with contextlib.closing(open_existing(config.archive_db)) as db:
        if opts.dry_run:
            _print_totals(db, policy, utc_now(), least_share)
            return 0
        with exclusive_files(config):
            done = prune(db, config.warc_dir, policy, now=utc_now(), least_share=least_share)
            if opts.erase:
                erase_unused_bytes(db)
            merge_index_segments(db)
    counts = {
        "pages": done.pages,
        "texts": done.texts,
        "polls": done.polls,
        "fetches": done.fetches,
        "job runs": done.job_runs,
        "runs": done.runs,
        "source runs": done.source_runs,
    }
    found = [f"{count:,} {KIND_NAMES[kind]}" for kind, count in counts.items() if count]
    if not found and not done.freed:
        print_line("Nothing is older than the configured times.")
        return 0
    print_line(
        f"Pruned: {', '.join(found) or 'the rest of an interrupted run'}. WARC files are {done.freed / 1e6:,.1f} MB smaller;"
        f" archive.db {'was written anew' if opts.erase else 'uses the free space for new rows'}."
    )
    return 0


def retention_policy(config: AppConfig) -> RetentionPolicy:
    """The times of the settings, sources.toml and topics.toml. Raises ConfigurationError.

    Without topics.toml there are no topics; a missing sources.toml is an error, because its times could be longer.
    """
    from crawler.config.sources import load_sources
    from schedules.topics.flag_job import topics_of

    sources = load_sources(config.sources_toml)
    topics = topics_of(config).topics if config.topics_toml.exists() else ()
    return RetentionPolicy(
        defaults={
            "pages": config.keep_pages,
            "texts": config.keep_texts,
            "polls": config.keep_polls,
            "fetches": config.keep_fetches,
        },
        job_runs=config.keep_job_runs,
        runs=config.keep_runs,
        by_source={
            source.id: {kind: kept for kind in SOURCE_KINDS if (kept := getattr(source, f"keep_{kind}")) is not None}
            for source in sources
        },
        by_topic={topic.id: topic.keep_alerted for topic in topics},
    )


def _print_totals(db: Connection, policy: RetentionPolicy, now: datetime, least_share: float) -> None:
    from schedules.cli.console import Terminal, plain_table

    totals = prunable_totals(db, policy, now, least_share)
    if totals.rows:
        table = plain_table("source", "what", "number", "MB", right=("number", "MB"))
        for (source, kind), (count, size) in sorted(totals.rows.items()):
            table.add_row(source or "all", KIND_NAMES[kind], f"{count:,}", f"{size / 1e6:,.2f}")
        Terminal().print(table)
    size = sum(size for _, size in totals.rows.values())
    print_line(f"{size / 1e6:,.2f} MB would go." if totals.rows else "Nothing would go.")
    if totals.waiting_pages:
        waiting = count_phrase(totals.waiting_pages, "more raw page is", "more raw pages are")
        print_line(
            f"{waiting} old enough, but less than a fifth of their WARC files would go; `--all` removes them now."
        )


def run_size(config: AppConfig) -> int:
    """Print the sizes; returns the exit status."""
    from schedules.cli.console import Terminal

    with contextlib.closing(open_reader(config.archive_db)) as db:
        sizes = source_sizes(db, utc_now())
    if not sizes:
        print_line("Nothing is stored yet.")
        return 0
    Terminal().print(_size_table(sizes))
    on_disk = [config.archive_db, config.archive_db.with_name("archive.db-wal"), *config.warc_dir.glob("*")]
    print_line(f"On the disk: {sum(path.stat().st_size for path in on_disk if path.is_file()) / 1e6:,.1f} MB.")
    new = [one.source for one in sizes if one.a_year is None]
    if new:
        print_line(f"No estimate yet, stored for less than a day: {', '.join(new)}.")
    return 0


def _size_table(sizes: Sequence[SourceSize]) -> Table:
    from schedules.cli.console import plain_table

    numbers = ("articles", *SIZE_KINDS, "total MB", "kB per article", "MB a year")
    table = plain_table("source", *numbers, right=numbers)
    for one in sizes:
        table.add_row(
            one.source,
            f"{one.articles:,}",
            *(_megabytes(one.sizes[kind]) for kind in SIZE_KINDS),
            _megabytes(one.total),
            f"{one.total / one.articles / 1e3:,.1f}" if one.articles else "·",
            _megabytes(one.a_year),
        )
    total, articles = sum(one.total for one in sizes), sum(one.articles for one in sizes)
    years = [one.a_year for one in sizes if one.a_year is not None]
    table.add_row(
        "all",
        f"{articles:,}",
        *(_megabytes(sum(one.sizes[kind] for one in sizes)) for kind in SIZE_KINDS),
        _megabytes(total),
        f"{total / articles / 1e3:,.1f}" if articles else "·",
        _megabytes(sum(years) if years else None),
    )
    return table


def _megabytes(size: int | None) -> str:
    return "·" if size is None else f"{size / 1e6:,.2f}"
