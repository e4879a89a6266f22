"""Articles, pages, fetches and polls of a fictional outlet, with defaults, and an archive to record them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from crawler.archive.articles.record_fetch import FetchOutcome, record_fetch
from crawler.archive.crawl.polls import PollOutcome, record_poll
from crawler.archive.crawl.runs import begin_run
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import pack
from crawler.config.sources import Source
from crawler.crawl_state import QueueEntry
from crawler.items import FetchRecord, PollRecord
from crawler.models import Article, Block, Byline, Link, Page, ResponseStatus, Status, Timestamp
from crawler.reasons import Reason, ReasonCode
from pipelines.process_page import processed_page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
HOME = "https://harbour-gazette.example"
SOURCE = Source.model_validate(
    {"id": "gazette", "name": "The Harbour Gazette", "home": f"{HOME}/", "feeds": [f"{HOME}/rss"], "language": "en"}
)
TEXT = (
    "The harbour council voted on Tuesday to close the northern pier to cargo ships.",
    "Two of its nine members spoke against the closure, which begins in June.",
)


def hour(count: float) -> datetime:
    """The time `count` hours after NOW."""
    return NOW + timedelta(hours=count)


def article(*paragraphs: str, title: str | None = "Council closes northern pier", **known: Any) -> Article:
    """An extracted article; its text is TEXT unless paragraphs are given."""
    blocks = tuple(Block(text=text) for text in paragraphs or TEXT)
    defaults: dict[str, Any] = {
        "status": Status.OK,
        "bylines": (Byline(name="Mara Voss"),),
        "published": Timestamp(at=hour(-1), offset_minutes=120, provenance="json-ld"),
        "language": "en",
    }
    return Article(title=title, blocks=blocks, **{**defaults, **known})


def page(url: str = f"{HOME}/news/pier-closes", body: bytes | None = None, **known: Any) -> Page:
    """A response with a page; each URL has a body of its own unless a body is given."""
    defaults: dict[str, Any] = {
        "source": "gazette",
        "final_url": url,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
        "fetched_at": NOW,
    }
    return Page(url=url, body=body if body is not None else f"<html>{url}</html>".encode(), **{**defaults, **known})


def record(
    read: Article | None = None,
    received: Page | None = None,
    *,
    at: datetime = NOW,
    source: Source = SOURCE,
    status: str = "content",
    reason: str | None = None,
    code: ReasonCode = ReasonCode.DOWNLOAD_FAILED,
    link: Link | None = None,
    link_id: int | None = None,
    queue_key: str = "",
    **known: Any,
) -> FetchRecord:
    """A fetch in which the article `read` was extracted from the page `received`; without `read`, a fetch without an article."""
    received = received if received is not None or read is None else page()
    url = received.url if received is not None else known.pop("url", f"{HOME}/news/pier-closes")
    packed = pack(replace(received, fetched_at=at, source=source.id)) if received is not None else None
    is_queued = bool(queue_key or link or link_id)
    defaults: dict[str, Any] = {
        "final_url": received.final_url if received is not None else url,
        "http_status": received.status if received is not None else None,
    }
    return FetchRecord(
        source=source,
        url=url,
        at=at,
        status=ResponseStatus(status),
        reason=Reason(code, reason) if reason else None,
        entry=QueueEntry(key=queue_key, url=url, link_id=link_id, link=link) if is_queued else None,
        processed=processed_page(read, packed) if read is not None else None,
        **{**defaults, **known},
    )


def feed_text(read: Article, received: Page | None = None, **known: Any) -> FetchRecord:
    """A fetch whose article has the text of the feed's entry, not that of the page."""
    fetch = record(read, received, **known)
    assert fetch.processed is not None
    return fetch.with_feed_text(replace(fetch.processed, page=None))


def poll(
    *links: Link,
    at: datetime = NOW,
    source: Source = SOURCE,
    status: str = "content",
    error: str | None = None,
    code: ReasonCode = ReasonCode.DOWNLOAD_FAILED,
    seed_url: str = f"{HOME}/rss",
    **known: Any,
) -> PollRecord:
    """A poll of the outlet's feed that returned these links."""
    reason = Reason(code, error) if error else None
    return PollRecord(
        source=source, seed_url=seed_url, at=at, links=links, status=ResponseStatus(status), reason=reason, **known
    )


def link(path: str = "/news/pier-closes", **known: Any) -> Link:
    """A link of an entry in the outlet's feed."""
    return Link(url=HOME + path, via=f"{HOME}/rss", **known)


class Archive:
    """A real archive in a folder; each fetch and each poll is recorded in a transaction of its own."""

    def __init__(self, folder: Path, sources: Sequence[Source] = (SOURCE,)) -> None:
        self.db_path = folder / "archive.db"
        self.warc = folder / "warc"
        self.store = ArchiveStore.open(self.db_path, self.warc)
        with self.store.transaction():
            begin_run(self.store, "test", sources, configured=None, at=NOW)

    def record_fetch(self, fetch: FetchRecord) -> FetchOutcome:
        """Record a fetch and commit."""
        with self.store.transaction():
            return record_fetch(self.store, fetch)

    def poll(self, one: PollRecord) -> PollOutcome:
        """Record a poll and commit."""
        with self.store.transaction():
            return record_poll(self.store, one)

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a query as plain tuples."""
        return [tuple(row) for row in self.store.db.execute(sql, values)]

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.rows(sql, *values)[0][0]


def configured(**known: Any) -> Source:
    """SOURCE with other values of keys in sources.toml."""
    return SOURCE.model_copy(update=known)
