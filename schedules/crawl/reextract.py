"""Extract the archive's raw pages again: which fields change, and the revisions that result.

With `write`, a unit of articles is stored in one transaction with its row in `completed_tasks`, so an interrupted
re-extraction continues where it stopped, and a repeated one does nothing.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from crawler.archive.articles.headlines import learned_headlines
from crawler.archive.articles.record_fetch import FetchOutcome, record_fetch
from crawler.archive.articles.recorded_pages import RETRIED
from crawler.archive.maintenance.reextraction import (
    FieldChange,
    StoredArticle,
    UnextractedPage,
    article_units,
    changes,
    queued_link,
    unextracted_page_units,
    write,
)
from crawler.archive.storage.completed_tasks import Task, file_once, result_of_task
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import read_stored_page
from crawler.archive.storage.writer_thread import Writer
from crawler.config.sources import Source
from crawler.crawl_state import QueueEntry
from crawler.exceptions import ArchiveError
from crawler.items import FetchRecord, ProcessedPage
from crawler.models import Link, Page, Status
from crawler.sqlite.connection import Connection
from crawler.urls import url_key
from crawler.workers.protocol import Workers
from pipelines.process_page import EXTRACTOR_VERSION
from schedules.crawl.replay import extracted, in_order

EXAMPLES = 3
"""Examples kept for each changed field."""
_READ = frozenset({Status.OK, Status.TEASER})

_Entry = StoredArticle | UnextractedPage
_Stored = Sequence["int | FetchOutcome | None"]


@dataclass(slots=True)
class Reextracted:
    """The result of a re-extraction."""

    read: int = 0
    unreadable: int = 0
    """Of `read`: pages that could not be extracted, or look like walls now."""
    done_before: int = 0
    """Pages that this extractor read before, with the same settings."""
    recovered: int = 0
    """Pages without a revision that can be read now."""
    written: int = 0
    """Revisions stored."""
    fields: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[str, FieldChange]]] = field(default_factory=dict)
    """Field -> URL and change of the first articles."""
    faults: list[str] = field(default_factory=list)
    """Rows and raw pages that are damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    entries: tuple[_Entry, ...]
    key: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One page that was extracted again."""

    entry: _Entry
    call: Callable[[ArchiveStore], int | FetchOutcome | None] | None = None
    """Stores it; None if there is nothing to store."""
    changed: tuple[FieldChange, ...] = ()
    is_readable: bool = False
    is_final: bool = True
    """False: it may be readable at the next attempt."""
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reextraction:
    """The settings and parts of one re-extraction."""

    sources: Mapping[str, Source]
    reader: Connection
    workers: Workers
    warc_dir: Path
    now: datetime
    writer: Writer | None = None
    """None: nothing is stored."""

    async def run(self, names: tuple[str, ...] = ()) -> Reextracted:
        """Extract the pages of these sources again; of all if there are no names."""
        result = Reextracted()
        readings: list[_Reading] = []
        waiting: deque[Future[_Stored | None]] = deque()
        async for item in in_order(
            self._items(names, result),
            functools.partial(self._extracted, learned_headlines(self.reader)),
            in_flight=lambda: self.workers.in_flight,
        ):
            if isinstance(item, _Reading):
                readings.append(item)
                _count(item, result)
                continue
            if self.writer is not None:
                waiting.append(self.writer.submit(_store_unit, item, tuple(readings), self.now))
            readings = []
            while len(waiting) > 2:
                _count_stored(await asyncio.wrap_future(waiting.popleft()), result)
        for future in waiting:
            _count_stored(await asyncio.wrap_future(future), result)
        return result

    def _items(self, names: tuple[str, ...], result: Reextracted) -> Iterator[_Entry | _Unit]:
        units: Iterable[tuple[_Entry, ...]] = chain(
            article_units(self.reader, sources=names), unextracted_page_units(self.reader, sources=names)
        )
        for entries in units:
            if not entries:
                continue
            unit = self._unit(entries)
            if self.writer is not None and result_of_task(self.reader, unit.key) is not None:
                result.done_before += len(entries)
                continue
            yield from entries
            yield unit

    def _unit(self, entries: tuple[_Entry, ...]) -> _Unit:
        pages = [
            (entry.article_id if isinstance(entry, StoredArticle) else None, entry.page_id, entry.source)
            for entry in entries
        ]
        hints = [
            (name, repr(self.sources[name].hints))
            for name in sorted({entry.source for entry in entries})
            if name in self.sources
        ]
        digest = hashlib.sha256(json.dumps([EXTRACTOR_VERSION, hints, pages]).encode()).hexdigest()
        what = f"reextract, raw pages {min(page for _, page, _ in pages)} to {max(page for _, page, _ in pages)}"
        return _Unit(entries=entries, key=f"reextract {digest}", what=what)

    async def _extracted(self, headlines: Mapping[str, str], item: _Entry | _Unit) -> _Reading | _Unit:
        if isinstance(item, _Unit):
            return item
        source = self.sources.get(item.source)
        if source is None:
            return _Reading(entry=item)
        try:
            page = read_stored_page(self.reader, self.warc_dir, item.page_id)
        except ArchiveError as error:
            return _Reading(entry=item, is_final=False, fault=str(error))
        if isinstance(item, UnextractedPage):
            return await self._unextracted(item, page, source, headlines.get(source.id))
        processed = await extracted(self.workers, replace(page, link=item.link), source, headlines.get(source.id))
        article = processed.article
        if article.status in (Status.BLOCKED, Status.FAILED):  # a wall or an error page is not a revision
            return _Reading(entry=item, is_final=article.reason_code not in RETRIED)
        changed = changes(item, article)
        call = functools.partial(
            write, stored=item, article=article, fingerprint=processed.fingerprint, sketch=processed.sketch,
            event_features=processed.event_features, extractor=EXTRACTOR_VERSION,
        ) if changed else None  # fmt: skip
        return _Reading(entry=item, is_readable=True, changed=changed, call=call)

    async def _unextracted(self, entry: UnextractedPage, page: Page, source: Source, headline: str | None) -> _Reading:
        rules = source.key_rules
        key = url_key(page.url, slug_identity=rules.slug_identity, keep_params=rules.keep_params)
        link_id, link = queued_link(self.reader, key) or (None, None)
        processed = await extracted(self.workers, replace(page, link=link), source, headline)
        article = processed.article
        if article.status not in _READ and not (article.status is Status.EMPTY and entry.parser_failed):
            return _Reading(entry=entry, is_final=article.reason_code not in RETRIED)
        fetch = _fetch_of(page, source, processed, key, link_id, link, self.now)
        return _Reading(entry=entry, is_readable=True, call=functools.partial(record_fetch, fetch=fetch))


def _fetch_of(
    page: Page,
    source: Source,
    processed: ProcessedPage,
    key: str,
    link_id: int | None,
    link: Link | None,
    now: datetime,
) -> FetchRecord:
    entry = QueueEntry(key=key, url=page.url, link_id=link_id, link=link) if link is not None else None
    return FetchRecord(
        source=source, url=page.url, final_url=page.final_url, at=page.fetched_at, http_status=page.status, entry=entry,
        processed=processed, replayed_at=now,
    )  # fmt: skip


def _store_unit(store: ArchiveStore, unit: _Unit, readings: Sequence[_Reading], now: datetime) -> _Stored | None:
    is_final = all(reading.is_final for reading in readings)
    calls = [reading.call for reading in readings if reading.call is not None]
    return file_once(
        store, Task(key=unit.key, what=unit.what), calls, at=now,
        summarize=lambda _: {"pages": len(readings)} if is_final else None,
    )  # fmt: skip


def _count(reading: _Reading, result: Reextracted) -> None:
    result.read += 1
    result.unreadable += not reading.is_readable
    result.recovered += reading.is_readable and isinstance(reading.entry, UnextractedPage)
    if reading.fault is not None:
        result.faults.append(reading.fault)
    if isinstance(reading.entry, StoredArticle) and reading.entry.fault is not None:
        result.faults.append(f"revisions row {reading.entry.revision_id}: {reading.entry.fault}")
    for change in reading.changed:
        result.fields[change.field] += 1
        examples = result.examples.setdefault(change.field, [])
        if len(examples) < EXAMPLES:
            examples.append((reading.entry.url, change))


def _count_stored(stored: _Stored | None, result: Reextracted) -> None:
    for one in stored or ():
        result.written += one is not None if not isinstance(one, FetchOutcome) else one.revision_id is not None
