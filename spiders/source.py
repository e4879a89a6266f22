"""The spider: polls the ways into its sources, asks for the pages of what is new, hands them on as `Attempt`.

One spider crawls any number of sources in one engine; `scrapy crawl all` is this one with every source that is due.
What it decides lies elsewhere: what is new in the archive's queue, when to ask again in `crawler/polling/revisits.py`, what a
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

from crawler.archive.crawl.coverage import repairable
from crawler.archive.crawl.polls import PollSummary, record_poll
from crawler.archive.crawl.queue import count_waiting, due_rechecks, recheck_of, seed_states, waiting
from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.exceptions import ArchiveError, WirewatchError
from crawler.http.failure_reasons import describe_failure
from crawler.items import FetchResult
from crawler.models import QueueEntry, Recheck, SeedState
from crawler.polling.date_archives import date_archive_urls
from crawler.polling.publication_rate import rate_zone
from crawler.reasons import Reason
from spiders import responses
from spiders.documents import ParsedDocument
from spiders.poll_results import GONE_STATUSES, parse_poll_response, poll_result

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)

POLL_PRIORITY, NEW_PRIORITY, RECHECK_PRIORITY = 20, 10, 0
"""Ways in first, since they tell what is new; visits to known articles with what time is left."""


class SourceSpider(Spider):
    """Crawls `sources`."""

    name = "source"
    sources: tuple[Source, ...] = ()
    run: CrawlContext
    all_seeds: bool = False
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
            states = seed_states(self.run.reader, source.id)
            for seed in source.seeds:
                state = states.get(seed.url, SeedState(url=seed.url))
                if self.all_seeds or state.is_due(now):
                    yield self._poll(source, seed, state)
            for request in self._repairs(source, states):
                yield request
        for source in self.sources:
            for entry in waiting(self.run.reader, source.id, now=now, limit=self._budget(source)):
                for request_or_result in self._page(source, entry):
                    yield request_or_result
            for recheck in due_rechecks(self.run.reader, source.id, now=now, limit=self.run.config.max_rechecks):
                yield self._recheck(source, recheck)

    # --- Polls --------------------------------------------------------------------------------------------------

    def _poll(self, source: Source, seed: Seed, state: SeedState) -> Request:
        self.run.stats(source.id).seeds_tried += 1
        return self._document(source, seed, state, seed.url, depth=0)

    def _repairs(self, source: Source, states: dict[str, SeedState]) -> Iterator[Request]:
        """The archive pages of the days in which something was possibly missed, the newest of each gap."""
        seeds = {seed.url: seed for seed in source.seeds}
        for gap in repairable(self.run.reader, source.id) if source.date_archives else ():
            for pattern in source.date_archives if gap.seed in seeds else ():
                zone = rate_zone(source.timezone)
                newest, *older = date_archive_urls(pattern, from_at=gap.from_at, until_at=gap.until_at, zone=zone)
                state = states.get(gap.seed, SeedState(url=gap.seed))
                yield self._document(source, seeds[gap.seed], state, newest, depth=1, older=tuple(older))

    def _document(
        self,
        source: Source,
        seed: Seed,
        state: SeedState,
        url: str,
        *,
        depth: int,
        older: tuple[str, ...] | None = None,
        gone: int | None = None,
    ) -> Request:
        """`older`: it is a page of the archive by day, and these are those before it; None: it is none.

        `gone`: the HTTP status at the configured address, if this is the new address of a moved document.
        """
        self.run.asked(source.id)
        context = {"source": source, "seed": seed, "state": state, "depth": depth, "older": older}
        return Request(
            url,
            callback=self.polled,
            errback=self.poll_failed,
            cb_kwargs=context,
            headers=self._validators(state) if depth == 0 else {},
            priority=POLL_PRIORITY - depth,
            dont_filter=True,
            meta={
                "source": source.id,
                "playwright": source.render and seed.kind == "listing",
                **({"gone": gone} if gone else {}),
            },
        )

    async def polled(
        self,
        response: Response,
        source: Source,
        seed: Seed,
        state: SeedState,
        depth: int,
        older: tuple[str, ...] | None = None,
    ) -> AsyncIterator[Any]:
        """A way answered, or one of the documents that it led to."""
        stats = self.run.stats(source.id)
        stats.received += len(response.body)
        if depth == 0 and state.moved_to and response.status in GONE_STATUSES and "gone" not in response.meta:
            log.debug("%s: HTTP %s at %s; trying %s", source.id, response.status, seed.url, state.moved_to)
            yield self._document(source, seed, state, state.moved_to, depth=0, gone=response.status)
            self.run.answered(source.id)
            return
        form = seed if older is None else Seed(url=response.url, kind="listing")
        poll, found = await parse_poll_response(self.run, response, source, seed, state, depth, form)
        try:
            polled = await self.run.writer.do(record_poll, poll)
            if depth == 0:
                stats.seeds_read += poll.failed is None
        except ArchiveError as error:
            self._stop(error)
            return
        stats.links += polled.items
        if poll.reason and (poll.failed or (depth == 0 and not poll.links and not found.children)):
            stats.reasons[Reason(poll.reason.code, f"{seed.kind} {response.url}: {poll.reason.text}")] += 1
        for entry in polled.fresh:
            for request_or_result in self._page(source, entry):
                yield request_or_result
        for article_id in polled.changed:
            recheck = recheck_of(self.run.reader, article_id)
            if recheck is not None:
                yield self._recheck(source, recheck)
        if older is None:
            for url in self._further(found, polled, state, depth):
                yield self._document(source, seed, state, url, depth=depth + 1)
        # A day without articles may have no page; one that could not be had leaves the gap open.
        elif older and not (polled.complete and polled.items) and (poll.failed is None or response.status == 404):
            yield self._document(source, seed, state, older[0], depth=depth, older=older[1:])
        self.run.answered(source.id)

    async def poll_failed(self, failure: Failure) -> None:
        """No answer came, or we chose not to ask."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source, seed, depth = (request.cb_kwargs[name] for name in ("source", "seed", "depth"))
        kind, reason, _ = describe_failure(failure, request.url)
        poll = poll_result(self.run, source, seed, depth, request.url, failed=kind, reason=reason)
        try:
            await self.run.writer.do(record_poll, poll)
        except ArchiveError as error:
            self._stop(error)
        self.run.stats(source.id).reasons[Reason(reason.code, f"{seed.kind} {request.url}: {reason.text}")] += 1
        self.run.answered(source.id)

    def _further(self, found: ParsedDocument, polled: PollSummary, state: SeedState, depth: int) -> Iterator[str]:
        """The sitemaps of an index; the next page where nothing here was known: something may lie between."""
        if depth >= self.run.config.depth_limit:
            return
        yield from (child.url for child in found.children)
        if found.next_url and state.polled_at is not None and polled.items and not polled.complete:
            yield found.next_url

    # --- Pages --------------------------------------------------------------------------------------------------

    def _page(self, source: Source, entry: QueueEntry) -> Iterator[Request | FetchResult]:
        """The request for a queued URL, unless it was asked for in this run or the budget is spent."""
        if entry.key in self._asked:
            return
        if self._pages[source.id] >= self._budget(source):
            self.run.stats(source.id).waiting += 1
            return
        self._asked.add(entry.key)
        self._pages[source.id] += 1
        if entry.link is not None and not entry.link.has_page:
            self.run.asked(source.id)
            yield FetchResult(source=source, url=entry.url, at=self.run.clock(), entry=entry)
            return
        yield self._fetch(source, entry.url, NEW_PRIORITY, entry=entry)

    def _recheck(self, source: Source, recheck: Recheck) -> Request:
        return self._fetch(source, recheck.url, RECHECK_PRIORITY, recheck=recheck)

    def _fetch(
        self,
        source: Source,
        url: str,
        priority: int,
        *,
        entry: QueueEntry | None = None,
        recheck: Recheck | None = None,
    ) -> Request:
        self.run.asked(source.id)
        return Request(
            url,
            callback=self.fetched,
            errback=self.fetch_failed,
            cb_kwargs={"source": source, "entry": entry, "recheck": recheck},
            headers=self._validators(recheck) if recheck and not source.render else {},
            priority=priority,
            dont_filter=True,
            meta={"source": source.id, "playwright": source.render},
        )

    def fetched(
        self, response: Response, source: Source, entry: QueueEntry | None, recheck: Recheck | None
    ) -> Iterator[FetchResult]:
        """An article's URL answered."""
        self.run.stats(source.id).received += len(response.body)
        asked_url = entry.url if entry else recheck.url if recheck else response.url
        known: dict[str, Any] = {}
        fault = responses.empty_reason(response)
        if fault:
            known = {"failed": "failed", "reason": fault}
        elif response.status == 304:
            known = {"failed": "not_modified"}
        elif recheck and recheck.body_sha256 == hashlib.sha256(response.body).hexdigest():
            known = {"failed": "unchanged", "final_url": response.url}
        else:
            known = {
                "page": responses.as_page(
                    response, source, asked_url, entry.link if entry else None, at=self.run.clock()
                )
            }
        yield FetchResult(
            source=source, url=asked_url, at=self.run.clock(), http_status=response.status,
            entry=entry, recheck=recheck, milliseconds=responses.milliseconds(response), **known,
        )  # fmt: skip

    def fetch_failed(self, failure: Failure) -> Iterator[FetchResult]:
        """No answer came for an article, or we chose not to ask."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source, entry, recheck = (request.cb_kwargs[name] for name in ("source", "entry", "recheck"))
        kind, reason, until = describe_failure(failure, request.url)
        url = entry.url if entry else recheck.url
        yield FetchResult(
            source=source, url=url, at=self.run.clock(), failed=kind, reason=reason, retry_at=until,
            entry=entry, recheck=recheck,
        )  # fmt: skip

    # --- What both need -----------------------------------------------------------------------------------------

    def _budget(self, source: Source) -> int:
        return source.max_pages or self.run.config.max_pages

    def _validators(self, state: SeedState | Recheck) -> dict[str, str]:
        return responses.validators(state, now=self.run.clock(), full_after=self.run.config.full_fetch_after)

    def _stop(self, error: ArchiveError) -> None:
        if self.run.archive_error is None:
            self.run.archive_error = error
            assert self.crawler.engine is not None
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive"))

    def closed(self, reason: str) -> None:
        """What still waits, for the summary."""
        log.info("closed: %s", reason)
        for source in self.sources:
            self.run.stats(source.id).waiting = count_waiting(self.run.reader, source.id)
