"""scrapy diff: show what changed between the versions of an article."""

from __future__ import annotations

import argparse
import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.exceptions import WirewatchError
from schedules.cli.arguments import parse_id
from schedules.cli.command import WirewatchCommand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection
    from crawler.text.diff import ParagraphChange
    from schedules.cli.console import Terminal

_STYLES = {"same": "", "added": "green", "removed": "red strike"}
_MARKS = {"same": " ", "added": "+", "removed": "-", "changed": "~"}


class Command(WirewatchCommand):
    arguments = "URL | ARTICLE_ID [FROM [TO]]"
    summary = "Show what changed in an article"
    description = (
        "Show what each version of an article changed, or compare two versions. FROM and TO are version numbers; without"
        " TO, FROM is compared with the next version."
    )
    example = "scrapy diff https://harbour-gazette.example/news/pier-closes 1 3"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--full", action="store_true", help="also show unchanged paragraphs")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        numbers = [parse_id(written) for written in args[1:]]
        if not args or None in numbers or len(args) > 3:
            raise UsageError("give an article by URL or ID, optionally followed by two version numbers")
        from crawler.archive.articles.identity import existing_article

        number = parse_id(args[0])
        with contextlib.closing(open_reader(config.archive_db)) as db:
            article_id = existing_article(db, args[0] if number is None else number)
            _show(db, article_id, [one for one in numbers if one is not None], full=opts.full)


def _show(db: Connection, article_id: int, numbers: Sequence[int], *, full: bool) -> None:
    from schedules.cli.console import Terminal

    console = Terminal()
    rows = db.execute("SELECT * FROM revisions WHERE article_id = ? ORDER BY number", (article_id,)).fetchall()
    by_number = {row["number"]: row for row in rows}
    missing = [one for one in numbers if one not in by_number]
    if missing:
        raise WirewatchError(f"article {article_id} has no version {missing[0]}; it has versions 1 to {len(rows)}")
    shown = [by_number[one] for one in numbers] if numbers else rows
    if len(numbers) == 1:
        shown = [row for row in rows if row["number"] >= numbers[0]][:2]
    if len(shown) < 2:
        console.print(f"{rows[0]['title']}: one version, seen {rows[0]['seen_at']}; no changes since.")
        return
    for before, after in itertools.pairwise(shown):
        _show_pair(console, before, after, full=full)


def _show_pair(console: Terminal, before: Any, after: Any, *, full: bool) -> None:
    from crawler.text.diff import diff_paragraphs

    modified = f"; page says modified {after['modified_at']}" if after["modified_at"] else ""
    stealth = "" if after["modified_at"] not in (None, before["modified_at"]) else "; stealth edit"
    if after["page_id"] is not None and after["page_id"] == before["page_id"]:
        stealth = "; re-extraction"
    console.heading(
        f"Version {before['number']} ({before['seen_at']}) → {after['number']} ({after['seen_at']}{modified}{stealth})"
    )
    pruned_at = before["text_pruned_at"] or after["text_pruned_at"]
    if pruned_at:
        console.print(f"The text of one of the two was pruned on {pruned_at[:10]}; they cannot be compared.")
        return
    for change in diff_paragraphs(_revision_paragraphs(before), _revision_paragraphs(after)):
        if change.kind != "same" or full:
            console.print(_line(change))


def _revision_paragraphs(row: Any) -> list[str]:
    """Return the title, byline, lead and paragraphs of a revision."""
    head = [row["title"] or "", f"By {row['byline']}" if row["byline"] else "", row["lead"] or ""]
    return [part for part in [*head, *row["text"].split("\n\n")] if part]


def _line(change: ParagraphChange) -> Text:
    """A paragraph with its mark in front; a changed one also with marks at its words."""
    from rich.text import Text

    from schedules.cli.console import change_text

    line = Text(f"{_MARKS[change.kind]} ")
    if change.kind == "changed":
        return line.append_text(change_text(change))
    return line.append(change.before_text or change.after_text, style=_STYLES[change.kind])
