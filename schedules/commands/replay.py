"""scrapy replay: process recorded pages with the pipelines of a crawl."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config.app import AppConfig
    from crawler.config.sources import Source
    from schedules.crawl.replay import Replayed


class Command(WirewatchCommand):
    """Process the pages of WARC files."""

    arguments = "FILE.warc[.gz]..."
    summary = "Read recorded pages (WARC) into the archive"
    description = (
        "Send recorded pages through the same pipelines as a crawl: our own raw pages, or anybody's WARC files, such"
        " as Common Crawl's news files. Pages are filed under the source whose domain they are of, at the time they"
        " were recorded."
    )
    example = "scrapy replay CC-NEWS-20260301-00042.warc.gz"
    statuses = "0 read, 1 nothing in the files could be used, 2 a mistake, 3 no archive"

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--source", metavar="ID", help="file pages that belong to no source under this one")
        parser.add_argument("--every-page", action="store_true", help="also pages whose URL is no article's")

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.config.sources import load_sources

        if not args:
            raise UsageError("name the WARC files to read")
        sources = load_sources(config.sources_toml)
        forced = _named(opts.source, sources)
        result = _replay([Path(arg) for arg in args], config, sources, forced, every_page=opts.every_page)
        self.exitcode = _report(result)


def _named(name: str | None, sources: Sequence[Source]) -> Source | None:
    from crawler.exceptions import WirewatchError
    from crawler.text.suggestions import did_you_mean

    if name is None:
        return None
    by_id = {source.id: source for source in sources}
    if name not in by_id:
        raise WirewatchError(f"--source {name}: no such source{did_you_mean(name, by_id)}; `scrapy list` names them")
    return by_id[name]


def _replay(
    files: list[Path], config: AppConfig, sources: Sequence[Source], forced: Source | None, *, every_page: bool
) -> Replayed:
    from crawler.archive.crawl.runs import mirror_sources
    from crawler.archive.db.open import open_reader
    from crawler.archive.storage.writer_thread import Writer
    from crawler.clock import utc_now
    from crawler.workers.pool import WorkerPool
    from schedules.crawl.replay import replay
    from schedules.crawl.runner import PRELOAD

    with (
        Writer(config.archive_db, config.warc_dir) as writer,
        WorkerPool(processes=config.workers, seconds=config.parse_timeout, preload=PRELOAD) as workers,
        contextlib.closing(open_reader(config.archive_db)) as reader,
    ):
        writer.submit(mirror_sources, sources, configured=None, at=utc_now()).result()
        return asyncio.run(
            replay(
                files, sources=sources, reader=reader, writer=writer, workers=workers, forced=forced,
                every_page=every_page,
            )
        )  # fmt: skip


def _report(result: Replayed) -> int:
    total = result.outcomes.total()
    reported = ", ".join(f"{count} {outcome}" for outcome, count in result.outcomes.most_common())
    print_line(f"{total} pages read{f': {reported}' if reported else ''}")
    for reason, count in result.skipped.most_common():
        print_line(f"{count} left out: {reason}")
    for damage in result.damaged:
        warn(damage)
    return 0 if total or result.skipped["in the archive already"] else 1
