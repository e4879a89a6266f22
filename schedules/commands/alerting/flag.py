"""scrapy flag: match the topics against new revisions and create alerts."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from schedules.cli.arguments import since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.idle import idle_state
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from crawler.archive.topics.alerts import AlertSentence
    from crawler.archive.topics.versions import VersionChange
    from crawler.config.app import AppConfig
    from schedules.cli.console import Terminal
    from schedules.topics.flag_job import FlagReport

NOTHING_NEW = "No new revisions."
ALERTS_SHOWN = 20
"""Alerts that are listed; the others are only counted."""


class Command(WirewatchCommand):
    arguments = "[TOPIC ...]"
    summary = "Flag new and edited articles that match the topics"
    description = (
        "Match every topic of topics.toml against the revisions stored since the last run. Each new match creates one"
        " alert with the sentence that caused it; digests report the alerts. Run it after each crawl; two runs at the"
        " same time do no harm. A new or changed topic starts where the last run stopped. With --since, all topics or"
        " those named are also matched against older articles. Nothing is reported twice."
    )
    example = "scrapy flag troop-deployments --since 2026-11-01 --silent"
    statuses = (
        "0 OK, 1 some revisions could not be matched and will be retried, 2 a mistake in a file or in the command, 3"
        " the archive cannot be used"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Flagging")
        group.add_argument("--since", metavar="DATE", help="also match articles stored since then: 2026-11-01, or 7d")
        group.add_argument("--silent", action="store_true", help="with --since: record matches without alerts")
        group.add_argument("--quiet", action="store_true", help="print failures only, for cron")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if (args or opts.silent) and not opts.since:
            raise UsageError(
                "topics and --silent need --since; without it every topic is matched against new revisions"
            )
        if not opts.since and idle_state(config, "flag", utc_now()) is not None:
            if not opts.quiet:
                print_line(NOTHING_NEW)
            return
        from schedules.topics.flag_job import flag_new

        since = since_option(opts.since, utc_now()) if opts.since else None
        result = flag_new(config, now=utc_now, since=since, topics=args, silently=opts.silent)
        self.exitcode = 1 if result.failures else 0
        print_flag_report(config.archive_db, result, quiet=opts.quiet)


def print_flag_report(archive: Path, result: FlagReport, *, quiet: bool) -> None:
    """Print failures, topic changes, alerts and totals."""
    from schedules.cli.console import Terminal

    for failure in result.failures:
        warn(
            f"{failure.topic}: revision {failure.revision_id} could not be matched ({failure.error}); it will be retried"
        )
    if quiet:
        return
    console = Terminal()
    for line in version_changes(result.changes):
        console.print(line)
    if result.alerts:
        _show_alerts(archive, result.alerts, console)
    revisions, alerts = count_phrase(result.revisions, "revision"), count_phrase(len(result.alerts), "alert")
    console.print(f"{revisions} matched: {alerts}." if result.revisions else NOTHING_NEW)


def version_changes(changes: Sequence[VersionChange]) -> Iterator[str]:
    """Return a line for each kind of change, with the topics that it affects."""
    groups: dict[tuple[str, int, int], list[str]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.waiting, change.skipped), []).append(change.topic)
    for (kind, waiting, skipped), topics in groups.items():
        names = ", ".join(topics)
        stored = count_phrase(waiting, "stored revision")
        begins = f", starting with {stored}" if waiting else ""
        yield {
            "new": f"New{begins}: {names}.",
            "changed": f"Changed, new version{begins}: {names}.",
            "restarted": f"Matching {stored} again: {names}.",
            "retired": f"Removed or disabled in topics.toml; existing alerts are kept: {names}.",
        }[kind]
        if kind == "new" and skipped:
            older = count_phrase(skipped, "older revision was", "older revisions were")
            yield f"{older} not matched: `scrapy flag {' '.join(topics)} --since 7d`."


def _show_alerts(archive: Path, alerts: Sequence[int], console: Terminal) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from crawler.archive.topics.alerts import alerts_by_id
    from schedules.cli.console import mark_sentence

    with contextlib.closing(open_reader(archive)) as db:
        for alert in alerts_by_id(db, alerts[:ALERTS_SHOWN]):
            line = Text.assemble((alert.topic_title, "bold"), (f" · {alert.kind} · ", "dim"), alert.title or alert.url)
            console.print(line.append(f" ({alert.source_name})", style="dim"))
            for sentence in _worth_showing(alert.sentences)[:2]:
                console.print(Padding(mark_sentence(sentence), (0, 0, 0, 2), expand=False))
    if len(alerts) > ALERTS_SHOWN:
        console.print(f"… and {len(alerts) - ALERTS_SHOWN} more.")


def _worth_showing(sentences: Sequence[AlertSentence]) -> Sequence[AlertSentence]:
    """Return the changed sentences without the title, which is shown above them."""
    news = [sentence for sentence in sentences if sentence.change != "unchanged"] or sentences
    return [sentence for sentence in news if sentence.field != "title"] or news
