"""Process recorded pages with the pipelines of a crawl: WARC files of Wirewatch or of other programs.

A file is cut into units of some pages. A unit is stored in one transaction with its row in `completed_tasks`, so a replay that
was killed continues where it stopped, and a repeated one changes nothing.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
import logging
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from crawler.archive.articles.headlines import learned_headlines
from crawler.archive.articles.record_fetch import FetchOutcome
from crawler.archive.articles.recorded_pages import (
    RETRIED,
    Recorded,
    RecordedPage,
    has_failed,
    record_recorded_page,
    recorded_state,
)
from crawler.archive.storage.completed_tasks import Task, TaskResult, file_once, forget_task, result_of_task
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import pack
from crawler.archive.storage.writer_thread import Writer
from crawler.config.sources import Source
from crawler.exceptions import WorkerError
from crawler.items import FetchRecord, ProcessedPage
from crawler.models import Article, Page, Status
from crawler.reasons import ReasonCode
from crawler.sqlite.connection import Connection
from crawler.urls import host_of, registered_domain
from crawler.workers.protocol import Workers
from pipelines.process_page import EXTRACTOR_VERSION, process_page, processed_page
from schedules.crawl.recordings import RecordedUnit, read_units
from spiders.listings.link_classifier import is_article_link

log = logging.getLogger(__name__)
UNITS_WAITING = 2
"""Units that wait for the writer: more would make its transaction longer, and other processes wait for the write lock."""
ALREADY_STORED = "already in the archive"
NOT_AN_ARTICLE = "URL and title are not those of an article (--every-page stores it too)"
_LEFT_OUT = {
    ReasonCode.ALREADY_STORED: ALREADY_STORED,
    ReasonCode.NOT_AN_ARTICLE: NOT_AN_ARTICLE,
    ReasonCode.FORGOTTEN: "removed with `scrapy archive forget`",
}
Results = list["FetchOutcome | ReasonCode"]


@dataclass(slots=True)
class Replayed:
    """What became of the records of some files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """As in `fetches`, for pages that were read."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why records were not read -> how many."""
    damaged: list[str] = field(default_factory=list)
    """Files that end in the middle, and where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The settings and parts of one replay."""

    sources: Sequence[Source]
    reader: Connection
    writer: Writer
    workers: Workers
    now: datetime
    forced: Source | None = None
    """The source of pages that belong to none."""
    every_page: bool = False
    """Store home pages and sections, too."""

    async def run(self, files: Sequence[Path]) -> Replayed:
        """Store the pages of the files, in their order: a later recording is a later revision.

        Left out, and counted with the reason: what is not an HTML page, what belongs to no source, what is in the archive
        already, and home pages and sections.
        """
        result = Replayed()
        waiting: deque[tuple[RecordedUnit, int, Future[Results | None]]] = deque()
        pages: list[RecordedPage] = []
        stored = 0
        async for item in in_order(
            self._items(files, result),
            functools.partial(self._extracted, learned_headlines(self.reader)),
            in_flight=lambda: self.workers.in_flight,
        ):
            if isinstance(item, RecordedPage):
                pages.append(item)
            elif isinstance(item, RecordedUnit):
                future = self.writer.submit(_store_unit, item, tuple(pages), stored, self.now)
                waiting.append((item, stored, future))
                pages, stored = [], 0
            else:
                stored += 1
            while len(waiting) > UNITS_WAITING:
                await _collect(waiting.popleft(), result)
        while waiting:
            await _collect(waiting.popleft(), result)
        return result

    def _items(
        self, files: Sequence[Path], result: Replayed
    ) -> Iterator[tuple[Page, Source, Workers] | Recorded | RecordedUnit]:
        """The pages to extract; `Recorded.STORED` for one that is stored; each unit after its pages."""
        by_id = {source.id: source for source in self.sources}
        owners = {domain: source for source in self.sources for domain in source.domains}
        settings = self._settings()
        for path in files:
            workers = self.workers.labelled(path.name)
            for unit in read_units(path, settings=settings, earlier=functools.partial(result_of_task, self.reader)):
                result.skipped.update(unit.left_out)
                if unit.damage is not None:
                    result.damaged.append(unit.damage)
                if unit.earlier is not None:
                    result.skipped[ALREADY_STORED] += unit.earlier["pages"]
                    continue
                for page in unit.pages:
                    owner = by_id.get(page.source) or owners.get(registered_domain(host_of(page.final_url)))
                    source = owner or self.forced
                    reason = _reason_to_skip(page, source)
                    if source is None or reason is not None:
                        result.skipped[reason or ""] += 1
                    elif recorded_state(self.reader, page, source.id) is Recorded.STORED:
                        result.skipped[ALREADY_STORED] += 1
                        yield Recorded.STORED
                    else:
                        yield page, source, workers
                yield unit

    def _settings(self) -> str:
        """What the results depend on, apart from the bytes of the file."""
        sources = [
            (source.id, sorted(source.domains), repr(source.hints), repr(source.key_rules)) for source in self.sources
        ]
        forced = self.forced.id if self.forced else None
        settings = json.dumps([EXTRACTOR_VERSION, self.every_page, forced, sorted(sources)])
        return hashlib.sha256(settings.encode()).hexdigest()

    async def _extracted(
        self, headlines: Mapping[str, str], item: tuple[Page, Source, Workers] | Recorded | RecordedUnit
    ) -> RecordedPage | Recorded | RecordedUnit:
        if not isinstance(item, tuple):
            return item
        page, source, workers = item
        processed = await extracted(workers, replace(page, source=source.id), source, headlines.get(source.id))
        is_article = (
            self.every_page
            or bool(page.source)  # Wirewatch fetched it as an article, whatever its URL looks like
            or _looks_like_article(page, processed.article)
        )
        fetch = FetchRecord(
            source=source, url=page.url, final_url=page.final_url, at=page.fetched_at, http_status=page.status,
            processed=processed, replayed_at=self.now,
        )  # fmt: skip
        return RecordedPage(fetch=fetch, is_article=is_article)


