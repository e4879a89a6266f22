"""scrapy evidence: write an evidence file."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.exceptions import WirewatchError
from schedules.cli.arguments import parse_id, since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import file_errors
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from crawler.archive.evidence.pack_queries import Selection
    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection

SUBJECTS = ("alert", "article", "story", "topic")


class Command(WirewatchCommand):
    arguments = "alert ID | article ID|URL | story ID | topic NAME -o FILE.wacz"
    summary = "Write raw pages, texts and proofs to one file for people who do not use this archive"
    description = (
        "Write a WACZ file that opens in ReplayWeb.page: the raw pages as WARC records, the texts, their"
        " changes, alerts with their queries, requests, coverage, and the path of each to a daily root. Its cover page"
        " (evidence/cover.html) explains how to check it without Wirewatch."
    )
    example = "scrapy evidence article 12 -o pier.wacz; scrapy evidence topic ceasefire --since 7d -o ceasefire.wacz"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Evidence")
        group.add_argument("-o", "--output", metavar="FILE", help="the file to write; it must not exist")
        group.add_argument("--since", metavar="DATE", help="only versions and alerts since, e.g. 2026-03-01 or 7d")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from schedules.evidence.pack import collect_pack, write_pack

        if len(args) != 2 or args[0] not in SUBJECTS:
            raise UsageError(f"give a subject ({', '.join(SUBJECTS)}) and its ID: {self.example}")
        if not opts.output:
            raise UsageError("give a file: -o evidence.wacz")
        target = config.refuse_own(expanded(opts.output))
        if target.exists():
            raise WirewatchError(f"{target}: already exists; choose another file")
        with contextlib.closing(open_reader(config.archive_db)) as db:
            selection = _selection(db, args[0], args[1], opts.since)
            pack = collect_pack(db, config.warc_dir, selection, at=utc_now())
        with file_errors(target, "written"):
            write_pack(pack, target)
        counts = ", ".join(
            count_phrase(len(found), what)
            for found, what in ((pack.revisions, "version"), (pack.pages, "raw page"), (pack.alerts, "alert"))
        )
        root = pack.newest_root
        proven = f"proven by the archive root for {root['day']}" if root else "not proven by an archive root"
        print_line(f"{target}: {counts}; {proven}")
        if unproven := pack.proofs["unproven"]:
            warn(f"{len(unproven):,} not proven: {unproven[0]}")


def _selection(db: Connection, kind: str, subject: str, since: str | None) -> Selection:
    from crawler.archive.articles.identity import existing_article
    from crawler.archive.evidence.pack_queries import select_evidence

    begin = since_option(since, utc_now()) if since else None
    if kind == "topic":
        return select_evidence(db, "topic", subject, since=begin)
    row_id = parse_id(subject)
    if row_id is None and kind == "article":
        row_id = existing_article(db, subject)
    if row_id is None:
        raise UsageError(f"invalid ID {subject[:30]!r}: expected a positive integer")
    if kind == "alert":
        return select_evidence(db, "alert", row_id, since=begin)
    return select_evidence(db, "article" if kind == "article" else "story", row_id, since=begin)
