"""Probe seeds: send requests to candidates or configured seeds, for `scrapy sources add` and `scrapy sources check`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from crawler.archive.db.open import open_reader
from crawler.archive.storage.writer_thread import Writer
from crawler.config.app import AppConfig, user_agent
from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.exceptions import ParseError, WirewatchError
from crawler.workers.pool import WorkerPool
from crawler.workers.protocol import Workers
from schedules.cli.output import draw_progress
from spiders.autodiscovery.candidates import Candidate, Outlet, ProbeResult, discover_seeds, usual_seed_urls
from spiders.documents import counted, parse_document
from spiders.markup.parsed_document import ParsedDocument
from spiders.probe import Plan, Probe, ProbeProgress, ProbeRequest, ProbeResponse
from spiders.sitemaps.index import choose_children

if TYPE_CHECKING:
    from scrapy.settings import Settings

log = logging.getLogger(__name__)

STALE_FEED = timedelta(days=30)
"""A feed with no newer link is abandoned; weeklies and quiet agencies publish more often."""
FEW_LISTED = 5
"""A page with fewer article links is not used as a listing: any page links to a few articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedSeed:
    """The result of probing a seed, and the URLs of its links."""

    result: ProbeResult
    urls: frozenset[str] = frozenset()
    newest: datetime | None = None


