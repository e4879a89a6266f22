"""scrapy stories: one report, everybody who carries it, and what each adds and leaves out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.numbers import number, numbered
from schedules.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.archive.connection import Connection
    from crawler.archive.stories import Carrier
    from crawler.archive.story_apart import Apart
    from crawler.config import Config
    from schedules.console import Terminal

LISTED = 30
"""Stories in a list that nobody limited."""
MIN_TITLE = 12
"""Columns for the title on the narrowest terminal."""
SENTENCES = 12
"""Added or left-out sentences shown of each carrier; --full shows all."""


class Command(ScrapyCommand):
    """List stories, show one, put right what was laid together or apart."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """After the command's name."""
        return "[STORY_ID]"

    def short_desc(self) -> str:
        """For the list of commands."""
        return "Show which articles tell the same report, and what each adds"

    def long_desc(self) -> str:
        """For --help."""
        return (
            "List the stories that several articles carry, or show one: who was first, the carriers in time order, and"
            " what each adds to the first and leaves out; then what has like wording and is in other stories, and why."
            " --split takes an article out of a story, --join puts it into one; what was decided by hand stays."
            " --rebuild lays articles to stories that an older Wirewatch filed."
            " Example: scrapy stories --since 2026-03-01 --min-carriers 5"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Ours beside Scrapy's own."""
        super().add_options(parser)
        shown = parser.add_argument_group(title="list")
        shown.add_argument(
            "--min-carriers", type=numbered, default=2, metavar="N", help="with so many articles (default: 2)"
        )
        shown.add_argument("--since", metavar="DATE", help="that gained an article since, e.g. 2026-03-01 or 7d")
        shown.add_argument("--limit", type=numbered, default=LISTED, metavar="N", help=f"default: {LISTED}; 0: all")
        parser.add_argument("--full", action="store_true", help="of one story: every sentence that differs")
        changed = parser.add_argument_group(title="change")
        changed.add_argument(
            "--split", type=numbered, metavar="ARTICLE_ID", help="this article tells a story of its own"
        )
        changed.add_argument("--join", type=numbered, metavar="ARTICLE_ID", help="this article tells STORY_ID")
        changed.add_argument("--rebuild", action="store_true", help="lay articles without a story to one")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Dispatch."""
        from crawler.config import Config
        from schedules.commands import end_with_reader, expected, fail

        story_id = number(args[0]) if args else None
        if len(args) > 1 or (args and story_id is None):
            raise UsageError("say which story by its number, or nothing for a list of them")
        if sum((opts.split is not None, opts.join is not None, opts.rebuild)) > 1:
            raise UsageError("--split, --join and --rebuild: one at a time")
        if opts.join is not None and not args:
            raise UsageError("say which story it joins: scrapy stories 17 --join 4711")
        end_with_reader()
        try:
            _run(Config.read(self.settings), story_id, opts)
        except expected() as error:
            self.exitcode = fail(error)


def _run(config: Config, story_id: int | None, opts: argparse.Namespace) -> None:
    from crawler.archive.connection import open_reader

    if opts.split is not None or opts.join is not None:
        story_id = _change(config, story_id, opts)
    elif opts.rebuild:
        _rebuild(config)
        return
    db = open_reader(config.archive_db)
    try:
        if story_id is None:
            _list(db, opts)
        else:
            _show(db, story_id, full=opts.full)
    finally:
        db.close()


def _change(config: Config, story_id: int | None, opts: argparse.Namespace) -> int:
    from crawler.archive import story_filing
    from crawler.archive.connection import open_existing, transaction
    from crawler.run import utc_now

    db = open_existing(config.archive_db)
    try:
        with transaction(db):
            if opts.split is not None:
                return story_filing.split(db, opts.split, at=utc_now())
            assert story_id is not None
            return story_filing.join(db, opts.join, story_id, at=utc_now())
    finally:
        db.close()


def _rebuild(config: Config) -> None:
    from crawler.archive.connection import open_existing
    from crawler.run import utc_now
    from pipelines.dedup import sketch_of
    from schedules.storybuilding import rebuild

    db = open_existing(config.archive_db)
    try:
        done = rebuild(db, sketch_of, at=utc_now())
    finally:
        db.close()
    say(f"{done.placed:,} articles laid to stories, {done.sketched:,} sketched anew; the others were as they should be")


def _list(db: Connection, opts: argparse.Namespace) -> None:
    from rich.cells import cell_len
    from rich.table import Table

    from crawler.archive.stories import newest
    from crawler.run import utc_now
    from schedules.console import Terminal
    from schedules.since import since_option

    since = since_option(opts.since, utc_now()) if opts.since else None
    found = newest(db, min_carriers=max(opts.min_carriers, 2), since=since, limit=opts.limit or None)
    if not found:
        say("No story has so many carriers. `scrapy stories ID` shows any; an article alone is a story too.")
        return
    console = Terminal()
    rows = [
        (str(one.id), _time(one.first_seen_at), one.first_source, str(one.carriers), str(one.sources)) for one in found
    ]
    names = ("story", "first seen", "by", "articles", "outlets")
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="left" if name in {"first seen", "by"} else "right", no_wrap=True)
    # What is left of the line is the title's: rich would shorten all columns alike, the number first.
    taken = sum(2 + max(map(cell_len, cells)) for cells in zip(names, *rows, strict=True))
    left = max(console.width - taken, MIN_TITLE)
    table.add_column("title", no_wrap=True, overflow="ellipsis", max_width=left)
    for row, story in zip(rows, found, strict=True):
        table.add_row(*row, story.title)
    console.width = max(console.width, taken + left)
    console.print(table)


def _show(db: Connection, story_id: int, *, full: bool) -> None:
    from crawler.archive.stories import carriers, current_story
    from crawler.archive.story_apart import kept_apart
    from schedules.console import Terminal

    console = Terminal()
    current = current_story(db, story_id)
    if current != story_id:
        console.print(f"Story {story_id} went into story {current}.")
    found = carriers(db, current)
    first = next((carrier for carrier in found if carrier.role == "first"), found[0])
    outlets = len({carrier.source_id for carrier in found})
    console.print(f"Story {current}: {first.title}", style="bold")
    console.print(
        f"first seen {_time(first.first_seen_at)} at {first.source}; {_count(len(found), 'article')} of"
        f" {_count(outlets, 'outlet')}\n",
    )
    for carrier in found:
        _show_carrier(console, db, carrier, None if carrier is first else first, full=full)
    _show_apart(console, kept_apart(db, current), current)


def _show_apart(console: Terminal, found: Sequence[Apart], story_id: int) -> None:
    if not found:
        return
    console.print("\nLike wording, and not in this story:", style="bold")
    for one in found:
        console.print(
            f"{_time(one.carrier.at)}  {one.carrier.source}: {one.carrier.title or one.carrier.url}  (article"
            f" {one.carrier.article_id}, story {one.story_id}; {one.resemblance:.0%} of the wording: {one.why})",
        )
    console.print(
        f"Where one tells this report: scrapy stories {story_id} --join {found[0].carrier.article_id}", style="dim"
    )


def _show_carrier(console: Terminal, db: Connection, carrier: Carrier, first: Carrier | None, *, full: bool) -> None:
    from crawler.archive.stories import newest_text
    from crawler.known import added

    console.heading(f"{_time(carrier.at)}  {carrier.source}")
    console.print(carrier.title)
    reason = carrier.why_beside(first or carrier)
    why = f": {reason}" if reason else ""
    console.print(f"{carrier.url}  (article {carrier.article_id}, {carrier.role}{why})", style="dim")
    if first is None:
        return
    own, theirs = newest_text(db, carrier.article_id), newest_text(db, first.article_id)
    more, less = added(own, [theirs]), added(theirs, [own])
    if not more and not less:
        console.print("= says the same")
    for mark, style, sentences in (("+", "green", more), ("-", "red", less)):
        shown = sentences if full else sentences[:SENTENCES]
        for sentence in shown:
            console.print(f"{mark} {' '.join(sentence.split())}", style=style)
        if len(shown) < len(sentences):
            console.print(f"{mark} … and {len(sentences) - len(shown)} more (--full)", style=style)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
