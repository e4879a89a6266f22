"""Run one crawl in this process: start the writer thread, the child processes and Scrapy, and record the results.

`scrapy crawl` calls it; the monitor and the demo start that command.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crawler.archive.articles.headlines import learned_headlines
from crawler.archive.crawl.due import polled_sources, sources_with_work
from crawler.archive.crawl.runs import begin_run, finish_run, finish_source
from crawler.archive.db.open import open_reader
from crawler.archive.storage.writer_thread import Writer
from crawler.clock import utc_now
from crawler.config.app import AppConfig, user_agent
from crawler.config.sources import Source
from crawler.context import CrawlContext
from crawler.text.dictionaries import build_dictionaries
from crawler.workers.temporary_folder import share_own_folder
from schedules.cli.errors import StopSignals
from schedules.cli.output import warn
from schedules.cluster.workers import open_workers

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

    from crawler.sqlite.connection import Connection

FETCHED, NOTHING_FETCHED, USAGE, ARCHIVE, BUSY = 0, 1, 2, 3, 4
"""Exit statuses, as docs/reference/settings.md lists them."""
INTERRUPT_TIMEOUT = 3.0
"""Seconds from Ctrl-C in which pages on their way may still be stored; what is cut off is fetched by the next crawl."""


def domains_of(sources: Iterable[Source]) -> set[str]:
    """Return the registered domains that a crawl of the sources must lock."""
    return {domain for source in sources for domain in source.domains}


def crawl(
    sources: Sequence[Source],
    *,
    settings: Settings,
    config: AppConfig,
    command: str,
    configured: Sequence[Source] | None = None,
    spider_classes: Mapping[str, type[Spider]] | None = None,
    all_seeds: bool = False,
    while_running: Callable[[CrawlContext], contextlib.AbstractContextManager[None]] | None = None,
    stop: StopSignals | None = None,
) -> tuple[CrawlContext, int]:
    """Crawl the sources. Returns the context with the counts, and the exit status. Raises ArchiveError.

    `configured`: all sources of sources.toml; others in the archive are marked as retired. `spider_classes`: source ID
    -> Python spider that replaces the generated one. `all_seeds`: also poll seeds that are not due. `stop`: signals that
    end the crawl; its exit status is theirs then. Raises KeyboardInterrupt if one arrives before the crawl begins.
    """
    stop = stop or StopSignals()
    announce = warn if sys.stderr.isatty() else (lambda _: None)  # cron mails what is printed
    build_dictionaries({"en", *(source.language for source in sources if source.language)}, announce)
    with (
        Writer(config.archive_db, config.warc_dir, operator=user_agent(config.contact)) as writer,
        open_workers(config) as workers,
        contextlib.closing(open_reader(config.archive_db)) as reader,
    ):
        stop.check()
        if _has_pages_to_read(sources, reader, utc_now()):
            workers.start()  # while this process imports Scrapy
        run_id = writer.submit(begin_run, command, sources, configured=configured, at=utc_now()).result()
        run = CrawlContext(
            config=config, workers=workers, writer=writer, reader=reader, run_id=run_id,
            headlines=learned_headlines(reader),
        )  # fmt: skip
        for source in sources:
            run.stats[source.id]  # a row of the summary, even if nothing is requested
        with while_running(run) if while_running else contextlib.nullcontext():
            _run_engine(run, sources, settings, spider_classes or {}, all_seeds, stop)
        status = stop.exit_status if run.interrupted else exit_status(run)
        _finish(run, status, utc_now())
        return run, status


def _has_pages_to_read(sources: Sequence[Source], reader: Connection, now: datetime) -> bool:
    """Whether the crawl will certainly parse something. A poll of known seeds often finds nothing new."""
    work, polled = sources_with_work(reader, now=now), polled_sources(reader)
    return any(source.id in work or source.id not in polled for source in sources)


def exit_status(run: CrawlContext) -> int:
    """Return the exit status: FETCHED if something could be fetched or nothing was due."""
    if run.archive_error is not None:
        return ARCHIVE
    if run.errors:
        return NOTHING_FETCHED
    if not any(stats.requests for stats in run.stats.values()):
        return FETCHED
    return FETCHED if any(stats.fetched_something for stats in run.stats.values()) else NOTHING_FETCHED


def scrapy_settings(sources: Sequence[Source], config: AppConfig) -> dict[str, Any]:
    """Return Scrapy's settings for the sources: delay per registered domain, private hosts, time limit."""
    slots: dict[str, dict[str, Any]] = {}
    for source in sources:
        delay = config.download_delay if source.delay is None else source.delay
        for domain in source.domains:
            slot = slots.setdefault(domain, {"delay": 0.0, "concurrency": 16})
            slot["delay"] = max(slot["delay"], delay)
            slot["concurrency"] = min(slot["concurrency"], source.concurrency)
    return {
        "DOWNLOAD_SLOTS": slots,
        "DOWNLOAD_DELAY": config.download_delay,
        "WIREWATCH_PRIVATE_HOSTS": private_hosts(sources),
        "CLOSESPIDER_TIMEOUT": config.crawl_timeout,
        "COOKIES_ENABLED": any(source.cookies for source in sources),  # the spider excludes the other sources
    }


