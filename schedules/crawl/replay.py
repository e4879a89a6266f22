"""Process recorded pages with the pipelines of a crawl: pages of WARC files, and the raw pages of the archive."""

from __future__ import annotations

import asyncio
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from crawler.archive.articles.headlines import learned_headlines
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
"""Pages that are processed at the same time: enough to keep all child processes busy, few enough to fit in memory."""
WARC_HEAD_BYTES = 1 << 16
"""Bytes at the beginning of a file in which a WARC record is recognised."""
MOST_SAID = 100
"""Characters of an error message of warcio, which may quote bytes of the file."""
ALREADY_STORED = "already in the archive"
"""Reason for which a page is left out."""


@dataclass(slots=True)
class Replayed:
    """Counts of the records of some WARC files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """`fetches.outcome` -> number of pages that were processed."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason for which records were left out -> their number."""
    damaged: list[str] = field(default_factory=list)
    """One line for each file that is damaged or no WARC file."""


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
    """Store the pages of WARC files under the source of their domain, or under `forced` if there is none.

    Pages are left out, and counted with the reason, if they are not HTML, belong to no source or are already stored;
    unless `every_page`, also home pages and sections. Raises ParseError if a file cannot be opened.
    """
    result = Replayed()
    owners = {domain: source for source in sources for domain in source.domains}

    ours: set[tuple[str, datetime]] = set()
    """Pages that Wirewatch fetched as articles; their URLs need not look like those of articles."""

    def relevant() -> Iterator[tuple[Page, Source]]:
        for page in _pages(files, result):
            source = owners.get(registered_domain(host_of(page.final_url))) or forced
            reason = _unwanted(page, source, reader)
            if reason:
                result.skipped[reason] += 1
            elif source is not None:
                if page.source:
                    ours.add((page.url, page.fetched_at))
                yield replace(page, source=source.id), source  # so that the new WARC record has the source of the row

    headlines = learned_headlines(reader)

    async def read_one(item: tuple[Page, Source]) -> tuple[Page, Source, ProcessedPage]:
        return *item, await _read(workers, *item, headlines.get(item[1].id))

    jobs = []
    async for page, source, reading in _each(relevant(), read_one):
        if (
            every_page
            or (page.url, page.fetched_at) in ours
            or _is_known(reader, page, source)
            or _is_article(page, reading.article)
        ):
            # Submitted in the order of the file, so that a later record becomes a later revision; awaited in groups.
            jobs.append(writer.submit(record_fetch, _fetch_record(page, source, reading)))
        else:
            result.skipped["URL and title are not those of an article (--every-page stores it too)"] += 1
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
    """Extract each stored page again. Yields it with the new result and the changed fields; None if extraction failed."""
    by_id = {source.id: source for source in sources}
    headlines = learned_headlines(reader)

    async def one(entry: StoredArticle) -> tuple[StoredArticle, ProcessedPage | None, tuple[FieldChange, ...]]:
        source = by_id.get(entry.source)
        if source is None:
            return entry, None, ()
        try:
            page = replace(read_stored_page(reader, warc_dir, entry.page_id), link=entry.link)
            reading = await workers.run(read, page, replace(source.hints, headline=headlines.get(source.id)))
        except (WorkerError, ArchiveError):
            return entry, None, ()
        if reading.article.status in (Status.BLOCKED, Status.FAILED):
            return entry, None, ()  # a wall, an error page or a failed extraction makes no revision
        return entry, reading, changes(entry, reading.article)

    async for result in _each(entries, one):
        yield result


async def store_page(writer: Writer, entry: StoredArticle, reading: ProcessedPage) -> bool:
    """Store a new extraction as a revision. Returns False if the article has a newer revision by now."""
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
                    result.damaged.append(f"{path}: not a WARC file")
                    continue
                for record in ArchiveIterator(stream):
                    yield from _page(record, result)
        except OSError as error:
            raise ParseError(str(path), f"{error.strerror}; expected a WARC file") from error
        except (ArchiveLoadFailed, EOFError, ValueError) as error:
            said = "".join(char for char in str(error).strip().splitlines()[0] if char.isprintable())[:MOST_SAID]
            result.damaged.append(f"{path}: damaged record ({said}); the records before it were processed")


def _begins_as_warc(stream: BinaryIO) -> bool:
    """Whether a file begins like a WARC file. warcio would search any file for records."""
    head = stream.read(WARC_HEAD_BYTES)
    stream.seek(0)
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, WARC_HEAD_BYTES)
        except zlib.error:
            return True  # a damaged file: warcio reports the place
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
        return "no source in sources.toml has this domain (--source ID stores it under one)"
    if _is_stored(reader, page):
        return ALREADY_STORED
    return None


def _is_article(page: Page, article: Article) -> bool:
    """Whether a page is an article, by URL and title: home pages and sections have texts too."""
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


async def _read(workers: WorkerPool, page: Page, source: Source, headline: str | None) -> ProcessedPage:
    try:
        return await workers.run(read, page, replace(source.hints, headline=headline))
    except WorkerError as error:
        return processed_page(Article(status=Status.FAILED, reason=error.reason, reason_code=error.code), pack(page))


def _fetch_record(page: Page, source: Source, processed: ProcessedPage) -> FetchRecord:
    return FetchRecord(
        source=source, url=page.url, final_url=page.final_url, at=page.fetched_at, http_status=page.status,
        processed=processed, replayed_at=utc_now(),
    )  # fmt: skip


async def _each(items: Iterable[T], function: Callable[[T], Awaitable[R]]) -> AsyncIterator[R]:
    """Yield the result of `function` for each item, in order, with IN_FLIGHT calls at a time."""
    running: list[asyncio.Task[Any]] = []
    for item in items:
        running.append(asyncio.ensure_future(function(item)))
        if len(running) >= IN_FLIGHT:
            yield await running.pop(0)
    for task in running:
        yield await task
