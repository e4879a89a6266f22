"""scrapy figures: who claimed how many, by unit and outcome, over time."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from schedules.cli.arguments import since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json, print_line
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from crawler.archive.topics.figures import TopicFigures
    from crawler.config.app import AppConfig
    from crawler.figures.ledger import FigurePoint, FigureSeries
    from schedules.cli.console import Terminal

SHOWN_NOT_UNDERSTOOD = 5
"""Numbers without a known unit that are listed; --not-understood lists all."""


class Command(WirewatchCommand):
    arguments = "TOPIC"
    summary = "Show who claimed how many: killed, wounded, deployed, destroyed …"
    description = (
        "For each unit and outcome: the claims of each speaker over time with their sentences, the range, corrections by"
        " edits, and conflicts, which are two speakers whose numbers differ by more than 30 % within a month. Nothing is"
        " added up. --csv prints one line per claim, with source, sentence, URL and the SHA-256 of the raw page."
    )
    example = "scrapy figures troop-losses --since 30d --csv > figures.csv"
    statuses = "0 OK, 2 no such topic or a mistake in the command"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="claims since, e.g. 2026-03-01 or 7d")
        parser.add_argument("--source", metavar="ID", help="claims in the articles of one source")
        parser.add_argument("--csv", action="store_true", help="print CSV, for coders of events")
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--not-understood",
            action="store_true",
            help="list the numbers that were not understood, with their sentences",
        )

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if len(args) != 1:
            raise UsageError("name one topic of topics.toml, e.g. scrapy figures troop-losses")
        if sum((opts.csv, opts.json, opts.not_understood)) > 1:
            raise UsageError("use one of --csv, --json and --not-understood")
        figures = _read(config, args[0], opts)
        from crawler.figures.ledger import ledger_of

        ledger = ledger_of(figures.points, figures.removed)
        if opts.csv:
            from schedules.topics.figure_export import figures_as_csv

            print_line(figures_as_csv(args[0], ledger).rstrip("\n"))
        elif opts.json:
            from schedules.topics.figure_export import figures_as_json

            print_json(figures_as_json(ledger, figures.not_understood))
        elif opts.not_understood:
            for one in figures.not_understood:
                print_line(f"{one.written}: {one.sentence} ({one.url})")
            if not figures.not_understood:
                print_line("All numbers were understood.")
        else:
            _show(ledger, figures)


def _read(config: AppConfig, topic: str, opts: argparse.Namespace) -> TopicFigures:
    """The stored figures of a topic. Raises ConfigurationError, ArchiveError and WirewatchError."""
    from crawler.archive.topics.figures import figures_of_topic
    from schedules.topics.flag_job import topics_of

    since = since_option(opts.since, utc_now()) if opts.since else None
    topics_of(config).topic(topic, config.topics_toml)
    with contextlib.closing(open_reader(config.archive_db)) as db:
        return figures_of_topic(db, topic, since=since, source=opts.source)


def _show(ledger: tuple[FigureSeries, ...], figures: TopicFigures) -> None:
    from schedules.cli.console import Terminal

    console = Terminal()
    if not ledger:
        console.print("No figures yet. `scrapy flag --since DATE TOPIC` reads older articles.")
    for series in ledger:
        _show_series(console, series)
    count = len(figures.not_understood)
    if count:
        numbers = count_phrase(count, "number was", "numbers were")
        console.print(f"{numbers} not understood; --not-understood lists them. The newest:")
        for one in figures.not_understood[-SHOWN_NOT_UNDERSTOOD:]:
            console.print(f"  {one.written}: {one.sentence}", style="dim")


def _show_series(console: Terminal, series: FigureSeries) -> None:
    from crawler.figures.ledger import figure_text, number_text

    console.heading((series.title, "bold"), *([("  conflict", "bold red")] if series.conflicts else []))
    for conflict in series.conflicts:
        one, other = conflict.smaller, conflict.larger
        console.notify(
            ("conflict: ", "red"),
            f"{one.speaker_name} {figure_text(one)} ({_place(one)}) and {other.speaker_name} {figure_text(other)}"
            f" ({_place(other)}) differ by {conflict.difference:.0%}",
        )
    for line in series.lines:
        span = number_text(*line.range) if line.range else ""
        is_range = len({(point.low, point.high) for point in line.points}) > 1
        console.notify((line.speaker or "no speaker named", "bold"), f"  range {span}" if is_range and span else "")
        console.print(_table(line.points))
    console.print()


def _table(points: tuple[FigurePoint, ...]) -> Table:
    from rich.table import Table

    from crawler.figures.ledger import figure_text

    table = Table(box=None, pad_edge=False, show_header=False)
    for name in ("date", "figure", "source", "place"):
        table.add_column(name, no_wrap=name != "source")
    table.add_column("sentence")
    for point in points:
        table.add_row(
            f"  {point.at:%Y-%m-%d}",
            "; ".join((figure_text(point), *_notes(point))),
            point.source + (f" (also {', '.join(point.also_in)})" if point.also_in else ""),
            _place(point),
            point.sentence,
        )
    return table


def _notes(point: FigurePoint) -> Iterator[str]:
    if point.corrects is not None:
        yield f"corrected from {point.corrects}"
    if point.is_withdrawn:
        yield "withdrawn"


def _place(point: FigurePoint) -> str:
    """Where the sentence is: the alert, or the version of the article if there was no alert."""
    return f"alert {point.alert_id}" if point.alert_id is not None else f"article {point.article_id}/{point.version}"
