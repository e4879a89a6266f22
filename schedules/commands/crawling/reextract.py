"""scrapy reextract: extract the archived raw pages again with the current extractor."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import textwrap
from typing import TYPE_CHECKING, Any

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.sqlite.connection import require_archive
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn
from schedules.cluster.options import add_cluster_options, with_cluster
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from schedules.crawl.reextract import Reextracted

_FAULTS_SHOWN = 20
"""Damaged rows that are listed."""


class Command(WirewatchCommand):
    arguments = "[SOURCE...]"
    summary = "Extract the stored pages again with the current extractor"
    description = (
        "Extract the raw page of each article's latest version again, and the pages that could not be read when they were"
        " fetched, and show which fields change. With --write each changed result is stored as a new version of the same"
        " page; it does not count as an edit of the outlet. Without --write nothing is stored. Run it after an upgrade or"
        " after a change of selectors. If --write is interrupted, the same command continues where it stopped."
    )
    statuses = (
        "0 OK, 1 damaged rows or raw pages were found, 2 a mistake in the command or in a file, 3 no usable archive"
    )
    example = "scrapy reextract kyiv-independent --write"

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="store the changed results as new versions")
        add_cluster_options(parser)

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        result = asyncio.run(_reextract(with_cluster(config, opts), tuple(args), write=opts.write))
        self.exitcode = _report(result, is_written=opts.write)


async def _reextract(config: AppConfig, names: tuple[str, ...], *, write: bool) -> Reextracted:
    from crawler.archive.storage.writer_thread import Writer
    from crawler.config.sources import load_sources
    from schedules.cluster.workers import open_workers
    from schedules.crawl.reextract import Reextraction
    from schedules.sources.selection import select_sources

    sources = load_sources(config.sources_toml)
    if names:
        select_sources(names, sources, config.archive_db, now=utc_now())  # raises an error for an unknown name
    require_archive(config.archive_db)
    with (
        Writer(config.archive_db, config.warc_dir) if write else contextlib.nullcontext() as writer,
        open_workers(config, is_required=True) as workers,
        contextlib.closing(open_reader(config.archive_db)) as reader,
    ):
        workers.start()
        reextraction = Reextraction(
            sources={source.id: source for source in sources}, reader=reader, workers=workers, warc_dir=config.warc_dir,
            now=utc_now(), writer=writer,
        )  # fmt: skip
        return await reextraction.run(names)


def _change(before: Any, after: Any) -> str:
    """Return the first difference of the two values, with some words around it."""
    one, other = str(before or "—"), str(after or "—")
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, start - 30)
    return "\n".join(
        f"{mark} {textwrap.shorten(text[start : start + 120], 110, placeholder='…')}"
        for mark, text in (("-", one), ("+", other))
    )


def _report(result: Reextracted, *, is_written: bool) -> int:
    if result.done_before:
        print_line(
            f"{count_phrase(result.done_before, 'page')} extracted before with this extractor and these settings"
        )
    print_line(
        f"{count_phrase(result.read, 'page')} extracted again, {result.unreadable} without result; changed fields:"
        f" {len(result.fields)}"
    )
    if result.recovered:
        print_line(f"{count_phrase(result.recovered, 'page')} with a result for the first time")
    for name, count in result.fields.most_common():
        print_line(f"\n{name}: {count_phrase(count, 'article')}")
        for url, change in result.examples[name]:
            print_line(textwrap.indent(f"{url}\n{_change(change.before, change.after)}", "  "))
    if is_written:
        print_line(f"\n{count_phrase(result.written, 'version')} stored.")
    elif result.fields or result.recovered:
        print_line("\nNothing was stored; --write stores the changed versions.")
    if result.faults:
        warn(*result.faults[:_FAULTS_SHOWN])
    if len(result.faults) > _FAULTS_SHOWN:
        warn(f"and {len(result.faults) - _FAULTS_SHOWN} more; `scrapy archive check` lists them")
    return 1 if result.faults else 0
