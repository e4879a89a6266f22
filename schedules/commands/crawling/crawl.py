"""scrapy crawl: crawl the sources that are due."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.archive.db.open import open_archive
from crawler.archive.monitoring.idle import save_checkpoint
from crawler.clock import utc_now
from crawler.exceptions import ConfigurationError
from schedules.cli.command import WirewatchCommand
from schedules.cli.errors import StopSignals, end_now, interrupted
from schedules.cli.idle import files_of, idle_state
from schedules.cli.output import draw_progress, print_json, print_line, warn
from schedules.cluster.options import add_cluster_options, with_cluster
from schedules.formatting.plain_text import count_phrase

if TYPE_CHECKING:
    from crawler.config.app import AppConfig
    from crawler.config.sources import Source
    from crawler.context import CrawlContext

REFRESH_SECONDS = 0.5
"""Interval at which the progress line is drawn."""


class Command(WirewatchCommand):
    arguments = "all | SOURCE..."
    summary = "Crawl sources and store new and changed articles"
    description = (
        "Poll the feeds, sitemaps and listings of the sources, fetch new articles and recheck known ones, and store"
        " them in the archive. `all` crawls what is due of all sources, without disabled and paused ones; named sources"
        " are polled at once. The summary has a row for each source; waiting links are fetched by the next crawl."
    )
    example = "scrapy crawl all --quiet"
    statuses = (
        "0 something was fetched or nothing was due, 1 nothing could be fetched, 2 a mistake in the command or in"
        " sources.toml, 3 the archive cannot be used, 4 other crawls are reading all of these sources"
    )

    def options(self, parser: argparse.ArgumentParser) -> None:
        group = parser.add_argument_group(title="Crawl")
        group.add_argument("--force", action="store_true", help="with `all`: also poll seeds that are not due")
        group.add_argument("--tag", metavar="TAG", help="with `all`: only the sources with this tag")
        group.add_argument("--due", action="store_true", help="with named sources: only what is due")
        group.add_argument("-q", "--quiet", action="store_true", help="print errors only, for cron")
        group.add_argument("--json", action="store_true", help="print the summary and each log line as JSON")
        add_cluster_options(parser)

    def execute(self, config: AppConfig, args: list[str], opts: argparse.Namespace) -> None:
        if not args:
            raise UsageError("name the sources to crawl, or all; `scrapy list` lists them")
        if "all" in args and len(args) > 1:
            raise UsageError("give either all or the names of sources, not both")
        if opts.tag is not None and args != ["all"]:
            raise UsageError("--tag goes with all: scrapy crawl all --tag regional")
        config = with_cluster(config, opts)
        with StopSignals() as stop:
            self.exitcode = self._crawl(config, args, opts, stop)

    def _crawl(self, config: AppConfig, names: list[str], opts: argparse.Namespace, stop: StopSignals) -> int:
        if names == ["all"] and not opts.force and opts.tag is None:
            state = idle_state(config, "crawl", utc_now())
            if state is not None:
                if not opts.quiet:
                    print_line(_nothing_due(state["enabled"]))
                return 0
        from crawler.config.sources import load_sources
        from crawler.filesystem.locks import acquire
        from schedules.crawl.runner import BUSY, FETCHED, domains_of
        from schedules.sources.selection import select_sources, sources_tagged

        files = files_of(config, "crawl")
        sources = load_sources(config.sources_toml)
        if not sources:
            raise ConfigurationError(
                config.sources_toml, ["contains no source; `scrapy sources add URL` prints a table for it"]
            )
        chosen = select_sources(
            names,
            sources if opts.tag is None else sources_tagged(sources, opts.tag),
            config.archive_db,
            now=utc_now(),
            force=opts.force,
            python=self._python(),
        )
        stop.check()
        if not chosen:
            if config.archive_db.exists() and opts.tag is None:
                _save_checkpoint(config, files, sources)
            if not opts.quiet:
                print_line(_nothing_due(sum(source.is_polled(utc_now()) for source in sources)))
            return FETCHED
        with acquire(config.locks_dir, domains_of(chosen)) as busy:
            free = [source for source in chosen if not busy.keys() & set(source.domains)]
            for source in chosen:
                taken = [domain for domain in source.domains if domain in busy]
                if taken and not opts.quiet:
                    warn(f"{source.id}: process {busy[taken[0]]} is crawling {taken[0]}; skipped")
            if not free:
                return BUSY
            return self._run(free, sources, config, names, opts, stop)

    def _run(
        self,
        sources: Sequence[Source],
        configured: Sequence[Source],
        config: AppConfig,
        names: list[str],
        opts: argparse.Namespace,
        stop: StopSignals,
    ) -> int:
        from schedules.crawl.runner import crawl

        assert self.settings is not None
        if opts.json:
            from crawler.json_logging import install_json_handler

            self.settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
            install_json_handler(self.settings["LOG_LEVEL"])
        python = self._python()
        run, status = crawl(
            sources,
            settings=self.settings,
            config=config,
            command=f"crawl {' '.join(names)}",
            configured=configured,
            spider_classes={name: python[name] for name in python if name in {source.id for source in sources}},
            all_seeds=opts.force or (names != ["all"] and not opts.due),
            while_running=None if opts.quiet or opts.json or not sys.stderr.isatty() else _progress,
            stop=stop,
        )
        if run.interrupted:
            end_now(interrupted(stop.exit_status))
        _report(run, status, opts)
        return status

    def _python(self) -> dict[str, Any]:
        """Return Python spiders by name; Scrapy's spiders are only imported if the project has any."""
        from spiders.loader import python_spiders

        assert self.settings is not None
        return python_spiders(self.settings)


