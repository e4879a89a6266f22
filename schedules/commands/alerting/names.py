"""scrapy names: list the names of names.toml with their spellings, and propose spellings from the archive."""

from __future__ import annotations

import argparse
import contextlib
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.exceptions import ConfigurationError
from crawler.text.suggestions import did_you_mean
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crawler.archive.articles.search import Term
    from crawler.config.app import AppConfig

SUGGESTED_FROM = 2
"""Versions of articles that have a word before it is proposed: a word that stands in one is often a typing error."""
MOST_SUGGESTIONS = 12
"""Proposed spellings shown of each name."""


class Command(WirewatchCommand):
    arguments = "[suggest [NAME ...]]"
    summary = "List the names of names.toml; propose spellings that occur in the archive"
    description = (
        "Without an action: list each name, its spellings, and how many versions of articles contain each. suggest: words"
        " of the archive that sound like a spelling of the name, in Latin or Cyrillic script, with the same number. Nothing"
        " is changed: add the right ones to names.toml yourself."
    )
    example = "scrapy names suggest zelensky"
    statuses = "0 OK, 2 a mistake in the file or in the command, 3 the archive cannot be used"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print as JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if args and args[0] != "suggest":
            raise UsageError(f"unknown action {args[0]!r}: use suggest, or no action for the list")
        names = _chosen(config, args[1:])
        if not names:
            print_line(f"There are no names in {config.names_toml}. docs/reference/names.md explains the file.")
            return
        _run(config, names, as_json=opts.json, suggest=bool(args))


def _chosen(config: AppConfig, asked: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names with these IDs, or all. Raises ConfigurationError."""
    from crawler.config.names import load_spellings

    names = load_spellings(config.names_toml)
    for name in asked:
        if name not in names:
            hint = did_you_mean(name, names) or "; `scrapy names` lists them"
            raise ConfigurationError(config.names_toml, [f"there is no name {name!r}{hint}"])
    return {name: names[name] for name in asked or names}


def _run(config: AppConfig, names: Mapping[str, tuple[str, ...]], *, as_json: bool, suggest: bool) -> None:
    from crawler.archive.articles.search import Term, Vocabulary, revisions_matching
    from schedules.topics.flag_job import languages_of_sources
    from schedules.topics.query_advice import fts_of, suggested_spellings, words_of

    languages = sorted({language for language in (languages_of_sources(config) or {}).values() if language})
    with contextlib.closing(open_reader(config.archive_db)) as db:
        if suggest:
            known = {
                name: frozenset(word for one in spellings for word in words_of(one, languages))
                for name, spellings in names.items()
            }
            found = suggested_spellings(names, known, Vocabulary(db).frequent(SUGGESTED_FROM))
        else:
            found = {
                name: [Term(one, revisions_matching(db, fts_of(one, languages))) for one in spellings]
                for name, spellings in names.items()
            }
    if as_json:
        print_json({name: {term.word: term.revisions for term in terms} for name, terms in found.items()})
        return
    for name, terms in found.items():
        _print_name(name, terms, most=MOST_SUGGESTIONS if suggest else len(terms))
    if suggest:
        print_line("Nothing was changed. Add the right spellings to names.toml; their other forms are found then, too.")


def _print_name(name: str, terms: Sequence[Term], *, most: int) -> None:
    from schedules.cli.console import Terminal

    shown = ", ".join(f"{term.word} {term.revisions:,}" for term in terms[:most]) or "no suggestions"
    rest = f" and {len(terms) - most} more" if len(terms) > most else ""
    Terminal().notify((f"${name}", "bold"), f"  {shown}{rest}", soft_wrap=True)
