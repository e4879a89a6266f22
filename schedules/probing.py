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

from crawler.archive.connection import open_reader
from crawler.archive.writer import Writer
from crawler.config import Config, user_agent
from crawler.errors import UnreadableError, WirewatchError
from crawler.run import CrawlRun
from crawler.sources import Source, Way
from crawler.workers import Workers
from schedules.terminal import draw
from spiders.discovery import Found, read_way
from spiders.probe import Answer, Ask, Plan, Probe, Progress
from spiders.ways import Candidate, Outlet, Tried, find_ways, usual_places

if TYPE_CHECKING:
    from scrapy.settings import Settings

STALE = timedelta(days=30)
"""A feed whose newest link is older is kept by nobody any more; weeklies and quiet agencies publish within it."""
FEW_LISTED = 5
"""Article links below which a page is no listing: any page links to a few stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A way that was tried, and the addresses that it gave."""

    tried: Tried
    urls: frozenset[str] = frozenset()
    newest: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Findings:
    """What `add` found: filled by its plan."""

    outlet: Outlet | None = None
    readings: list[Reading] = field(default_factory=list)
    fault: str | None = None
    """One line: why there is no outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Asks, and has the answers parsed in child processes."""

    workers: Workers
    now: datetime

    async def try_way(self, ask: Ask, way: Way, source: Source, *, why: str = "") -> Reading:
        """Ask for one way; of an index of sitemaps, for its newest one too."""
        rendered = source.render and way.kind == "listing"
        answer = await ask(way.url, source=source.id, rendered=rendered)
        reading, found = await self._read(ask, answer, way, source)
        if not found.links and found.children:
            inner = await ask(found.children[0], source=source.id)
            reading, _ = await self._read(ask, inner, way, source)
            if reading.tried.fault:
                fault = f"its sitemap {found.children[0]}: {reading.tried.fault}"
                reading = replace(reading, tried=replace(reading.tried, fault=fault))
        return replace(reading, tried=replace(reading.tried, why=why))

    async def _read(self, ask: Ask, answer: Answer, way: Way, source: Source) -> tuple[Reading, Found]:
        fault = await _why(ask, answer)
        tried = Tried(url=way.url, kind=way.kind, http_status=answer.status, fault=fault)
        if tried.fault is not None:
            return Reading(tried=tried), Found()
        try:
            found = await self.workers.run(
                read_way, answer.body, way=way, url=answer.final_url, content_type=answer.content_type,
                source=source, now=self.now, last_polled_at=None,
            )  # fmt: skip
        except WirewatchError as error:
            return Reading(tried=replace(tried, fault=_reason(error))), Found()
        times = [instant.at for link in found.links if (instant := link.published or link.updated) is not None]
        newest = max(times, default=None)
        tried = replace(tried, links=len(found.links), newest=newest.strftime("%Y-%m-%d %H:%M") if newest else None)
        if not found.links and not found.children:
            tried = replace(tried, fault=found.note or "holds no links")
        return Reading(tried=tried, urls=frozenset(link.url for link in found.links), newest=newest), found

    def check_plan(self, sources: Sequence[Source], readings: dict[tuple[str, str], Reading]) -> Plan:
        """Tries every way of the sources; `readings` is filled by (source id, way URL)."""

        async def plan(ask: Ask) -> None:
            async def one(source: Source, way: Way) -> None:
                readings[source.id, way.url] = await self.try_way(ask, way, source)

            await asyncio.gather(*(one(source, way) for source in sources for way in source.ways))

        return plan

    def add_plan(self, url: str, findings: Findings) -> Plan:
        """Looks at a home page (or a feed) and tries what it names; `findings` is filled."""

        async def plan(ask: Ask) -> None:
            given: list[Reading] = []
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
                findings.readings = judged(await self._tried(ask, findings.outlet, given), self.now)
            else:
                findings.fault = f"{url}: {await _why(ask, answer)}"

        return plan

    async def _outlet(self, ask: Ask, answer: Answer, home: str) -> Outlet:
        robots = await ask(urljoin(home, "/robots.txt"))
        text = robots.body.decode("utf-8", "replace") if robots.fault is None else None
        return await self.workers.run(find_ways, answer.body, url=home, content_type=answer.content_type, robots=text)

    async def _outlet_of_feed(self, ask: Ask, home: str) -> Outlet:
        """The home page of a feed's host; where it cannot be read, the host alone."""
        answer = await ask(home)
        if answer.fault is None:
            try:
                return await self._outlet(ask, answer, answer.final_url)
            except WirewatchError:
                pass
        return await self.workers.run(find_ways, b"<html></html>", url=home, content_type=None, robots=None)

    async def _given(self, ask: Ask, url: str) -> Reading | None:
        """The given URL itself, where it is a feed or a sitemap."""
        for kind in ("feed", "sitemap"):
            way = Way.model_validate({"url": url, "kind": kind})
            reading = await self.try_way(ask, way, _stand_in(url), why="you")
            if reading.tried.fault is None:
                return reading
        return None

    async def _tried(self, ask: Ask, outlet: Outlet, given: Sequence[Reading]) -> list[Reading]:
        known = {reading.tried.url for reading in given}
        candidates = [candidate for candidate in outlet.candidates if candidate.url not in known]
        readings = [*given, *await asyncio.gather(*(self._try(ask, candidate) for candidate in candidates))]
        for kind in ("feed", "sitemap"):
            if any(reading.tried.fault is None and reading.tried.kind != "listing" for reading in readings):
                break
            for candidate in usual_places(outlet.home, kind):
                reading = await self._try(ask, candidate)
                if reading.tried.fault is None:
                    readings.append(reading)
                    break
        return readings

    async def _try(self, ask: Ask, candidate: Candidate) -> Reading:
        way = Way.model_validate({"url": candidate.url, "kind": candidate.kind})
        return await self.try_way(ask, way, _stand_in(candidate.url), why=candidate.why)