def _save_checkpoint(config: AppConfig, files: str, sources: Sequence[Source]) -> None:
    now = utc_now()
    polled = [source for source in sources if source.is_polled(now)]
    pauses = [source.paused_until for source in sources if source.paused_until and source.paused_until > now.date()]
    state = {
        "enabled": len(polled),
        "seeds": [(source.id, seed.url) for source in polled for seed in source.seeds],
        "paused_until": min(pauses).isoformat() if pauses else None,
    }
    with contextlib.closing(open_archive(config.archive_db)) as db:
        save_checkpoint(db, "crawl", files, state, now)


def _nothing_due(enabled: int) -> str:
    sources = count_phrase(enabled, "source")
    return f"Nothing is due ({sources}); `scrapy sources` shows when, `scrapy crawl all --force` polls now."


@contextlib.contextmanager
def _progress(run: CrawlContext) -> Iterator[None]:
    """Redraw a progress line from a separate thread, because the reactor does not run yet and may be busy later."""

    from schedules.crawl.summary import progress_line

    started = run.clock()
    over = threading.Event()

    def keep_drawing() -> None:
        while not over.wait(REFRESH_SECONDS):
            text = progress_line(dict(run.stats), started_at=started, now=run.clock())
            draw_progress(text)

    thread = threading.Thread(target=keep_drawing, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        draw_progress("")


def _report(run: CrawlContext, status: int, opts: argparse.Namespace) -> None:
    from schedules.crawl.summary import SUMMARY_NUMBERS, as_dict, reason_lines, summary_row, summary_style

    if run.archive_error is not None:
        warn(run.archive_error)
    if opts.json:
        print_json(as_dict(run.stats, run_id=run.run_id, exit_status=status), indent=None)
    elif not opts.quiet:
        from schedules.cli.columns import print_columns
        from schedules.cli.console import Terminal

        rows = [summary_row(name, stats) for name, stats in run.stats.items()]
        styles = [summary_style(name, stats) for name, stats in run.stats.items()]
        print_columns(("source", *SUMMARY_NUMBERS), rows, right=SUMMARY_NUMBERS, wrapped=(), styles=styles)
        console = Terminal()
        for line in reason_lines(run.stats):
            console.print(line, style="dim", soft_wrap=True)
    elif status:
        for name, stats in run.stats.items():
            for reason, count in stats.reasons.most_common():
                warn(f"{name}: {reason.text}{f' ({count} times)' if count > 1 else ''}")
