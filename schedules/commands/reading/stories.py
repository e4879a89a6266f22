"""scrapy stories: list stories, show the articles of one and how they differ, correct assignments."""

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
from schedules.cli.output import print_line
from schedules.formatting.plain_text import count_phrase, minute_utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.archive.stories.near_misses import NearMiss
    from crawler.archive.stories.queries import StoryArticle
    from crawler.config.app import AppConfig
    from schedules.cli.console import Terminal

LISTED = 30
"""Number of stories in the list without --limit."""
SENTENCES_SHOWN = 12
"""Added or omitted sentences shown for each article; --full shows all."""


class Command(WirewatchCommand):
    arguments = "[STORY_ID]"
    summary = "Show which articles are the same report, and what each adds"
    description = (
        "List the stories with several articles, or show one: its articles in order of time, what each adds to the"
        " first and what it omits, and similar articles of other stories with the reason why they were kept apart."
        " --split moves an article to a story of its own, --join adds it to a story; manual decisions are permanent."
        " --rebuild assigns articles that have no story."
    )
    example = "scrapy stories --since 2026-03-01 --min-articles 5"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        shown = parser.add_argument_group(title="list")
        shown.add_argument(
            "--min-articles", type=parse_ids, default=2, metavar="N", help="with at least N articles (default: 2)"
        )
        shown.add_argument("--since", metavar="DATE", help="that gained an article since, e.g. 2026-03-01 or 7d")
        shown.add_argument("--limit", type=parse_ids, default=LISTED, metavar="N", help=f"default: {LISTED}; 0: all")
        parser.add_argument("--full", action="store_true", help="for one story: show every sentence that differs")
        changed = parser.add_argument_group(title="change")
        changed.add_argument(
            "--split", type=parse_ids, metavar="ARTICLE_ID", help="move this article to a story of its own"
        )
        changed.add_argument("--join", type=parse_ids, metavar="ARTICLE_ID", help="add this article to STORY_ID")
        changed.add_argument("--rebuild", action="store_true", help="assign articles that have no story")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        story_id = parse_id(args[0]) if args else None
        if len(args) > 1 or (args and story_id is None):
            raise UsageError("give one story ID, or none to list the stories")
        if sum((opts.split is not None, opts.join is not None, opts.rebuild)) > 1:
            raise UsageError("--split, --join and --rebuild cannot be combined")
        if opts.join is not None and not args:
            raise UsageError("--join needs a story ID: scrapy stories 17 --join 4711")
        _run(config, story_id, opts)


def _run(config: AppConfig, story_id: int | None, opts: argparse.Namespace) -> None:
    if opts.split is not None or opts.join is not None:
        story_id = _change(config, story_id, opts)
    elif opts.rebuild:
        _rebuild(config)
        return
    with contextlib.closing(open_reader(config.archive_db)) as db:
        if story_id is None:
            _list(db, opts)
        else:
            _show(db, story_id, full=opts.full)


def _change(config: AppConfig, story_id: int | None, opts: argparse.Namespace) -> int:
    from crawler.archive.stories.assignment import join
    from crawler.archive.topics.match_retries import split_and_requeue

    with contextlib.closing(open_existing(config.archive_db)) as db, transaction(db):
        if opts.split is not None:
            return split_and_requeue(db, opts.split, at=utc_now())
        assert story_id is not None
        return join(db, opts.join, story_id, at=utc_now())


def _rebuild(config: AppConfig) -> None:
    from pipelines.minhash import sketch_of
    from schedules.crawl.backfill import rebuild

    with contextlib.closing(open_existing(config.archive_db)) as db:
        placed, sketched = rebuild(db, sketch_of, at=utc_now())
    print_line(f"{placed:,} articles assigned to stories, {sketched:,} sketches computed")


def _list(db: Connection, opts: argparse.Namespace) -> None:
    from crawler.archive.stories.queries import latest_stories
    from schedules.cli.columns import print_columns

    since = since_option(opts.since, utc_now()) if opts.since else None
    found = latest_stories(db, min_articles=max(opts.min_articles, 2), since=since, limit=opts.limit or None)
    if not found:
        print_line("No story has that many articles. `scrapy stories ID` shows a story of any size.")
        return
    print_columns(
        ("story", "first seen", "by", "articles", "outlets", "title"),
        [
            (one.id, minute_utc(one.first_seen_at), one.first_source, one.article_count, one.sources, one.title)
            for one in found
        ],
        right={"story", "articles", "outlets"},
        cuts_last=True,
    )


def _show(db: Connection, story_id: int, *, full: bool) -> None:
    from crawler.archive.events.membership import current_story
    from crawler.archive.stories.near_misses import near_misses
    from crawler.archive.stories.queries import story_articles
    from schedules.cli.console import Terminal

    console = Terminal()
    current = current_story(db, story_id)
    if current != story_id:
        console.print(f"Story {story_id} was merged into story {current}.")
    found = story_articles(db, current)
    first = next((one for one in found if one.role == "first"), found[0])
    outlets = len({one.source_id for one in found})
    console.print(f"Story {current}: {first.title}", style="bold")
    console.print(
        f"first seen {minute_utc(first.first_seen_at)} at {first.source}; {count_phrase(len(found), 'article')} from"
        f" {count_phrase(outlets, 'outlet')}\n",
    )
    for one in found:
        _show_story_article(console, db, one, None if one is first else first, full=full)
    _show_near_misses(console, near_misses(db, current), current)


def _show_near_misses(console: Terminal, found: Sequence[NearMiss], story_id: int) -> None:
    if not found:
        return
    console.print("\nNear misses (similar articles of other stories):", style="bold")
    for near in found:
        other = near.story_article
        console.print(
            f"{minute_utc(other.at)}  {other.source}: {other.title or other.url}  (article {other.article_id},"
            f" story {near.story_id}; {near.resemblance:.0%} similar; kept apart: {near.reason})",
        )
    console.print(
        f"To add an article to this story: scrapy stories {story_id} --join {found[0].story_article.article_id}",
        style="dim",
    )


def _show_story_article(
    console: Terminal, db: Connection, story_article: StoryArticle, first: StoryArticle | None, *, full: bool
) -> None:
    from crawler.archive.stories.queries import current_text
    from crawler.stories.sentence_novelty import novel_sentences

    console.heading(f"{minute_utc(story_article.at)}  {story_article.source}")
    console.print(story_article.title)
    reason = story_article.reason_compared_with(first or story_article)
    suffix = f": {reason}" if reason else ""
    console.print(
        f"{story_article.url}  (article {story_article.article_id}, {story_article.role}{suffix})", style="dim"
    )
    if first is None:
        return
    own, theirs = current_text(db, story_article.article_id), current_text(db, first.article_id)
    more, less = novel_sentences(own, [theirs]), novel_sentences(theirs, [own])
    if not more and not less:
        console.print("= no differences")
    for mark, style, sentences in (("+", "green", more), ("-", "red", less)):
        shown = sentences if full else sentences[:SENTENCES_SHOWN]
        for sentence in shown:
            console.print(f"{mark} {' '.join(sentence.split())}", style=style)
        if len(shown) < len(sentences):
            console.print(f"{mark} … and {len(sentences) - len(shown)} more (--full)", style=style)
