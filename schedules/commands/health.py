"""scrapy health: what is wrong with which source."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.output import print_json, print_line

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.archive.monitoring.problems import Problem, SourceStateName
    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection


class Command(ScrapyCommand):
    """Looks at every source, and tells."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[--tell] [--json]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Tell what is wrong with which source, since when, and what to try"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Look at what the archive knows of each source: silent against its own rhythm, blocked, unreachable, moved,"
            " pages that give no article or have lost a field, a feed stuck on an old date, wrong clocks. A problem is"
            " kept until it has healed. On cron: scrapy health --tell. Example: scrapy health --json | jq -r '.[].source'."
            " A source that was not polled yet, or failed once or twice, is named, and no problem yet."
            " Exit status: 0 no problem, 1 something is wrong, 2 a mistake in sources.toml, 3 the archive cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Health")
        group.add_argument("--json", action="store_true", help="for machines")
        group.add_argument("--tell", action="store_true", help="only what was not told within a day, for cron's mail")
        group.add_argument("-q", "--quiet", action="store_true", help="look and write down; print nothing")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look and tell."""
        from crawler.config.app import AppConfig
        from schedules.cli.errors import expected_errors, fail

        if args:
            raise UsageError("it looks at all sources; `scrapy sources check ID` tries the ways into one")
        try:
            self.exitcode = _health(AppConfig.read(self.settings), opts)
        except expected_errors() as error:
            self.exitcode = fail(error)


def _health(config: AppConfig, opts: argparse.Namespace) -> int:
    from crawler.archive.monitoring.problems import mark_reported, problem_states
    from crawler.archive.storage.store import ArchiveStore
    from crawler.clock import utc_now
    from crawler.config.sources import load_sources
    from crawler.sqlite.connection import require_archive
    from schedules.health.check import check_sources, our_clock

    sources = load_sources(config.sources_toml)
    require_archive(config.archive_db)
    now = utc_now()
    enabled = [source.id for source in sources if source.enabled]
    store = ArchiveStore.open(config.archive_db, config.warc_dir)
    try:
        found = check_sources(store, sources, now=now)
        states = problem_states(store.db)
        well = sum(states.get(source) == "ok" for source in enabled)
        notes = [line for source in enabled for line in _notes(store.db, source, states.get(source, "new"))]
        clock = our_clock(store.db, sources, now)
        shown = [problem for problem in found if problem.is_report_due(now)] if opts.notify else found
        if opts.notify:
            with store.transaction():
                mark_reported(store, [problem.id for problem in shown], now=now)
    finally:
        store.close()
    if opts.quiet:
        pass
    elif opts.json:
        print_json([_as_dict(problem) for problem in shown])
    else:
        if clock is not None:
            print_line(f"This machine's clock is wrong by {abs(clock)}, say the servers of most sources; set it (NTP).")
        _print(shown, now)
        if not opts.notify:
            for line in notes:
                print_line(line)
            print_line(f"{well} of {len(enabled)} sources are well.")
    return 1 if found or clock is not None else 0


def _notes(db: Connection, source: str, state: SourceStateName) -> list[str]:
    """What there is to say of a source that is not well and has no problem yet."""
    from crawler.archive.monitoring.problems import last_failures

    if state == "new":
        return [f"{source}: not polled yet; `scrapy crawl {source}` does, `scrapy monitor` by itself"]
    return [f"{source}: {line}" for line in last_failures(db, source)] if state == "failing" else []


def _print(problems: list[Problem], now: datetime) -> None:
    from schedules.sources.status import span_ago

    for problem in problems:
        print_line(
            f"{problem.source}: {problem.kind} since {problem.since:%Y-%m-%d %H:%M} UTC ({span_ago(problem.since, now)})"
        )
        print_line(f"  {problem.evidence}")
        print_line(f"  try: {problem.advice}")


def _as_dict(problem: Problem) -> dict[str, object]:
    from datetime import datetime

    from crawler.sqlite.values import format_utc

    values = {name: getattr(problem, name) for name in problem.__slots__}
    return {name: format_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}
