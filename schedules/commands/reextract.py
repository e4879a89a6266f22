"""scrapy reextract: extract the archived raw pages again with the current extractor."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any

from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line

if TYPE_CHECKING:
    from crawler.config.app import AppConfig

EXAMPLES = 3
"""Examples shown for each changed field."""


class Command(WirewatchCommand):
    """Show which fields the current extractor changes; write them on request."""

    arguments = "[SOURCE...]"
    summary = "Extract the stored pages again with the current extractor"
    description = (
        "Extract the raw page of each article's latest version again, and show which fields change. With --write each"
        " changed result is stored as a new version of the same page; it does not count as an edit of the outlet."
        " Without --write nothing is stored. Run it after an upgrade or after a change of selectors."
    )
    example = "scrapy reextract kyiv-independent --write"

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="store the changed results as new versions")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        asyncio.run(_reextract(config, tuple(args), write=opts.write))


async def _reextract(config: AppConfig, names: tuple[str, ...], *, write: bool) -> None:
    from crawler.archive.db.open import open_reader
    from crawler.archive.maintenance.reextraction import stored_articles
    from crawler.archive.storage.writer_thread import Writer
    from crawler.clock import utc_now
    from crawler.config.sources import load_sources
    from crawler.sqlite.connection import require_archive
    from crawler.workers.pool import WorkerPool
    from schedules.crawl.replay import reextract_entries, store_page
    from schedules.crawl.runner import PRELOAD
    from schedules.sources.selection import select_sources

    sources = load_sources(config.sources_toml)
    if names:
        select_sources(names, sources, config.archive_db, now=utc_now())  # raises an error for an unknown name
    require_archive(config.archive_db)
    fields: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    read = unreadable = written = 0
    with (
        Writer(config.archive_db, config.warc_dir) if write else contextlib.nullcontext() as writer,
        WorkerPool(processes=config.workers, seconds=config.parse_timeout, preload=PRELOAD) as workers,
        contextlib.closing(open_reader(config.archive_db)) as reader,
    ):
        async for entry, reading, changed in reextract_entries(
            stored_articles(reader, sources=names),
            sources=sources,
            reader=reader,
            warc_dir=config.warc_dir,
            workers=workers,
        ):
            read += 1
            unreadable += reading is None
            for change in changed:
                fields[change.field] += 1
                examples.setdefault(change.field, [])
                if len(examples[change.field]) < EXAMPLES:
                    examples[change.field].append(f"{entry.url}\n{_change(change.before, change.after)}")
            if writer is not None and reading is not None and changed:
                written += await store_page(writer, entry, reading)
    _report(read, unreadable, fields, examples, written if write else None)


def _change(before: Any, after: Any) -> str:
    """Return the first difference of the two values, with some words around it."""
    one, other = str(before or "—"), str(after or "—")
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, start - 30)
    return "\n".join(
        f"{mark} {textwrap.shorten(text[start : start + 120], 110, placeholder='…')}"
        for mark, text in (("-", one), ("+", other))
    )


def _report(
    read: int, unreadable: int, fields: Counter[str], examples: dict[str, list[str]], written: int | None
) -> None:
    from schedules.formatting.plain_text import count_phrase

    print_line(
        f"{count_phrase(read, 'page')} extracted again, {unreadable} without result; changed fields: {len(fields)}"
    )
    for name, count in fields.most_common():
        print_line(f"\n{name}: {count_phrase(count, 'article')}")
        for example in examples[name]:
            print_line(textwrap.indent(example, "  "))
    if written is not None:
        print_line(f"\n{count_phrase(written, 'version')} stored.")
    elif fields:
        print_line("\nNothing was stored; --write stores the changed versions.")
