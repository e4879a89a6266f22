"""scrapy archive forget: remove one article everywhere."""

from __future__ import annotations

import argparse
import contextlib

from crawler.archive.db.open import open_existing
from crawler.archive.retention.forget import Removal, finish_removals, forget, planned_removal
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.exceptions import ConfigurationError
from crawler.sqlite.connection import Connection
from schedules.cli.arguments import parse_id
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase
from schedules.retention.backup_command import exclusive_files


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