async def _why(ask: Ask, answer: Answer) -> str | None:
    """Why there is nothing to read. A host that cannot be reached has no robots.txt either: that is the reason then."""
    if answer.error is None:
        return answer.fault
    robots = await ask(urljoin(answer.url, "/robots.txt"))
    return robots.error or answer.error


def judged(readings: Sequence[Reading], now: datetime) -> list[Reading]:
    """Those that work but are not worth naming get a fault that says why: stale, repeated, or hardly a listing. Pure."""
    kept: list[Reading] = []
    seen: dict[str, Collection[str]] = {}
    for reading in sorted(readings, key=lambda one: ("feed", "sitemap", "listing").index(one.tried.kind)):
        fault = reading.tried.fault
        if fault is None and reading.newest is not None and reading.newest < now - STALE:
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
def probing_run(config: Config) -> Iterator[CrawlRun]:
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
        preload = ("spiders.discovery", "spiders.feeds", "spiders.ways")
        workers = Workers(processes=config.workers, seconds=config.parse_seconds, preload=preload)
        stack.enter_context(workers)
        yield CrawlRun(config=config, workers=workers, writer=writer, reader=reader, run_id=0)


def run_plans(
    plans: Sequence[tuple[Plan, dict[str, Any]]], run: CrawlRun, settings: Settings, shared: Mapping[str, Any]
) -> None:
    """Each plan in an engine of its own with its settings, all in this process, to their end.

    `shared`: settings of all of them. The resolver, which refuses private addresses, is the process's, not an engine's.
    """
    from scrapy.crawler import AsyncCrawlerProcess, Crawler

    from schedules.crawling import introduce

    # No spider is looked for by name, and a first outlet is added before there is a sources.toml.
    settings.setdict({**shared, "SPIDER_LOADER_CLASS": "scrapy.spiderloader.DummySpiderLoader"}, priority="cmdline")
    introduce(settings, run.config)
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
def _progress() -> Iterator[Progress | None]:
    """The URL that was asked for last, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def tell(url: str) -> None:
        draw(f"asking {url[:100]}")

    try:
        yield tell
    finally:
        draw("")


def _remembering(plan: Plan, errors: list[BaseException]) -> Plan:
    """A fault of ours ends the command instead of a log line."""

    async def remembered(ask: Ask) -> None:
        try:
            await plan(ask)
        except Exception as error:
            errors.append(error)

    return remembered


def _stand_in(url: str) -> Source:
    """A source for a way that belongs to none yet."""
    return Source.model_validate({"id": "probe", "name": "Probe", "home": url, "feeds": [url]})


def _reason(error: WirewatchError) -> str:
    return error.reason if isinstance(error, UnreadableError) else str(error)
