"""scrapy replay: process recorded pages with the pipelines of a crawl."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_reader
from crawler.clock import utc_now
from crawler.exceptions import WirewatchError
from crawler.text.suggestions import did_you_mean
from schedules.cli.command import WirewatchCommand
from schedules.cli.output import print_line, warn
from schedules.cluster.options import add_cluster_options, with_cluster
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config.app import AppConfig
    from crawler.config.sources import Source
    from schedules.crawl.replay import Replayed


class Command(WirewatchCommand):
    arguments = "FILE.warc[.gz]..."
    summary = "Store recorded pages of WARC files in the archive"
    description = (
        "Extract the pages of WARC files and store them as a crawl would: files of Wirewatch, or of others such as"
        " Common Crawl's news files. A page is stored under the source with its domain, with the time at which it was"
        " recorded. Home pages and sections, and pages that are already stored, are left out and counted."
        " If it is interrupted, the same command continues where it stopped; a second replay of a file changes nothing."
    )
    example = "scrapy replay CC-NEWS-20260301-00042.warc.gz"
    statuses = (
        "0 OK, 1 no page could be stored or a file is damaged, 2 a mistake in the command or in a file, 3 the archive cannot be"
        " used"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--source", metavar="ID", help="source of pages whose domain no source has")
        parser.add_argument(
            "--every-page", action="store_true", help="also store pages whose URL and title are not those of an article"
        )
        add_cluster_options(parser)

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        from crawler.config.sources import load_sources

        if not args:
            raise UsageError("expected WARC files: scrapy replay FILE.warc.gz")
        config = with_cluster(config, opts)
        sources = load_sources(config.sources_toml)
        forced = _named(opts.source, sources)
        result = _replay([Path(arg) for arg in args], config, sources, forced, every_page=opts.every_page)
        self.exitcode = _report(result)


def _named(name: str | None, sources: Sequence[Source]) -> Source | None:
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
    from crawler.archive.storage.writer_thread import Writer
    from schedules.cluster.workers import open_workers
    from schedules.crawl.replay import Replay

    with (
        Writer(config.archive_db, config.warc_dir) as writer,
        open_workers(config, is_required=True) as workers,
        contextlib.closing(open_reader(config.archive_db)) as reader,
    ):
        workers.start()
        now = utc_now()
        writer.submit(mirror_sources, sources, configured=None, at=now).result()
        replay = Replay(
            sources=sources,
            reader=reader,
            writer=writer,
            workers=workers,
            now=now,
            forced=forced,
            every_page=every_page,
        )
        return asyncio.run(replay.run(files))


def _report(result: Replayed) -> int:
    from schedules.crawl.replay import ALREADY_STORED

    total = result.outcomes.total()
    reported = ", ".join(f"{count} {outcome}" for outcome, count in result.outcomes.most_common())
    print_line(f"{count_phrase(total, 'page')} processed{f': {reported}' if reported else ''}")
    for reason, count in result.skipped.most_common():
        print_line(f"{count} left out: {reason}")
    for damage in result.damaged:
        warn(damage)
    return 0 if (total or result.skipped[ALREADY_STORED]) and not result.damaged else 1
