"""scrapy stories: one report, everybody who carries it, and what each adds and leaves out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from schedules.cli.arguments import parse_id, parse_ids
from schedules.cli.output import print_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.archive.stories.near_misses import NearMiss
    from crawler.archive.stories.queries import StoryArticle
    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection
    from schedules.cli.console import Terminal

LISTED = 30
"""Stories in a list that nobody limited."""
MIN_TITLE = 12
"""Columns for the title on the narrowest terminal."""
SENTENCES_SHOWN = 12
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
            "--min-carriers", type=parse_ids, default=2, metavar="N", help="with so many articles (default: 2)"
        )
        shown.add_argument("--since", metavar="DATE", help="that gained an article since, e.g. 2026-03-01 or 7d")
        shown.add_argument("--limit", type=parse_ids, default=LISTED, metavar="N", help=f"default: {LISTED}; 0: all")
        parser.add_argument("--full", action="store_true", help="of one story: every sentence that differs")
        changed = parser.add_argument_group(title="change")
        changed.add_argument(
            "--split", type=parse_ids, metavar="ARTICLE_ID", help="this article tells a story of its own"
        )
        changed.add_argument("--join", type=parse_ids, metavar="ARTICLE_ID", help="this article tells STORY_ID")
        changed.add_argument("--rebuild", action="store_true", help="lay articles without a story to one")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Dispatch."""
        from crawler.config.app import AppConfig
        from schedules.cli.errors import end_with_reader, expected_errors, fail

        story_id = parse_id(args[0]) if args else None
        if len(args) > 1 or (args and story_id is None):
            raise UsageError("say which story by its number, or nothing for a list of them")
        if sum((opts.split is not None, opts.join is not None, opts.rebuild)) > 1:
            raise UsageError("--split, --join and --rebuild: one at a time")
        if opts.join is not None and not args:
            raise UsageError("say which story it joins: scrapy stories 17 --join 4711")
        end_with_reader()
        try:
            _run(AppConfig.read(self.settings), story_id, opts)
        except expected_errors() as error:
            self.exitcode = fail(error)


def _run(config: AppConfig, story_id: int | None, opts: argparse.Namespace) -> None:
    from crawler.archive.db.open import open_reader

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


def _change(config: AppConfig, story_id: int | None, opts: argparse.Namespace) -> int:
    from crawler.archive.db.open import open_existing
    from crawler.archive.stories import assignment
    from crawler.clock import utc_now
    from crawler.sqlite.connection import transaction

    db = open_existing(config.archive_db)
    try:
        with transaction(db):
            if opts.split is not None:
                return assignment.split(db, opts.split, at=utc_now())
            assert story_id is not None
            return assignment.join(db, opts.join, story_id, at=utc_now())
    finally:
        db.close()


def _rebuild(config: AppConfig) -> None:
    from crawler.archive.db.open import open_existing
    from crawler.clock import utc_now
    from pipelines.minhash import sketch_of
    from schedules.crawl.story_backfill import rebuild

    db = open_existing(config.archive_db)
    try:
        done = rebuild(db, sketch_of, at=utc_now())
    finally:
        db.close()
    print_line(
        f"{done.placed:,} articles laid to stories, {done.sketched:,} sketched anew; the others were as they should be"
    )


def _list(db: Connection, opts: argparse.Namespace) -> None:
    from rich.cells import cell_len
    from rich.table import Table

    from crawler.archive.stories.queries import newest
    from crawler.clock import utc_now
    from schedules.cli.console import Terminal
    from schedules.cli.time_arguments import since_option

    since = since_option(opts.since, utc_now()) if opts.since else None
    found = newest(db, min_articles=max(opts.min_articles, 2), since=since, limit=opts.limit or None)
    if not found:
        print_line("No story has so many carriers. `scrapy stories ID` shows any; an article alone is a story too.")
        return
    console = Terminal()
    rows = [
        (str(one.id), _time(one.first_seen_at), one.first_source, str(one.article_count), str(one.sources))
        for one in found
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
    from crawler.archive.stories.near_misses import near_misses
    from crawler.archive.stories.queries import current_story, story_articles
    from schedules.cli.console import Terminal

    console = Terminal()
    current = current_story(db, story_id)
    if current != story_id:
        console.print(f"Story {story_id} went into story {current}.")
    found = story_articles(db, current)
    first = next((story_article for story_article in found if story_article.role == "first"), found[0])
    outlets = len({story_article.source_id for story_article in found})
    console.print(f"Story {current}: {first.title}", style="bold")
    console.print(
        f"first seen {_time(first.first_seen_at)} at {first.source}; {_count(len(found), 'article')} of"
        f" {_count(outlets, 'outlet')}\n",
    )
    for story_article in found:
        _show_story_article(console, db, story_article, None if story_article is first else first, full=full)
    _show_near_misses(console, near_misses(db, current), current)


def _show_near_misses(console: Terminal, found: Sequence[NearMiss], story_id: int) -> None:
    if not found:
        return
    console.print("\nLike wording, and not in this story:", style="bold")
    for one in found:
        console.print(
            f"{_time(one.story_article.at)}  {one.story_article.source}: {one.story_article.title or one.story_article.url}  (article"
            f" {one.story_article.article_id}, story {one.story_id}; {one.resemblance:.0%} of the wording: {one.why})",
        )
    console.print(
        f"Where one tells this report: scrapy stories {story_id} --join {found[0].story_article.article_id}",
        style="dim",
    )


def _show_story_article(
    console: Terminal, db: Connection, story_article: StoryArticle, first: StoryArticle | None, *, full: bool
) -> None:
    from crawler.archive.stories.queries import newest_text
    from crawler.stories.sentence_novelty import novel_sentences

    console.heading(f"{_time(story_article.at)}  {story_article.source}")
    console.print(story_article.title)
    reason = story_article.why_beside(first or story_article)
    why = f": {reason}" if reason else ""
    console.print(f"{story_article.url}  (article {story_article.article_id}, {story_article.role}{why})", style="dim")
    if first is None:
        return
    own, theirs = newest_text(db, story_article.article_id), newest_text(db, first.article_id)
    more, less = novel_sentences(own, [theirs]), novel_sentences(theirs, [own])
    if not more and not less:
        console.print("= says the same")
    for mark, style, sentences in (("+", "green", more), ("-", "red", less)):
        shown = sentences if full else sentences[:SENTENCES_SHOWN]
        for sentence in shown:
            console.print(f"{mark} {' '.join(sentence.split())}", style=style)
        if len(shown) < len(sentences):
            console.print(f"{mark} … and {len(sentences) - len(shown)} more (--full)", style=style)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"


def _count(number: int, what: str) -> str:
    return f"{parse_id} {what}" if number == 1 else f"{parse_id} {what}s"
