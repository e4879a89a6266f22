"""scrapy events: list events, show who reported when and what each added, correct assignments."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_existing, open_reader
from crawler.clock import utc_now
from crawler.sqlite.connection import Connection, transaction
from schedules.cli.arguments import parse_id, parse_ids, since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn
from schedules.formatting.plain_text import count_phrase, minute_utc

if TYPE_CHECKING:
    from crawler.archive.events.queries import EventReport
    from crawler.config.app import AppConfig
    from crawler.events.additions import Additions
    from schedules.cli.console import Terminal

LISTED_EVENTS = 30
"""Number of events in the list without --limit."""


class Command(WirewatchCommand):
    arguments = "[EVENT_ID]"
    summary = "Show which stories report the same event, and what each adds"
    description = (
        "List the events that several stories report in their own words, or show one: its stories in order of time, why"
        " each belongs to it, and the names and figures that it adds to the earlier ones. --split takes a story out of its"
        " event, --join adds it to one; manual decisions are permanent. Events group what digests and pages show; alerts do"
        " not depend on them. --rebuild assigns stories that were never compared."
    )
    example = "scrapy events --since 7d --min-stories 3"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        shown = parser.add_argument_group(title="list")
        shown.add_argument(
            "--min-stories", type=parse_ids, default=2, metavar="N", help="with at least N stories (default: 2)"
        )
        shown.add_argument("--since", metavar="DATE", help="that gained a story since, e.g. 2026-03-01 or 7d")
        shown.add_argument(
            "--limit", type=parse_ids, default=LISTED_EVENTS, metavar="N", help=f"default: {LISTED_EVENTS}; 0: all"
        )
        changed = parser.add_argument_group(title="change")
        changed.add_argument("--split", type=parse_ids, metavar="STORY_ID", help="take this story out of its event")
        changed.add_argument("--join", type=parse_ids, metavar="STORY_ID", help="add this story to EVENT_ID")
        changed.add_argument(
            "--with-story", type=parse_ids, metavar="STORY_ID",
            help="with --join and without EVENT_ID: add it to the event of this story",
        )  # fmt: skip
        changed.add_argument("--rebuild", action="store_true", help="assign stories that were never compared")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        event_id = parse_id(args[0]) if args else None
        if len(args) > 1 or (args and event_id is None):
            raise UsageError("give one event ID, or none to list the events")
        if sum((opts.split is not None, opts.join is not None, opts.rebuild)) > 1:
            raise UsageError("--split, --join and --rebuild cannot be combined")
        if opts.join is not None and (event_id is None) == (opts.with_story is None):
            raise UsageError(
                "--join needs an event ID or another story: scrapy events 17 --join 4711, or"
                " scrapy events --join 4711 --with-story 4700"
            )
        if opts.with_story is not None and opts.join is None:
            raise UsageError("--with-story needs --join: scrapy events --join 4711 --with-story 4700")
        _run(config, event_id, opts)


def _run(config: AppConfig, event_id: int | None, opts: argparse.Namespace) -> None:
    if opts.rebuild:
        _rebuild(config)
        return
    if opts.split is not None:
        before = _split(config, opts.split)
        print_line(f"Story {opts.split} is no longer in event {before}; it stays apart unless you join it.")
        event_id = before
    elif opts.join is not None:
        event_id = _join(config, event_id, opts)
    with contextlib.closing(open_reader(config.archive_db)) as db:
        if event_id is None:
            _list(db, opts)
        else:
            _show(db, event_id)


def _split(config: AppConfig, story_id: int) -> int:
    """Split the story; returns the event that it was in."""
    from crawler.archive.events.membership import split_event

    with contextlib.closing(open_existing(config.archive_db)) as db, transaction(db):
        return split_event(db, story_id, at=utc_now())


def _join(config: AppConfig, event_id: int | None, opts: argparse.Namespace) -> int:
    from crawler.archive.events.membership import group_stories, join_event

    with contextlib.closing(open_existing(config.archive_db)) as db, transaction(db):
        if event_id is not None:
            return join_event(db, opts.join, event_id, at=utc_now())
        return group_stories(db, opts.with_story, opts.join, at=utc_now())


def _rebuild(config: AppConfig) -> None:
    from crawler.archive.events.queries import source_languages
    from crawler.text.dictionaries import build_dictionaries
    from schedules.crawl.backfill import rebuild_events

    with contextlib.closing(open_existing(config.archive_db)) as db:
        build_dictionaries({"en", *source_languages(db)}, warn)
        indexed, joined = rebuild_events(db)
    print_line(f"{indexed:,} stories indexed, {joined:,} assigned to events")


def _list(db: Connection, opts: argparse.Namespace) -> None:
    from crawler.archive.events.queries import latest_events
    from schedules.cli.columns import print_columns

    since = since_option(opts.since, utc_now()) if opts.since else None
    found = latest_events(db, min_stories=max(opts.min_stories, 2), since=since, limit=opts.limit or None)
    if not found:
        print_line("No event has that many stories. `scrapy stories` lists stories of several articles.")
        return
    print_columns(
        ("event", "first", "by", "stories", "outlets", "languages", "title"),
        [
            (
                one.id,
                minute_utc(one.earliest_published_at),
                one.first_source,
                one.story_count,
                one.sources,
                one.languages.replace(",", ", "),
                one.title,
            )
            for one in found
        ],
        right={"event", "stories", "outlets"},
        cuts_last=True,
    )


def _show(db: Connection, event_id: int) -> None:
    from crawler.archive.events.queries import additions_of, current_event, event_reports
    from schedules.cli.console import Terminal

    console = Terminal()
    current = current_event(db, event_id)
    if current != event_id:
        console.print(f"Event {event_id} was merged into event {current}.")
    reports = event_reports(db, current)
    if not reports:
        console.print(f"Event {current} has no stories left.")
        return
    first = reports[0]
    outlets = len({one.source_id for one in reports})
    console.print(f"Event {current}: {first.title}", style="bold")
    console.print(
        f"first reported {minute_utc(first.at)} by {first.source}; {count_phrase(len(reports), 'story', 'stories')} from"
        f" {count_phrase(outlets, 'outlet')}\n",
    )
    for report, added in zip(reports, additions_of(db, reports), strict=True):
        _show_report(console, report, added, first)


def _show_report(console: Terminal, report: EventReport, added: Additions, first: EventReport) -> None:
    from schedules.formatting.plain_text import delay

    later = f", {delay(report.at - first.at)}" if report is not first else ""
    console.heading(f"{minute_utc(report.at)}  {report.source}{later}")
    console.print(report.title)
    reason = f"; {report.why}" if report.why else ""
    articles = f", {count_phrase(report.article_count, 'article')}" if report.article_count > 1 else ""
    language = f", {report.language}" if report.language else ""
    console.print(f"{report.url}  (story {report.story_id}{articles}{language}{reason})", style="dim")
    if added.facts:
        console.print(f"+ {', '.join(added.facts)}", style="green")
    for sentence in added.sentences:
        console.print(f"  {' '.join(sentence.split())}")