async def extracted(workers: Workers, page: Page, source: Source, headline: str | None) -> ProcessedPage:
    """Extract a page elsewhere. A page on which our parser fails has the status `failed` and the reason."""
    try:
        return await workers.run(process_page, page, replace(source.hints, headline=headline))
    except WorkerError as error:
        reason, code = error.reason, error.code
    except Exception as error:  # a bug must not cost the other pages
        log.exception("%s: extraction failed", page.url)
        reason, code = f"extraction failed: {type(error).__name__}: {error}", ReasonCode.PARSER_FAILED
    return processed_page(Article(status=Status.FAILED, reason=reason, reason_code=code), pack(page))


def _store_unit(
    store: ArchiveStore, unit: RecordedUnit, pages: Sequence[RecordedPage], stored: int, now: datetime
) -> Results | None:
    """Store the pages of a unit and mark it as completed. `stored`: pages of it that were stored before."""

    def summary(results: Sequence[FetchOutcome | ReasonCode]) -> TaskResult | None:
        if unit.end <= unit.start or any(has_failed(page.fetch) for page in pages):
            return None
        there = stored + sum(result not in (ReasonCode.NOT_AN_ARTICLE, ReasonCode.FORGOTTEN) for result in results)
        return {"end": unit.end, "sha256": unit.sha256, "pages": there}

    known = result_of_task(store.db, unit.key)
    if known is not None and known["sha256"] != unit.sha256:  # a damaged file was replaced
        forget_task(store, unit.key)
    task = Task(key=unit.key, what=f"replay {unit.path.name}, bytes {unit.start} to {unit.end}")
    calls = [functools.partial(record_recorded_page, recorded=page) for page in pages]
    return file_once(store, task, calls, at=now, summarize=summary)


async def _collect(waiting: tuple[RecordedUnit, int, Future[Results | None]], result: Replayed) -> None:
    unit, stored, future = waiting
    results = await asyncio.wrap_future(future)
    if results is None:  # another process stored it in the meantime
        result.skipped[ALREADY_STORED] += len(unit.pages) - stored
        return
    for one in results:
        if isinstance(one, FetchOutcome):
            result.outcomes[one.outcome] += 1
        else:
            result.skipped[_LEFT_OUT[one]] += 1


def _reason_to_skip(page: Page, source: Source | None) -> str | None:
    if page.source:  # a record of Wirewatch's own: whatever a crawl would extract
        if page.status >= 300:
            return f"HTTP {page.status}"
    elif "html" not in (page.header("Content-Type") or "html").lower():
        return "not an HTML page"
    elif page.status != 200:
        return f"HTTP {page.status}"
    return None if source is not None else "no source in sources.toml has this domain (--source ID stores it under one)"


def _looks_like_article(page: Page, article: Article) -> bool:
    """A recorded home page or section has a text, too; its URL and its title distinguish it."""
    if article.reason_code in RETRIED:  # its title is not known
        return is_article_link(page.final_url, "")
    return article.title is not None and is_article_link(page.final_url, article.title)


T = TypeVar("T")
R = TypeVar("R")


async def in_order(
    items: Iterable[T], function: Callable[[T], Awaitable[R]], *, in_flight: Callable[[], int]
) -> AsyncIterator[R]:
    """The results of `function` on each item, in order; at most `in_flight()` calls run at a time."""
    running: deque[asyncio.Task[Any]] = deque()
    for item in items:
        running.append(asyncio.ensure_future(function(item)))
        while len(running) >= in_flight():
            yield await running.popleft()
    while running:
        yield await running.popleft()
