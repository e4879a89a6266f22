"""Trying ways in, live: what `scrapy sources add` and `scrapy sources check` do between asking and telling."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from schedules.cli.output import draw_progress
from spiders.autodiscovery.candidates import Candidate, Outlet, Tried, discover_seeds, usual_seed_urls
from spiders.documents import ParsedDocument, parse_document
from spiders.probe import Plan, Probe, ProbeProgress, ProbeRequest, ProbeResponse

if TYPE_CHECKING:
    from scrapy.settings import Settings

STALE_FEED = timedelta(days=30)
"""A feed whose newest link is older is kept by nobody any more; weeklies and quiet agencies publish within it."""
FEW_LISTED = 5
"""Article links below which a page is no listing: any page links to a few stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbedSeed:
    """A way that was tried, and the addresses that it gave."""

    tried: Tried
    urls: frozenset[str] = frozenset()
    newest: datetime | None = None


@dataclass(slots=True, kw_only=True)
class OutletProbe:
    """What `add` found: filled by its plan."""

    outlet: Outlet | None = None
    readings: list[ProbedSeed] = field(default_factory=list)
    fault: str | None = None
    """One line: why there is no outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Asks, and has the answers parsed in child processes."""

    workers: WorkerPool
    now: datetime

    async def try_seed(self, ask: ProbeRequest, seed: Seed, source: Source, *, why: str = "") -> ProbedSeed:
        """Ask for one way; of an index of sitemaps, for its newest one too."""
        rendered = source.render and seed.kind == "listing"
        answer = await ask(seed.url, source=source.id, rendered=rendered)
        reading, found = await self._read(ask, answer, seed, source)
        if not found.links and found.children:
            inner = await ask(found.children[0], source=source.id)
            reading, _ = await self._read(ask, inner, seed, source)
            if reading.tried.fault:
                fault = f"its sitemap {found.children[0]}: {reading.tried.fault}"
                reading = replace(reading, tried=replace(reading.tried, fault=fault))
        return replace(reading, tried=replace(reading.tried, why=why))

    async def _read(
        self, ask: ProbeRequest, answer: ProbeResponse, seed: Seed, source: Source
    ) -> tuple[ProbedSeed, ParsedDocument]:
        fault = await _why(ask, answer)
        tried = Tried(url=seed.url, kind=seed.kind, http_status=answer.status, fault=fault)
        if tried.fault is not None:
            return ProbedSeed(tried=tried), ParsedDocument()
        try:
            found = await self.workers.run(
                parse_document, answer.body, seed=seed, url=answer.final_url, content_type=answer.content_type,
                source=source, now=self.now, last_polled_at=None,
            )  # fmt: skip
        except WirewatchError as error:
            return ProbedSeed(tried=replace(tried, fault=_reason(error))), ParsedDocument()
        times = [timestamp.at for link in found.links if (timestamp := link.published or link.updated) is not None]
        newest = max(times, default=None)
        tried = replace(tried, links=len(found.links), newest=newest.strftime("%Y-%m-%d %H:%M") if newest else None)
        if not found.links and not found.children:
            tried = replace(tried, fault=found.note.text if found.note else "holds no links")
        return ProbedSeed(tried=tried, urls=frozenset(link.url for link in found.links), newest=newest), found

    def check_plan(self, sources: Sequence[Source], readings: dict[tuple[str, str], ProbedSeed]) -> Plan:
        """Tries every way of the sources; `readings` is filled by (source id, way URL)."""

        async def plan(ask: ProbeRequest) -> None:
            async def one(source: Source, seed: Seed) -> None:
                readings[source.id, seed.url] = await self.try_seed(ask, seed, source)

            await asyncio.gather(*(one(source, seed) for source in sources for seed in source.seeds))

        return plan

    def add_plan(self, url: str, findings: OutletProbe) -> Plan:
        """Looks at a home page (or a feed) and tries what it names; `findings` is filled."""

        async def plan(ask: ProbeRequest) -> None:
            given: list[ProbedSeed] = []
            answer = await ask(url)
            if answer.fault is None:
                home = answer.final_url
                try:
                    findings.outlet = await self._outlet(ask, answer, home)
                except WirewatchError as error:
                    reading = await self._given(ask, url)
                    if reading is None:
                        findings.fault = f"{url}: {_reason(error)}"
                        return
                    given.append(reading)
                    home = urljoin(home, "/")
                    findings.outlet = await self._outlet_of_feed(ask, home)
                findings.readings = judge_seeds(await self._tried(ask, findings.outlet, given), self.now)
            else:
                findings.fault = f"{url}: {await _why(ask, answer)}"

        return plan

    async def _outlet(self, ask: ProbeRequest, answer: ProbeResponse, home: str) -> Outlet:
        robots = await ask(urljoin(home, "/robots.txt"))
        text = robots.body.decode("utf-8", "replace") if robots.fault is None else None
        return await self.workers.run(
            discover_seeds, answer.body, url=home, content_type=answer.content_type, robots=text
        )

    async def _outlet_of_feed(self, ask: ProbeRequest, home: str) -> Outlet:
        """The home page of a feed's host; where it cannot be read, the host alone."""
        answer = await ask(home)
        if answer.fault is None:
            try:
                return await self._outlet(ask, answer, answer.final_url)
            except WirewatchError:
                pass
        return await self.workers.run(discover_seeds, b"<html></html>", url=home, content_type=None, robots=None)

    async def _given(self, ask: ProbeRequest, url: str) -> ProbedSeed | None:
        """The given URL itself, where it is a feed or a sitemap."""
        for kind in ("feed", "sitemap"):
            seed = Seed.model_validate({"url": url, "kind": kind})
            reading = await self.try_seed(ask, seed, _stand_in(url), why="you")
            if reading.tried.fault is None:
                return reading
        return None

    async def _tried(self, ask: ProbeRequest, outlet: Outlet, given: Sequence[ProbedSeed]) -> list[ProbedSeed]:
        known = {reading.tried.url for reading in given}
        candidates = [candidate for candidate in outlet.candidates if candidate.url not in known]
        readings = [*given, *await asyncio.gather(*(self._try(ask, candidate) for candidate in candidates))]
        for kind in ("feed", "sitemap"):
            if any(reading.tried.fault is None and reading.tried.kind != "listing" for reading in readings):
                break
            for candidate in usual_seed_urls(outlet.home, kind):
                reading = await self._try(ask, candidate)
                if reading.tried.fault is None:
                    readings.append(reading)
                    break
        return readings

    async def _try(self, ask: ProbeRequest, candidate: Candidate) -> ProbedSeed:
        seed = Seed.model_validate({"url": candidate.url, "kind": candidate.kind})
        return await self.try_seed(ask, seed, _stand_in(candidate.url), why=candidate.why)


