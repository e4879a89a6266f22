"""The spider: polls the ways into its sources, asks for the pages of what is new, hands them on as `Attempt`.

One spider crawls any number of sources in one engine; `scrapy crawl all` is this one with every source that is due.
What it decides lies elsewhere: what is new in the archive's queue, when to ask again in `crawler/timetable.py`, what a
document holds in the parsers, which run in child processes.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive.gaps import repairable
from crawler.archive.polls import Polled, QueueEntry, record_poll
from crawler.archive.queries import Visit, WayState, count_waiting, due_visits, visit_of, waiting, way_states
from crawler.attempt import Attempt
from crawler.daypages import day_pages
from crawler.errors import ArchiveError, WirewatchError
from crawler.failures import told
from crawler.rhythm import zone_of
from crawler.run import CrawlRun
from crawler.sources import Source, Way
from spiders import answers
from spiders.discovery import Found
from spiders.waypolls import poll_of, polled_document

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)

POLL_PRIORITY, NEW_PRIORITY, VISIT_PRIORITY = 20, 10, 0
"""Ways in first, since they tell what is new; visits to known articles with what time is left."""


class SourceSpider(Spider):
    """Crawls `sources`."""

    name = "source"
    sources: tuple[Source, ...] = ()
    run: CrawlRun
    every_way: bool = False
    """Also ways that are not due yet."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """`run` is what `scrapy crawl` of ours hands in."""
        if "run" not in kwargs:
            raise WirewatchError(f"spider {cls.name!r} needs Wirewatch's own `scrapy crawl` to run it")
        return super().from_crawler(crawler, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked: set[str] = set()
        self._pages: Counter[str] = Counter()

    async def start(self) -> AsyncIterator[Any]:
        """Polls of what is due, then what an earlier run left, then visits."""
        now = self.run.clock()
        for source in self.sources:
            states = way_states(self.run.reader, source.id)
            for way in source.ways:
                state = states.get(way.url, WayState(url=way.url))
                if self.every_way or state.is_due(now):
                    yield self._poll(source, way, state)
            for request in self._repairs(source, states):
                yield request
        for source in self.sources:
            for entry in waiting(self.run.reader, source.id, now=now, limit=self._budget(source)):
                for request in self._page(source, entry):
                    yield request
            for visit in due_visits(self.run.reader, source.id, now=now, limit=self.run.config.max_revisits):
                yield self._visit(source, visit)

    # --- Polls --------------------------------------------------------------------------------------------------

    def _poll(self, source: Source, way: Way, state: WayState) -> Request:
        self.run.tally(source.id).ways_tried += 1
        return self._document(source, way, state, way.url, depth=0)

    def _repairs(self, source: Source, states: dict[str, WayState]) -> Iterator[Request]:
        """The archive pages of the days in which something was possibly missed, the newest of each gap."""
        ways = {way.url: way for way in source.ways}
        for gap in repairable(self.run.reader, source.id) if source.archives else ():
            for pattern in source.archives if gap.way in ways else ():
                zone = zone_of(source.timezone)
                newest, *older = day_pages(pattern, from_at=gap.from_at, until_at=gap.until_at, zone=zone)
                state = states.get(gap.way, WayState(url=gap.way))
                yield self._document(source, ways[gap.way], state, newest, depth=1, older=tuple(older))

    def _document(
        self, source: Source, way: Way, state: WayState, url: str, *, depth: int, older: tuple[str, ...] | None = None
    ) -> Request:
        """`older`: it is a page of the archive by day, and these are those before it; None: it is none."""
        self.run.asked(source.id)
        context = {"source": source, "way": way, "state": state, "depth": depth, "older": older}
        return Request(
            url,
            callback=self.polled,
            errback=self.poll_failed,
            cb_kwargs=context,
            headers=self._validators(state) if depth == 0 else {},
            priority=POLL_PRIORITY - depth,
            dont_filter=True,
            meta={"source": source.id, "playwright": source.render and way.kind == "listing"},
        )

    async def polled(
        self,
        response: Response,
        source: Source,
        way: Way,
        state: WayState,
        depth: int,
        older: tuple[str, ...] | None = None,
    ) -> AsyncIterator[Any]:
        """A way answered, or one of the documents that it led to."""
        tally = self.run.tally(source.id)
        tally.received += len(response.body)
        form = way if older is None else Way(url=response.url, kind="listing")
        poll, found = await polled_document(self.run, response, source, way, state, depth, form)
        try:
            polled = await self.run.writer.do(record_poll, poll)
            if depth == 0:
                tally.ways_read += poll.failed is None
        except ArchiveError as error:
            self._stop(error)
            return
        tally.links += polled.items
        if poll.failed or (depth == 0 and poll.error and not poll.links):
            tally.reasons[f"{way.kind} {response.url}: {poll.error}"] += 1
        for entry in polled.fresh:
            for request in self._page(source, entry):
                yield request
        for article_id in polled.changed:
            visit = visit_of(self.run.reader, article_id)
            if visit is not None:
                yield self._visit(source, visit)
        if older is None:
            for url in self._further(found, polled, state, depth):
                yield self._document(source, way, state, url, depth=depth + 1)
        # A day without articles may have no page; one that could not be had leaves the gap open.
        elif older and not (polled.complete and polled.items) and (poll.failed is None or response.status == 404):
            yield self._document(source, way, state, older[0], depth=depth, older=older[1:])
        self.run.answered(source.id)

    async def poll_failed(self, failure: Failure) -> None:
        """No answer came, or we chose not to ask."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source, way, depth = (request.cb_kwargs[name] for name in ("source", "way", "depth"))
        kind, reason, _ = told(failure, request.url)
        poll = poll_of(self.run, source, way, depth, request.url, failed=kind, error=reason)
        try:
            await self.run.writer.do(record_poll, poll)
        except ArchiveError as error:
            self._stop(error)
        self.run.tally(source.id).reasons[f"{way.kind} {request.url}: {reason}"] += 1
        self.run.answered(source.id)

    def _further(self, found: Found, polled: Polled, state: WayState, depth: int) -> Iterator[str]:
        """The sitemaps of an index; the next page where nothing here was known: something may lie between."""
        if depth >= self.run.config.max_depth:
            return
        yield from found.children
        if found.next_url and state.polled_at is not None and polled.items and not polled.complete:
            yield found.next_url

    # --- Pages --------------------------------------------------------------------------------------------------

    def _page(self, source: Source, entry: QueueEntry) -> Iterator[Request]:
        """The request for a queued URL, unless it was asked for in this run or the budget is spent."""
        if entry.key in self._asked:
            return
        if self._pages[source.id] >= self._budget(source):
            self.run.tally(source.id).waiting += 1
            return
        self._asked.add(entry.key)
        self._pages[source.id] += 1
        yield self._fetch(source, entry.url, NEW_PRIORITY, entry=entry)

    def _visit(self, source: Source, visit: Visit) -> Request:
        return self._fetch(source, visit.url, VISIT_PRIORITY, visit=visit)

    def _fetch(
        self,
        source: Source,
        url: str,
        priority: int,
        *,
        entry: QueueEntry | None = None,
        visit: Visit | None = None,
    ) -> Request:
        self.run.asked(source.id)
        return Request(
            url,
            callback=self.fetched,
            errback=self.fetch_failed,
            cb_kwargs={"source": source, "entry": entry, "visit": visit},
            headers=self._validators(visit) if visit and not source.render else {},
            priority=priority,
            dont_filter=True,
            meta={"source": source.id, "playwright": source.render},
        )

    def fetched(
        self, response: Response, source: Source, entry: QueueEntry | None, visit: Visit | None
    ) -> Iterator[Attempt]:
        """An article's URL answered."""
        self.run.tally(source.id).received += len(response.body)
        asked_url = entry.url if entry else visit.url if visit else response.url
        known: dict[str, Any] = {}
        fault = answers.nothing(response)
        if fault:
            known = {"failed": "failed", "reason": fault}
        elif response.status == 304:
            known = {"failed": "not_modified"}
        elif visit and visit.body_sha256 == hashlib.sha256(response.body).hexdigest():
            known = {"failed": "unchanged", "final_url": response.url}
        else:
            known = {
                "page": answers.as_page(response, source, asked_url, entry.link if entry else None, at=self.run.clock())
            }
        yield Attempt(
            source=source, url=asked_url, at=self.run.clock(), http_status=response.status,
            entry=entry, visit=visit, milliseconds=answers.milliseconds(response), **known,
        )  # fmt: skip

    def fetch_failed(self, failure: Failure) -> Iterator[Attempt]:
        """No answer came for an article, or we chose not to ask."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source, entry, visit = (request.cb_kwargs[name] for name in ("source", "entry", "visit"))
        kind, reason, until = told(failure, request.url)
        url = entry.url if entry else visit.url
        yield Attempt(
            source=source, url=url, at=self.run.clock(), failed=kind, reason=reason, retry_at=until,
            entry=entry, visit=visit,
        )  # fmt: skip

    # --- What both need -----------------------------------------------------------------------------------------

    def _budget(self, source: Source) -> int:
        return source.max_pages or self.run.config.max_pages

    def _validators(self, state: WayState | Visit) -> dict[str, str]:
        return answers.validators(state, now=self.run.clock(), full_after=self.run.config.full_fetch_after)

    def _stop(self, error: ArchiveError) -> None:
        if self.run.archive_error is None:
            self.run.archive_error = error
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive"))

    def closed(self, reason: str) -> None:
        """What still waits, for the summary."""
        log.info("closed: %s", reason)
        for source in self.sources:
            self.run.tally(source.id).waiting = count_waiting(self.run.reader, source.id)