def apply_contact(settings: Settings, config: AppConfig) -> None:
    """Set the User-Agent to the configured contact; settings.py does not know wirewatch.env.

    A USER_AGENT that the user set is kept.
    """
    if settings["USER_AGENT"] in (user_agent(""), user_agent()):
        settings.set("USER_AGENT", user_agent(config.contact), priority="project")


def private_hosts(sources: Sequence[Source]) -> list[str]:
    """Return the hosts of sources with allow_private = true, sorted."""
    return sorted({host for source in sources for host in source.private_hosts})


def _run_engine(
    run: CrawlContext,
    sources: Sequence[Source],
    settings: Settings,
    spider_classes: Mapping[str, type[Spider]],
    all_seeds: bool,
    stop: StopSignals,
) -> None:
    from scrapy.crawler import AsyncCrawlerProcess, Crawler

    from spiders.source import SourceSpider

    settings.setdict(scrapy_settings(sources, run.config), priority="cmdline")
    apply_contact(settings, run.config)
    plain = tuple(source for source in sources if not source.render and source.id not in spider_classes)
    rendered = tuple(source for source in sources if source.render and source.id not in spider_classes)
    with browser_for(rendered, run.config) as for_browser:
        process = AsyncCrawlerProcess(settings)
        if plain:
            process.crawl(SourceSpider, run=run, sources=plain, all_seeds=all_seeds)
        if rendered:
            own = settings.copy()
            own.setdict(for_browser, priority="cmdline")
            process.crawl(Crawler(SourceSpider, own), run=run, sources=rendered, all_seeds=all_seeds)
        for source in sources:
            if source.id in spider_classes:
                process.crawl(spider_classes[source.id], run=run, sources=(source,), all_seeds=all_seeds)
        from twisted.internet import reactor  # only now: the process installed it

        def on_stop() -> None:
            run.interrupted = True
            reactor.callFromThread(_stop, process, reactor)

        with stop.calling(on_stop), _without_hidden_records(settings):
            process.start(install_signal_handlers=False)


@contextlib.contextmanager
def _without_hidden_records(settings: Settings) -> Iterator[None]:
    """Create no log records below LOG_LEVEL. Scrapy drops them in its handler only, when they have cost most of their time."""
    before = logging.root.manager.disable
    hidden = max(before, logging.NullHandler(settings["LOG_LEVEL"]).level - 1)
    logging.disable(hidden)
    try:
        yield
    finally:
        if logging.root.manager.disable == hidden:  # otherwise _stop disabled all
            logging.disable(before)


def _stop(process: AsyncCrawlerProcess, reactor: Any) -> None:
    """Let the requests that are on their way end, for a short time; close the spiders."""
    from scrapy.exceptions import IgnoreRequest

    from crawler.scrapy_internals import fail_all_queued_requests

    logging.disable(logging.CRITICAL)  # what is cut off is no fault
    for crawler in process.crawlers:
        fail_all_queued_requests(crawler, lambda _: IgnoreRequest("interrupted"))
    reactor.callLater(INTERRUPT_TIMEOUT, reactor.crash)
    asyncio.ensure_future(process.stop())  # noqa: RUF006 -- the loop runs until it is done or the time is over


@contextlib.contextmanager
def browser_for(rendered: Sequence[Source], config: AppConfig) -> Iterator[dict[str, Any]]:
    """Yield Scrapy's settings for rendered sources, while the filtering proxy runs; empty without such sources."""
    if not rendered:
        yield {}
        return
    from crawler.http.browser import browser_settings
    from crawler.http.private_network_proxy import FilteringProxy

    with FilteringProxy(private_hosts(rendered)) as proxy:
        share_own_folder()  # a browser and its driver leave files when Ctrl-C ends them together with the crawl
        yield browser_settings(config, proxy.url)


def _finish(run: CrawlContext, status: int, now: datetime) -> None:
    if run.archive_error is not None:
        return
    jobs = []
    for source, stats in run.stats.items():
        if stats.started_at is not None:
            jobs.append(run.writer.submit(finish_source, run.run_id, source, stats))
    jobs.append(run.writer.submit(finish_run, run.run_id, exit_status=status, at=now))
    for job in jobs:
        job.result()