async def _why(ask: ProbeRequest, answer: ProbeResponse) -> str | None:
    """Why there is nothing to read. A host that cannot be reached has no robots.txt either: that is the reason then."""
    if answer.error is None:
        return answer.fault
    robots = await ask(urljoin(answer.url, "/robots.txt"))
    return robots.error or answer.error


def judge_seeds(readings: Sequence[ProbedSeed], now: datetime) -> list[ProbedSeed]:
    """Those that work but are not worth naming get a fault that says why: stale, repeated, or hardly a listing. Pure."""
    kept: list[ProbedSeed] = []
    seen: dict[str, Collection[str]] = {}
    for reading in sorted(readings, key=lambda one: ("feed", "sitemap", "listing").index(one.tried.kind)):
        fault = reading.tried.fault
        if fault is None and reading.newest is not None and reading.newest < now - STALE_FEED:
            fault = f"stale: its newest link is of {reading.newest:%Y-%m-%d}"
        if fault is None and reading.tried.kind == "listing" and len(reading.urls) < FEW_LISTED:
            fault = f"hardly a listing: {len(reading.urls)} article links"
        if fault is None:
            twin = next((url for url, urls in seen.items() if reading.urls and reading.urls <= set(urls)), None)
            fault = f"says nothing that {twin} does not" if twin else None
        if fault is None:
            seen[reading.tried.url] = reading.urls
        kept.append(replace(reading, tried=replace(reading.tried, fault=fault)))
    return kept


@contextlib.contextmanager
def probing_run(config: AppConfig) -> Iterator[CrawlContext]:
    """What requests need: children to parse in, and an archive that knows who asked us to wait, and their robots.txt.

    Where there is no archive yet, one that is thrown away: looking at an outlet is no crawl.
    """
    with tempfile.TemporaryDirectory(prefix="wirewatch-") as scratch, contextlib.ExitStack() as stack:
        folder = config.data_dir if config.archive_db.exists() else Path(scratch)
        writer = Writer(
            folder / config.archive_db.name, folder / config.warc_dir.name, operator=user_agent(config.contact)
        )
        stack.enter_context(writer)
        reader = open_reader(folder / config.archive_db.name)
        stack.callback(reader.close)
        preload = ("spiders.documents", "spiders.feeds.parser", "spiders.autodiscovery.candidates")
        workers = WorkerPool(processes=config.workers, seconds=config.parse_timeout, preload=preload)
        stack.enter_context(workers)
        yield CrawlContext(config=config, workers=workers, writer=writer, reader=reader, run_id=0)


def run_plans(
    plans: Sequence[tuple[Plan, dict[str, Any]]], run: CrawlContext, settings: Settings, shared: Mapping[str, Any]
) -> None:
    """Each plan in an engine of its own with its settings, all in this process, to their end.

    `shared`: settings of all of them. The resolver, which refuses private addresses, is the process's, not an engine's.
    """
    from scrapy.crawler import AsyncCrawlerProcess, Crawler

    from schedules.crawl.runner import apply_contact

    # No spider is looked for by name, and a first outlet is added before there is a sources.toml.
    settings.setdict({**shared, "SPIDER_LOADER_CLASS": "scrapy.spiderloader.DummySpiderLoader"}, priority="cmdline")
    apply_contact(settings, run.config)
    process = AsyncCrawlerProcess(settings)
    errors: list[BaseException] = []
    with _progress() as progress:
        for plan, further in plans:
            own = settings.copy()
            own.setdict({"ITEM_PIPELINES": {}, **further}, priority="cmdline")
            process.crawl(Crawler(Probe, own), plan=_remembering(plan, errors), run=run, progress=progress)
        process.start()
    if errors:
        raise errors[0]


@contextlib.contextmanager
def _progress() -> Iterator[ProbeProgress | None]:
    """The URL that was asked for last, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def notify(url: str) -> None:
        draw_progress(f"asking {url[:100]}")

    try:
        yield notify
    finally:
        draw_progress("")


def _remembering(plan: Plan, errors: list[BaseException]) -> Plan:
    """A fault of ours ends the command instead of a log line."""

    async def remembered(ask: ProbeRequest) -> None:
        try:
            await plan(ask)
        except Exception as error:
            errors.append(error)

    return remembered


def _stand_in(url: str) -> Source:
    """A source for a way that belongs to none yet."""
    return Source.model_validate({"id": "probe", "name": "Probe", "home": url, "feeds": [url]})


def _reason(error: WirewatchError) -> str:
    return error.reason if isinstance(error, ParseError) else str(error)
