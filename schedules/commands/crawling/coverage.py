"""scrapy coverage: what sources did not report that others did, and what of a list is not in the archive."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.config.paths import expanded
from crawler.exceptions import WirewatchError
from crawler.text.suggestions import did_you_mean
from schedules.cli.arguments import parse_count, since_option
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import file_errors
from schedules.cli.output import fields_of, print_json, print_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.archive.stories.queries import SharedReport
    from crawler.config.app import AppConfig
    from crawler.sqlite.connection import Connection

SHARED_SHOWN = 30
MOST_LINES, MOST_LINE = 100_000, 2_000
"""Lines of a list, and characters of a line."""


class Command(WirewatchCommand):
    arguments = "--events | FILE"
    summary = "Show what a source did not report that others did, or what of a list is missing"
    description = (
        "--events: the events and stories that several of your sources reported, and how many of them each source has;"
        " with --source, those that this source does not have. FILE: a text file with a URL or headline in each line;"
        " the lines that are not in the archive are printed. For gaps in time, see `scrapy gaps`."
    )
    example = "scrapy coverage --events --source harbour-gazette --since 7d"
    statuses = "0 nothing is missing, 1 something is, 2 a mistake in the command, 3 the archive cannot be used"
    only_prints = True

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Coverage")
        group.add_argument("--events", action="store_true", help="compare the sources with each other")
        group.add_argument("--source", metavar="ID", help="with --events: list what this source did not report")
        group.add_argument(
            "--since", metavar="DATE", help="with --events: first seen since, 2026-11-01 or 7d (default: 7d)"
        )
        group.add_argument(
            "--min-sources", type=parse_count, default=3, metavar="N", help="reported by N sources (default: 3)"
        )
        group.add_argument("--json", action="store_true", help="print JSON")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if opts.events == bool(args) or len(args) > 1:
            raise UsageError("give either --events or one file: scrapy coverage headlines.txt")
        if args and (opts.source or opts.since):
            raise UsageError("--source and --since go with --events")
        lines = _lines(expanded(args[0])) if args else []
        with contextlib.closing(open_reader(config.archive_db)) as db:
            self.exitcode = _compare_list(db, lines, opts) if args else _compare_sources(db, config, opts)


def _lines(path: Path) -> list[str]:
    """Return the lines of a list that are neither empty nor comments. Raises WirewatchError."""
    try:
        with file_errors(path, "read"):
            text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise WirewatchError(f"{path}: is not a text file in UTF-8; write one URL or headline in each line") from None
    lines = [line for raw in text.splitlines() if (line := raw.strip()[:MOST_LINE]) and not line.startswith("#")]
    if not lines or len(lines) > MOST_LINES:
        raise WirewatchError(
            f"{path}: {len(lines):,} lines; write 1 to {MOST_LINES:,} URLs or headlines, one in each line"
        )
    return lines


def _compare_list(db: Connection, lines: Sequence[str], opts: argparse.Namespace) -> int:
    from crawler.archive.articles.search import look_up_article

    found = [look_up_article(db, line) for line in lines]
    missing = [one for one in found if one.article_id is None]
    if opts.json:
        print_json(found)
        return int(bool(missing))
    for one in missing:
        print_line(f"not in your archive: {one.written}{f' (known, {one.reason})' if one.reason else ''}")
    print_line(
        f"{len(found) - len(missing):,} of {len(found):,} are in your archive ({1 - len(missing) / len(found):.0%})."
    )
    return int(bool(missing))


def _compare_sources(db: Connection, config: AppConfig, opts: argparse.Namespace) -> int:
    from crawler.archive.monitoring.source_states import source_statuses
    from crawler.archive.stories.queries import shared_reports
    from crawler.config.sources import load_sources

    now = utc_now()
    since = since_option(opts.since or "7d", now)
    sources = load_sources(config.sources_toml) if config.sources_toml.exists() else None
    states = source_statuses(db, sources, now=now)
    if opts.source is not None and opts.source not in states:
        raise WirewatchError(f"no source {opts.source!r}{did_you_mean(opts.source, states)}; `scrapy list` names them")
    found = shared_reports(db, since=since, min_sources=opts.min_sources)
    watched = (
        [one for one, status in states.items() if status.state.is_watched] if opts.source is None else [opts.source]
    )
    missing = {source: [one for one in found if source not in one.sources] for source in watched}
    if opts.json:
        print_json(
            [
                {
                    **fields_of(one),
                    "sources": sorted(one.sources),
                    "not_in": [source for source in watched if source not in one.sources],
                }
                for one in found
            ]
        )
    elif opts.source is not None:
        _print_missing(missing[opts.source], found, opts)
    else:
        _print_shares(missing, found, opts)
    return int(any(missing.values()))


def _print_missing(missing: Sequence[SharedReport], found: Sequence[SharedReport], opts: argparse.Namespace) -> None:
    for one in missing[:SHARED_SHOWN]:
        print_line(
            f"{one.first_at:%Y-%m-%d %H:%M}  {one.title or one.url}",
            f"    {one.kind} {one.id}, in {', '.join(sorted(one.sources))}",
        )
    if len(missing) > SHARED_SHOWN:
        print_line(f"and {len(missing) - SHARED_SHOWN:,} more; --json lists all")
    print_line(
        f"{opts.source} has {len(found) - len(missing):,} of {len(found):,} that {opts.min_sources} or more sources reported."
    )


def _print_shares(
    missing: dict[str, list[SharedReport]], found: Sequence[SharedReport], opts: argparse.Namespace
) -> None:
    from schedules.cli.columns import print_columns

    if not found:
        print_line(
            f"Nothing was reported by {opts.min_sources} or more sources; try --min-sources 2 or an earlier --since."
        )
        return
    numbers = ("reported", "of", "share")
    rows = []
    for source, lacking in sorted(missing.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        count = len(found) - len(lacking)
        rows.append((source, count, len(found), f"{count / len(found):.0%}"))
    print_columns(("source", *numbers), rows, right=numbers, wrapped=())
    print_line("`scrapy coverage --events --source ID` lists what a source does not have.")
