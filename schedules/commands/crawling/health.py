"""scrapy health: check the sources and list their problems."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.clock import utc_now
from crawler.sqlite.connection import require_archive
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json, print_line
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from crawler.archive.monitoring.problems import Problem
    from crawler.archive.monitoring.source_states import SourceStatus
    from crawler.config.app import AppConfig


class Command(WirewatchCommand):
    arguments = "[--report] [--json]"
    summary = "Show the problems of each source, since when, and what to try"
    description = (
        "Check every source against what the archive knows of it: silent against its own publication rate, blocked,"
        " unreachable, moved, pages without an article or without a usual field, a feed that stopped, wrong clocks. A"
        " problem stays open until a check no longer finds it. A source that was never polled, or failed once or"
        " twice, is listed without being a problem. Cron: scrapy health --report."
    )
    example = "scrapy health --json | jq -r '.[].source'"
    statuses = "0 no problems, 1 problems found, 2 a mistake in sources.toml, 3 the archive cannot be used"

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Health")
        group.add_argument("--json", action="store_true", help="print JSON")
        group.add_argument(
            "--report", action="store_true", help="print only problems that were not reported within a day (for cron)"
        )
        group.add_argument("-q", "--quiet", action="store_true", help="check and store the result; print nothing")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("health checks all sources; `scrapy sources check ID` polls the seeds of one")
        self.exitcode = _health(config, opts)


def _health(config: AppConfig, opts: argparse.Namespace) -> int:
    from crawler.archive.delivery.outbox import undelivered
    from crawler.archive.monitoring.problems import mark_reported
    from crawler.archive.monitoring.source_states import source_statuses
    from crawler.archive.storage.store import ArchiveStore
    from crawler.config.sources import load_sources
    from schedules.health.check import check_sources, our_clock
    from schedules.monitor.config_files import fallback_line

    fallback = fallback_line(config)
    if fallback is not None and not opts.quiet and not opts.json:
        print_line(fallback)
    sources = load_sources(config.sources_toml)
    require_archive(config.archive_db)
    now = utc_now()
    with contextlib.closing(ArchiveStore.open(config.archive_db, config.warc_dir)) as store:
        found = check_sources(store, sources, now=now)
        statuses = list(source_statuses(store.db, sources, now=now).values())
        clock = our_clock(store.db, sources)
        messages = undelivered(store.db)
        shown = [problem for problem in found if problem.is_report_due(now)] if opts.report else found
        if opts.report:
            with store.transaction():
                mark_reported(store, [problem.id for problem in shown], now=now)
    if opts.json and not opts.quiet:
        print_json(shown)
    elif not opts.quiet:
        _print_undelivered([] if opts.report else messages)
        _print(shown, [] if opts.report else statuses, clock, now, is_ok=not messages and fallback is None)
    return 1 if found or clock is not None or messages or fallback is not None else 0


def _print_undelivered(messages: Sequence[tuple[str, str, int]]) -> None:
    """Print the digest messages that failed permanently, or wait for the mail server."""
    for state, error, number in messages:
        print_line(f"outbox: {count_phrase(number, 'message')} {state.replace('_', ' ')}: {error} (`scrapy outbox`)")


def _print(
    problems: Sequence[Problem],
    statuses: Sequence[SourceStatus],
    clock: timedelta | None,
    now: datetime,
    *,
    is_ok: bool,
) -> None:
    """Print the problems; without a report, also sources that are not OK but have no problem, and a summary."""
    from crawler.archive.monitoring.source_states import StateSummary
    from schedules.formatting.plain_text import span_ago

    if clock is not None:
        print_line(f"The clock of this machine is wrong by {abs(clock)}, judging by most servers. Set it with NTP.")
    for problem in problems:
        since = f"{problem.since:%Y-%m-%d %H:%M} UTC ({span_ago(problem.since, now)})"
        print_line(f"{problem.source}: {problem.kind} since {since}")
        print_line(f"  {problem.evidence}")
        print_line(f"  try: {problem.advice}")
    if not statuses:
        return
    for status in statuses:
        for line in _notes(status):
            print_line(f"{status.id}: {line}")
    summary = StateSummary.of(status.state for status in statuses)
    line = str(summary)
    if problems or clock is not None or not is_ok:
        print_line(f"{line[:1].upper()}{line[1:]}.")
    else:
        found = "OK, no problems found" if summary.is_ok else "Nothing failed long enough to be reported as a problem"
        print_line(f"{found}: {summary}.")


def _notes(status: SourceStatus) -> list[str]:
    """Return lines about a source that is not OK but has no open problem."""
    if status.paused_until is not None:
        return [str(status.reason)]
    if status.problems or not status.state.is_watched:
        return []
    if status.polled_at is None and not status.failed_seeds:
        return [f"never polled; `scrapy crawl {status.id}` polls it now, `scrapy monitor` on schedule"]
    return [str(seed) for seed in status.failed_seeds]
