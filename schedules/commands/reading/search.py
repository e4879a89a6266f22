"""scrapy search: find articles by words or by a query in the language of topics."""

from __future__ import annotations

import argparse
import contextlib

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.exceptions import WirewatchError
from schedules.cli.arguments import parse_ids, since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import fields_of, print_json, print_line

FOUND_SHOWN = 20
"""Articles shown without --limit."""


class Command(WirewatchCommand):
    arguments = "QUERY"
    summary = "Find articles by words, or by a query as in a topic"
    description = (
        'Plain words must all occur; "two words" is a phrase, deploy* a beginning, -parade excludes. A query in the language'
        " of topics has AND, OR, NOT, NEAR(a b, 8), ~word for all forms, $name for a list or name, title : word. The newest"
        " version stored comes first."
    )
    example = "scrapy search 'NEAR(~convoy $kursk, 8) OR stoves' --since 7d"
    statuses = "0 OK, 1 nothing found, 2 a mistake in the query or the command, 3 the archive cannot be used"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--source", metavar="ID", help="of this source")
        parser.add_argument("--language", metavar="CODE", help="in this language, e.g. uk")
        parser.add_argument("--since", metavar="DATE", help="published since, e.g. 2026-03-01 or 7d")
        parser.add_argument(
            "--limit", type=parse_ids, default=FOUND_SHOWN, metavar="N", help=f"default: {FOUND_SHOWN}; 0: all"
        )
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.archive.articles.search import article_query, search_articles
        from crawler.config.topic_tables import format_query_error
        from crawler.search.query_ast import QueryError
        from crawler.search.searches import NO_WORDS
        from schedules.cli.console import Terminal

        words = " ".join(args)
        since = since_option(opts.since, utc_now()) if opts.since else None
        with contextlib.closing(open_reader(config.archive_db)) as db:
            try:
                query = article_query(db, words)
                if query == NO_WORDS:
                    raise UsageError("expected words to search for: scrapy search 'convoy OR stoves'")
                found = search_articles(
                    db, query, source=opts.source, language=opts.language, since=since, limit=opts.limit or -1
                )
            except QueryError as error:
                raise WirewatchError(f"the query has a mistake {format_query_error(words, error)}") from error
        self.exitcode = 0 if found else 1
        if opts.json:
            print_json([{**fields_of(one), "at": one.at.isoformat()} for one in found])
            return
        console = Terminal()
        for one in found:
            console.notify((one.title or "(no headline)", "bold"), soft_wrap=True)
            console.print(f"  {one.at:%Y-%m-%d %H:%M}Z  {one.source}  {one.url}", style="dim", soft_wrap=True)
            console.print(f"  {' '.join(one.snippet.split())}", soft_wrap=True)
        if not found:
            print_line("No results. Try fewer or different words.")
