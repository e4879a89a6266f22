"""Recorded pages through the same pipelines: WARC files, ours or anybody's, and the archive's own raw pages."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.maintenance.reextraction import FieldChange, StoredArticle, changes, write
from crawler.archive.storage.warc_records import pack, page_from_record, read_stored_page
from crawler.archive.storage.writer_thread import MAX_GROUP, Writer
from crawler.clock import utc_now
from crawler.config.sources import Source
from crawler.exceptions import ArchiveError, ParseError, WorkerError
from crawler.items import FetchRecord, ProcessedPage
from crawler.models import Article, Page, Status
from crawler.sqlite.connection import Connection
from crawler.urls import host_of, registered_domain, url_key
from crawler.workers.pool import WorkerPool
from pipelines.process_page import EXTRACTOR_VERSION, processed_page
from pipelines.process_page import process_page as read
from spiders.listings.link_classifier import is_article_link

T = TypeVar("T")
R = TypeVar("R")
IN_FLIGHT = 8
"""Pages being read at once, by all children: enough that none waits, few enough that they fit in memory."""
WARC_HEAD_BYTES = 1 << 16
"""Bytes of a file that show what it is."""
MOST_SAID = 100
"""Characters of a library's message that may quote the file's bytes."""


@dataclass(slots=True)
class Replayed:
    """What became of the records of some files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """As in `fetches`, for pages that were read."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Why records were not read -> how many."""
    damaged: list[str] = field(default_factory=list)
    """Files that end in the middle, and where."""


async def replay(
    files: Sequence[Path],
    *,
    sources: Sequence[Source],
    reader: Connection,
    writer: Writer,
    workers: WorkerPool,
    forced: Source | None = None,
    every_page: bool = False,
) -> Replayed:
    """File the pages of WARC files. `forced`: the source of pages that belong to none.

    Left out, and counted with the reason: what is no HTML page, what belongs to no source, what is in the archive
    already, and, unless `every_page`, home pages and sections.
    """
    result = Replayed()
    owners = {domain: source for source in sources for domain in source.domains}

    ours: set[tuple[str, datetime]] = set()
    """Pages that Wirewatch fetched as articles: they are articles, whatever their URLs look like."""

    def relevant() -> Iterator[tuple[Page, Source]]:
        for page in _pages(files, result):
            source = owners.get(registered_domain(host_of(page.final_url))) or forced
            reason = _unwanted(page, source, reader)
            if reason:
                result.skipped[reason] += 1
            elif source is not None:
                if page.source:
                    ours.add((page.url, page.fetched_at))
                yield replace(page, source=source.id), source  # so that its new record says what the row does

    async def read_one(item: tuple[Page, Source]) -> tuple[Page, Source, ProcessedPage]:
        return *item, await _read(workers, *item)

    jobs = []
    async for page, source, reading in _each(relevant(), read_one):
        if (
            every_page
            or (page.url, page.fetched_at) in ours
            or _is_known(reader, page, source)
            or _is_article(page, reading.article)
        ):
            # Not awaited one by one, but in the order of the file: a later recording is a later revision.
            jobs.append(writer.submit(record_fetch, _fetch_record(page, source, reading)))
        else:
            result.skipped["not an article's page (--every-page stores it too)"] += 1
        while len(jobs) > MAX_GROUP:
            result.outcomes[(await asyncio.wrap_future(jobs.pop(0))).outcome] += 1
    for job in jobs:
        result.outcomes[(await asyncio.wrap_future(job)).outcome] += 1
    return result


async def reextract_entries(
    entries: Iterable[StoredArticle],
    *,
    sources: Sequence[Source],
    reader: Connection,
    warc_dir: Path,
    workers: WorkerPool,
) -> AsyncIterator[tuple[StoredArticle, ProcessedPage | None, tuple[FieldChange, ...]]]:
    """Each stored page read again, with the fields that come out otherwise; None where the page cannot be read."""
    by_id = {source.id: source for source in sources}

    async def one(entry: StoredArticle) -> tuple[StoredArticle, ProcessedPage | None, tuple[FieldChange, ...]]:
        source = by_id.get(entry.source)
        if source is None:
            return entry, None, ()
        try:
            page = replace(read_stored_page(reader, warc_dir, entry.page_id), link=entry.link)
            reading = await workers.run(read, page, source.hints)
        except (WorkerError, ArchiveError):
            return entry, None, ()
        if reading.article.status in (Status.BLOCKED, Status.FAILED):
            return entry, None, ()  # a wall or an error page is no revision, nor is a fault of the reader
        return entry, reading, changes(entry, reading.article)

    async for result in _each(entries, one):
        yield result


