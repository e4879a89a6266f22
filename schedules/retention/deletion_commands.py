"""scrapy archive forget, prune and size: remove articles, delete what is old, what each source takes."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.db.fts_index import merge_index_segments
from crawler.archive.db.open import open_existing, open_reader
from crawler.archive.retention.forget import Removal, erase_unused_bytes, finish_removals, forget, planned_removal
from crawler.archive.retention.prunable import prunable_totals
from crawler.archive.retention.prune import LEAST_SHARE, prune
from crawler.archive.retention.sizes import SIZE_KINDS, SourceSize, source_sizes
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.config.retention import SOURCE_KINDS, RetentionPolicy
from crawler.exceptions import ConfigurationError
from crawler.sqlite.connection import Connection
from schedules.cli.arguments import parse_id
from schedules.cli.columns import print_columns
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase
from schedules.retention.copy_commands import exclusive_files

KIND_NAMES = {
    "pages": "raw pages",
    "texts": "texts of replaced versions",
    "polls": "polls",
    "fetches": "fetches",
    "job runs": "runs of jobs",
    "runs": "runs of commands",
    "source runs": "runs by source",
}


def run_prune(config: AppConfig, _: list[str], opts: argparse.Namespace) -> int:
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
    found = [f"{count:,} {KIND_NAMES[kind]}" for kind, count in done.counts.items()]
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
        defaults={kind: getattr(config, f"keep_{kind}") for kind in SOURCE_KINDS},
        job_runs=config.keep_job_runs,
        runs=config.keep_runs,
        by_source={
            source.id: {kind: kept for kind in SOURCE_KINDS if (kept := getattr(source, f"keep_{kind}")) is not None}
            for source in sources
        },
        by_topic={topic.id: topic.keep_alerted for topic in topics},
    )


def _print_totals(db: Connection, policy: RetentionPolicy, now: datetime, least_share: float) -> None:
    totals = prunable_totals(db, policy, now, least_share)
    if totals.rows:
        rows = [
            (source or "all", KIND_NAMES[kind], f"{count:,}", f"{size / 1e6:,.2f}")
            for (source, kind), (count, size) in sorted(totals.rows.items())
        ]
        print_columns(("source", "what", "number", "MB"), rows, right=("number", "MB"))
    size = sum(size for _, size in totals.rows.values())
    print_line(f"{size / 1e6:,.2f} MB would go." if totals.rows else "Nothing would go.")
    if totals.waiting_pages:
        waiting = count_phrase(totals.waiting_pages, "more raw page is", "more raw pages are")
        print_line(
            f"{waiting} old enough, but less than a fifth of their WARC files would go; `--all` removes them now."
        )


def run_size(config: AppConfig, _: list[str], __: argparse.Namespace) -> int:
    """Print the sizes; returns the exit status."""
    with contextlib.closing(open_reader(config.archive_db)) as db:
        sizes = source_sizes(db, utc_now())
    if not sizes:
        print_line("Nothing is stored yet.")
        return 0
    _print_sizes(sizes)
    on_disk = [config.archive_db, config.archive_db.with_name("archive.db-wal"), *config.warc_dir.glob("*")]
    print_line(f"On the disk: {sum(path.stat().st_size for path in on_disk if path.is_file()) / 1e6:,.1f} MB.")
    new = [one.source for one in sizes if one.a_year is None]
    if new:
        print_line(f"No estimate yet, stored for less than a day: {', '.join(new)}.")
    return 0


def _print_sizes(sizes: Sequence[SourceSize]) -> None:
    numbers = ("articles", *SIZE_KINDS, "total MB", "kB per article", "MB a year")
    rows = []
    for name, some in (*((one.source, [one]) for one in sizes), ("all", sizes)):
        articles, total = sum(one.articles for one in some), sum(one.total for one in some)
        years = [one.a_year for one in some if one.a_year is not None]
        sizes_of_kinds = (_megabytes(sum(one.sizes[kind] for one in some)) for kind in SIZE_KINDS)
        per_article = f"{total / articles / 1e3:,.1f}" if articles else "·"
        yearly = _megabytes(sum(years) if years else None)
        rows.append((name, f"{articles:,}", *sizes_of_kinds, _megabytes(total), per_article, yearly))
    print_columns(("source", *numbers), rows, right=numbers)


def _megabytes(size: int | None) -> str:
    return "·" if size is None else f"{size / 1e6:,.2f}"


def run_forget(config: AppConfig, args: list[str], opts: argparse.Namespace) -> int:
    """Remove the article, or finish what was interrupted; returns the exit status."""
    with contextlib.closing(open_existing(config.archive_db)) as db:
        if opts.dry_run and args:
            _print_removal(planned_removal(db, _named(args[0])), "would be removed")
            return 0
        with exclusive_files(config):
            if args:
                _print_removal(forget(db, _named(args[0]), reason=opts.reason, now=utc_now()), "removed")
            count = finish_removals(db, config.warc_dir, now=utc_now())
        if not args:
            print_line("nothing to finish" if not count else f"finished {count_phrase(count, 'removal')}")
            return 0
        _write_feeds(db, config)
    print_line("Backups made before now still contain it: delete them, or restore one and run the same command there.")
    return 0


def _named(written: str) -> int | str:
    article_id = parse_id(written)
    return article_id if article_id is not None else written


def _print_removal(removal: Removal, verb: str) -> None:
    rows = removal.rows
    what = f"«{removal.title}»" if removal.title else "a link that was not stored"
    articles = f"article {', '.join(str(one) for one in rows.articles)}, " if rows.articles else ""
    print_line(f"{articles}{what}, of {rows.source}, {verb}:")
    for count, one, several in (
        (len(rows.revisions), "version", "versions"),
        (len(rows.pages) + len(rows.shared_pages), "raw page", "raw pages"),
        (len(rows.alerts), "alert", "alerts"),
        (len(rows.matches), "match", "matches"),
        (len(rows.links), "feed entry or link", "feed entries or links"),
        (len(rows.fetches), "fetch record", "fetch records"),
    ):
        print_line(f"  {count_phrase(count, one, several)}")
    if removal.forgotten_id is not None:
        print_line(f"  {count_phrase(removal.messages, 'message')} emptied")
    for url in rows.urls:
        print_line(f"  {url}")
    if rows.shared_pages:
        print_line("  Other articles were extracted from the same raw page; their texts stay.")


def _write_feeds(db: Connection, config: AppConfig) -> None:
    """Write the Atom feeds anew: they contain the newest alerts."""
    from schedules.digest.job import digests_of, write_feeds

    try:
        for mistake in write_feeds(db, config, digests_of(config), now=utc_now()):
            warn(mistake)
    except ConfigurationError as error:
        warn(f"the Atom feeds were not written again: {error}")