@dataclass(slots=True, kw_only=True)
class OutletProbe:
    """The result of `sources add`, filled by its plan."""

    outlet: Outlet | None = None
    seeds: list[ProbedSeed] = field(default_factory=list)
    fault: str | None = None
    """One line; why there is no outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Probes seeds and parses the responses in child processes."""

    workers: Workers
    now: datetime
    notify: ProbeProgress = lambda _: None
    """Called with one line about what is checked next."""

    async def probe_seed(self, ask: ProbeRequest, seed: Seed, source: Source, *, found_in: str = "") -> ProbedSeed:
        """Fetch and parse one seed; if it is a sitemap index, also its newest child."""
        response = await ask(seed.url, source=source, seed=seed)
        probed, document = await self._parse(ask, response, seed, source)
        if not document.links and document.children:
            newest = choose_children(document.children, {}, now=self.now, backfill=timedelta(days=3650)).urls[0]
            inner = await ask(newest, source=source, seed=seed)
            probed, _ = await self._parse(ask, inner, seed, source)
            if probed.result.fault:
                fault = f"child sitemap {newest}: {probed.result.fault}"
                probed = replace(probed, result=replace(probed.result, fault=fault))
        return replace(probed, result=replace(probed.result, found_in=found_in))

    async def _parse(
        self, ask: ProbeRequest, response: ProbeResponse, seed: Seed, source: Source
    ) -> tuple[ProbedSeed, ParsedDocument]:
        fault = await _fault(ask, response)
        result = ProbeResult(url=seed.url, kind=seed.kind, http_status=response.status, fault=fault)
        if result.fault is not None:
            return ProbedSeed(result=result), ParsedDocument()
        try:
            document = await self.workers.run(
                parse_document, response.body, seed=seed, url=response.final_url, content_type=response.content_type,
                source=source, now=self.now,
            )  # fmt: skip
        except WirewatchError as error:
            return ProbedSeed(result=replace(result, fault=_reason(error))), ParsedDocument()
        times = [timestamp.at for link in document.links if (timestamp := link.published or link.updated) is not None]
        newest = max(times, default=None)
        result = replace(
            result,
            links=len(document.links),
            newest=newest.strftime("%Y-%m-%d %H:%M") if newest else None,
            entries=document.entries,
            left_out={code.value: count for code, count in counted(document.left_out).items()},
        )
        if not document.links and not document.children:
            reason = document.fault or document.note
            result = replace(result, fault=reason.text if reason else "no links")
        return ProbedSeed(result=result, urls=frozenset(link.url for link in document.links), newest=newest), document

    def check_plan(self, sources: Sequence[Source], results: dict[tuple[str, str], ProbedSeed]) -> Plan:
        """A plan that probes every seed of the sources and fills `results` by (source id, seed URL)."""

        async def plan(ask: ProbeRequest) -> None:
            async def one(source: Source, seed: Seed) -> None:
                results[source.id, seed.url] = await self.probe_seed(ask, seed, source)

            await asyncio.gather(*(one(source, seed) for source in sources for seed in source.seeds))

        return plan

    def add_plan(self, url: str, result: OutletProbe) -> Plan:
        """A plan that probes the candidates that the page at `url` (a home page or a feed) names, and fills `result`."""

        async def plan(ask: ProbeRequest) -> None:
            given: list[ProbedSeed] = []
            response = await ask(url)
            if response.fault is not None:
                result.fault = f"{url}: {await _fault(ask, response)}"
                return
            home = response.final_url
            try:
                result.outlet = await self._outlet(ask, response, home)
            except WirewatchError as error:
                probed = await self._given(ask, url)
                if probed is None:
                    result.fault = f"{url}: {_reason(error)}"
                    return
                given.append(probed)
                result.outlet = await self._outlet_of_feed(ask, urljoin(home, "/"))
            result.seeds = judge_seeds(await self._probe_all(ask, result.outlet, given), self.now)

        return plan

    async def _outlet(self, ask: ProbeRequest, response: ProbeResponse, home: str) -> Outlet:
        robots = await ask(urljoin(home, "/robots.txt"))
        text = robots.body.decode("utf-8", "replace") if robots.fault is None else None
        return await self.workers.run(
            discover_seeds, response.body, url=home, content_type=response.content_type, robots=text,
            link_headers=response.link_headers,
        )  # fmt: skip

    async def _outlet_of_feed(self, ask: ProbeRequest, home: str) -> Outlet:
        """Return the outlet of a feed's host, from its home page if it can be parsed."""
        response = await ask(home)
        if response.fault is None:
            with contextlib.suppress(WirewatchError):
                return await self._outlet(ask, response, response.final_url)
        return await self.workers.run(discover_seeds, b"<html></html>", url=home, content_type=None, robots=None)

    async def _given(self, ask: ProbeRequest, url: str) -> ProbedSeed | None:
        """Return the given URL as a seed if it is a feed or a sitemap."""
        for kind in ("feed", "sitemap"):
            probed = await self._probe(ask, Candidate(url=url, kind=kind, found_in="given"))
            if probed.result.fault is None:
                return probed
        return None

    async def _probe_all(self, ask: ProbeRequest, outlet: Outlet, given: Sequence[ProbedSeed]) -> list[ProbedSeed]:
        known = {probed.result.url for probed in given}
        candidates = [candidate for candidate in outlet.candidates if candidate.url not in known]
        self.notify(f"{outlet.home}: checking {len(candidates)} feeds, sitemaps and listings")
        seeds = [*given, *await asyncio.gather(*(self._probe(ask, candidate) for candidate in candidates))]
        for kind in ("feed", "sitemap"):
            if any(probed.result.fault is None and probed.result.kind != "listing" for probed in seeds):
                break
            usual = usual_seed_urls(outlet.home, kind)
            self.notify(f"{outlet.home}: no {kind} found; trying {len(usual)} usual addresses")
            for candidate in usual:
                probed = await self._probe(ask, candidate)
                if probed.result.fault is None:
                    seeds.append(probed)
                    break
        return seeds

    async def _probe(self, ask: ProbeRequest, candidate: Candidate) -> ProbedSeed:
        seed = Seed.model_validate({"url": candidate.url, "kind": candidate.kind})
        return await self.probe_seed(ask, seed, _placeholder_source(candidate.url), found_in=candidate.found_in)


async def _fault(ask: ProbeRequest, response: ProbeResponse) -> str | None:
    """Return why a response has no document. If the host cannot be reached, the reason is that of its robots.txt."""
    if response.error is None:
        return response.fault
    robots = await ask(urljoin(response.url, "/robots.txt"))
    return robots.error or response.error


