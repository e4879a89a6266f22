"""scrapy flag: look for the topics in what is new, and say what was found."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.output import warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.archive.topics.alerts import AlertSentence
    from crawler.archive.topics.versions import VersionChange
    from schedules.cli.console import Terminal
    from schedules.topics.flag_job import FlagReport

ALERTS_SHOWN = 20
"""Alerts that are shown one by one; the others are counted."""


class Command(ScrapyCommand):
    """The flag job, once."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[TOPIC ...]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Flag new and edited articles that match the topics"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "Match every topic of topics.toml with what was stored since the last time. Each match makes one alert, with"
            " the sentence that caused it; digests tell of them. Run it after each crawl; two at once do no harm. A topic"
            " that is new or was changed starts with what was stored since the last run. With --since it looks at older"
            " articles too: all topics, or those named. What was told is not told again."
            " Example: scrapy flag troop-deployments --since 2026-11-01 --silent."
            " Exit status: 0 all well, 1 something could not be matched and will be tried again, 2 a mistake in a file or"
            " in the command, 3 the archive cannot be used."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        group = parser.add_argument_group(title="Flagging")
        group.add_argument("--since", metavar="DATE", help="look at articles stored since then too: 2026-11-01, or 7d")
        group.add_argument("--silent", action="store_true", help="with --since: note what is found without an alert")
        group.add_argument("--quiet", action="store_true", help="print nothing but what went wrong, for cron")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Flag, then show."""
        from crawler.clock import utc_now
        from crawler.config.app import AppConfig
        from schedules.cli.errors import expected_errors, fail
        from schedules.cli.time_arguments import since_option
        from schedules.topics.flag_job import flag_new

        if (args or opts.silent) and not opts.since:
            raise UsageError("topics and --silent need --since; without it every topic looks at what is new")
        try:
            config = AppConfig.read(self.settings)
            since = since_option(opts.since, utc_now()) if opts.since else None
            result = flag_new(config, now=utc_now, since=since, topics=args, silently=opts.silent)
            self.exitcode = 1 if result.failures else 0
            print_flag_report(config.archive_db, result, quiet=opts.quiet)
        except expected_errors() as error:
            self.exitcode = fail(error)


def print_flag_report(archive: Path, result: FlagReport, *, quiet: bool) -> None:
    """For people."""
    from schedules.cli.console import Terminal

    for failure in result.failures:
        warn(
            f"{failure.topic}: revision {failure.revision_id} could not be matched ({failure.error}); tried again later"
        )
    if quiet:
        return
    console = Terminal()
    for line in version_changes(result.changes):
        console.print(line)
    if result.alerts:
        _show_alerts(archive, result.alerts, console)
    noun = "revision" if result.revisions == 1 else "revisions"
    alerts = f"{len(result.alerts)} alert{'' if len(result.alerts) == 1 else 's'}"
    console.print(
        f"{result.revisions} {noun} looked at: {alerts}." if result.revisions else "Nothing new to look at.",
    )


def version_changes(changes: Sequence[VersionChange]) -> Iterator[str]:
    """A line on the topics that are new, were changed or have gone; those of which the same is to be said together."""
    alike: dict[tuple[str, int], list[str]] = {}
    for change in changes:
        alike.setdefault((change.kind, change.waiting), []).append(change.topic)
    for (kind, waiting), topics in alike.items():
        names = ", ".join(topics)
        noun = "1 stored text" if waiting == 1 else f"{waiting} stored texts"
        begins = f", beginning with {noun}" if waiting else ""
        yield {
            "new": f"Watched from now on{begins}: {names}.",
            "changed": f"Changed, a new version from now on{begins}: {names}.",
            "restarted": f"Looking back at {noun}: {names}.",
            "retired": f"No longer in topics.toml, no longer watched; what they found stays: {names}.",
        }[kind]


def _show_alerts(archive: Path, alerts: Sequence[int], console: Terminal) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from crawler.archive.db.open import open_reader
    from crawler.archive.topics.alerts import alerts_by_id
    from schedules.cli.alert_output import mark_sentence

    db = open_reader(archive)
    try:
        for alert in alerts_by_id(db, alerts[:ALERTS_SHOWN]):
            line = Text.assemble((alert.topic_title, "bold"), (f" · {alert.kind} · ", "dim"), alert.title or alert.url)
            console.print(line.append(f" ({alert.source_name})", style="dim"))
            for sentence in _worth_showing(alert.sentences)[:2]:
                console.print(Padding(mark_sentence(sentence), (0, 0, 0, 2), expand=False))
    finally:
        db.close()
    if len(alerts) > ALERTS_SHOWN:
        console.print(f"… and {len(alerts) - ALERTS_SHOWN} more.")


def _worth_showing(sentences: Sequence[AlertSentence]) -> Sequence[AlertSentence]:
    """What the alert is about, and of that what is not the title, which stands above."""
    news = [sentence for sentence in sentences if sentence.change != "unchanged"] or sentences
    return [sentence for sentence in news if sentence.field != "title"] or news