async def store_page(writer: Writer, entry: StoredArticle, reading: ProcessedPage) -> bool:
    """The new reading as a revision; False where the article has got a newer one meanwhile."""
    revision = await writer.do(
        write, entry, reading.article, reading.fingerprint, sketch=reading.sketch, extractor=EXTRACTOR_VERSION
    )
    return revision is not None


def _pages(files: Sequence[Path], result: Replayed) -> Iterator[Page]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    for path in files:
        try:
            with path.open("rb") as stream:
                if not _begins_as_warc(stream):
                    result.damaged.append(f"{path}: no WARC record at its beginning; name a WARC file")
                    continue
                for record in ArchiveIterator(stream):
                    yield from _page(record, result)
        except OSError as error:
            raise ParseError(str(path), f"{error.strerror}; name a WARC file") from error
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            said = "".join(char for char in str(error).strip().splitlines()[0] if char.isprintable())[:MOST_SAID]
            result.damaged.append(f"{path}: no WARC record ({said}); what stood before it was read")


def _begins_as_warc(stream: BinaryIO) -> bool:
    """warcio looks for records in any file, and complains of each that it takes for one."""
    head = stream.read(WARC_HEAD_BYTES)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, WARC_HEAD_BYTES)
        except zlib.error:
            return True  # a damaged one: the reader says where
    return not head or head.lstrip().startswith((b"WARC/", b"filedesc:"))


def _page(record: Any, result: Replayed) -> Iterator[Page]:
    try:
        page = page_from_record(record)
    except ParseError as error:
        result.skipped[error.reason] += 1
        return
    if page is not None:
        yield page
    elif record.rec_type == "response":
        result.skipped["not a readable HTTP response"] += 1


def _unwanted(page: Page, source: Source | None, reader: Connection) -> str | None:
    if "html" not in (page.header("Content-Type") or "html").lower():
        return "not an HTML page"
    if page.status != 200:
        return f"HTTP {page.status}"
    if source is None:
        return "of no source in sources.toml (--source ID files it under one)"
    if _is_stored(reader, page):
        return "in the archive already"
    return None


def _is_article(page: Page, article: Article) -> bool:
    """A recorded home page or section has a text too; its URL and its title tell it apart."""
    return article.title is not None and is_article_link(page.final_url, article.title)


def _is_stored(reader: Connection, page: Page) -> bool:
    from crawler.sqlite.values import format_utc

    row = reader.execute(
        "SELECT 1 FROM pages WHERE url = ? AND fetched_at = ? LIMIT 1", (page.url, format_utc(page.fetched_at))
    ).fetchone()
    return row is not None


def _is_known(reader: Connection, page: Page, source: Source) -> bool:
    rules = source.key_rules
    key = url_key(page.final_url, slug_identity=rules.slug_identity, keep_params=rules.keep_params)
    return reader.execute("SELECT 1 FROM article_urls WHERE key = ?", (key,)).fetchone() is not None


async def _read(workers: WorkerPool, page: Page, source: Source) -> ProcessedPage:
    try:
        return await workers.run(read, page, source.hints)
    except WorkerError as error:
        return processed_page(Article(status=Status.FAILED, reason=error.reason, reason_code=error.code), pack(page))


def _fetch_record(page: Page, source: Source, processed: ProcessedPage) -> FetchRecord:
    return FetchRecord(
        source=source, url=page.url, final_url=page.final_url, at=page.fetched_at, http_status=page.status,
        processed=processed, replayed_at=utc_now(),
    )  # fmt: skip


async def _each(items: Iterable[T], function: Callable[[T], Awaitable[R]]) -> AsyncIterator[R]:
    """`function` of each item, in order, IN_FLIGHT at a time."""
    running: list[asyncio.Task[Any]] = []
    for item in items:
        running.append(asyncio.ensure_future(function(item)))
        if len(running) >= IN_FLIGHT:
            yield await running.pop(0)
    for task in running:
        yield await task