def judge_seeds(seeds: Sequence[ProbedSeed], now: datetime) -> list[ProbedSeed]:
    """Return the seeds, with a fault for each that works but is stale, redundant or has too few links. Pure."""
    judged: list[ProbedSeed] = []
    accepted: dict[str, frozenset[str]] = {}
    for probed in sorted(seeds, key=lambda one: ("feed", "sitemap", "listing").index(one.result.kind)):
        fault = probed.result.fault
        if fault is None and probed.newest is not None and probed.newest < now - STALE_FEED:
            fault = f"stale: newest link from {probed.newest:%Y-%m-%d}"
        if fault is None and probed.result.kind == "listing" and len(probed.urls) < FEW_LISTED:
            fault = f"too few article links ({len(probed.urls)}) to be used as a listing"
        if fault is None:
            other = next((url for url, urls in accepted.items() if probed.urls and probed.urls <= urls), None)
            fault = f"skipped: adds nothing to {other}" if other else None
        if fault is None:
            accepted[probed.result.url] = probed.urls
        log.debug("%s %s: %s", probed.result.kind, probed.result.url, fault or "accepted")
        judged.append(replace(probed, result=replace(probed.result, fault=fault)))
    return judged


@contextlib.contextmanager
def probing_run(config: AppConfig, *, use_archive: bool = True) -> Iterator[CrawlContext]:
    """A crawl context for probing: a worker pool, and the archive for Retry-After times and robots.txt.

    If there is no archive yet, or `use_archive` is false, a temporary one is used.
    """
    with tempfile.TemporaryDirectory(prefix="wirewatch-") as scratch, contextlib.ExitStack() as stack:
        folder = config.data_dir if use_archive and config.archive_db.exists() else Path(scratch)
        writer = Writer(
            folder / config.archive_db.name, folder / config.warc_dir.name, operator=user_agent(config.contact)
        )
        stack.enter_context(writer)
        reader = open_reader(folder / config.archive_db.name)
        stack.callback(reader.close)
        preload = ("spiders.documents", "spiders.feeds.parser", "spiders.autodiscovery.candidates")
        workers = WorkerPool(processes=config.workers, seconds=config.parse_timeout, preload=preload)
        stack.enter_context(workers)
        workers.start()  # while this process imports Scrapy
        yield CrawlContext(config=config, workers=workers, writer=writer, reader=reader, run_id=0)


def run_plans(
    plans: Sequence[tuple[Plan, dict[str, Any]]], run: CrawlContext, settings: Settings, shared: Mapping[str, Any]
) -> None:
    """Run the plans to their end in this process, each in its own engine with its own settings.

    `shared`: settings for all engines. The resolver, which refuses private addresses, belongs to the process.
    """
    from scrapy.crawler import AsyncCrawlerProcess, Crawler

    from schedules.crawl.runner import apply_contact

    # Spiders are not loaded by name here, and `sources add` must work without a sources.toml.
    settings.setdict({**shared, "SPIDER_LOADER_CLASS": "scrapy.spiderloader.DummySpiderLoader"}, priority="cmdline")
    apply_contact(settings, run.config)
    process = AsyncCrawlerProcess(settings)
    errors: list[BaseException] = []
    with _progress() as progress:
        for plan, further in plans:
            own = settings.copy()
            own.setdict({"ITEM_PIPELINES": {}, **further}, priority="cmdline")
            process.crawl(Crawler(Probe, own), plan=_collecting_errors(plan, errors), run=run, progress=progress)
        process.start()
    if errors:
        raise errors[0]


@contextlib.contextmanager
def _progress() -> Iterator[ProbeProgress | None]:
    """Show the URL of the latest request if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def notify(url: str) -> None:
        draw_progress(f"fetching {url[:100]}")

    try:
        yield notify
    finally:
        draw_progress("")


def _collecting_errors(plan: Plan, errors: list[BaseException]) -> Plan:
    """Run the plan and append its exceptions to `errors`; Scrapy would only log them."""

    async def collecting(ask: ProbeRequest) -> None:
        try:
            await plan(ask)
        except Exception as error:
            errors.append(error)

    return collecting


def _placeholder_source(url: str) -> Source:
    """Return a source for a seed that does not belong to one yet."""
    return Source.model_validate({"id": "probe", "name": "Probe", "home": url, "feeds": [url]})


def _reason(error: WirewatchError) -> str:
    return error.reason if isinstance(error, ParseError) else str(error)
