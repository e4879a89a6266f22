"""The spider: polls seeds, requests the articles that are new or due for a recheck, and yields `FetchRecord` items.

One spider crawls any number of sources in one engine. Decisions are elsewhere: what is new in the archive's queue, when
to poll and recheck in `crawler/polling`, what a document holds in the parsers, which run in child processes.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.archive.crawl.coverage_queries import repairable
from crawler.archive.crawl.polls import PollOutcome, record_poll
from crawler.archive.crawl.queue import count_waiting, due_rechecks, recheck_of, seed_states, waiting
from crawler.config.sources import Seed, Source
from crawler.context import CrawlContext
from crawler.crawl_state import QueueEntry, Recheck, SeedState
from crawler.exceptions import ArchiveError, WirewatchError
from crawler.http.failure_reasons import describe_failure
from crawler.items import FetchRecord, PollRecord
from crawler.models import ResponseStatus
from crawler.reasons import Reason
from crawler.urls import is_requestable
from spiders import responses
from spiders.further_documents import further_documents, repair_documents
from spiders.poll_results import SeedDocument, new_url, parse_poll_response, poll_record

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from typing_extensions import Self

log = logging.getLogger(__name__)

POLL_PRIORITY, NEW_PRIORITY, RECHECK_PRIORITY = 20, 10, 0
"""Priorities of requests: seeds first, because they list what is new; rechecks last."""


class SourceSpider(Spider):
    """Crawls `sources`."""

    name = "source"
    sources: tuple[Source, ...] = ()
    run: CrawlContext
    all_seeds: bool = False
    """Whether to poll seeds that are not due yet."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Require `run`, which Wirewatch's own `scrapy crawl` passes."""
        if "run" not in kwargs:
            raise WirewatchError(f"spider {cls.name!r} needs Wirewatch's own `scrapy crawl` to run it")
        return super().from_crawler(crawler, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._requested: set[tuple[str, str, str]] = set()
        self._pages: Counter[str] = Counter()

    async def start(self) -> AsyncIterator[Any]:
        """Poll the seeds that are due, then fetch what earlier runs left in the queue, then recheck articles."""
        for step in (self._polls, self._articles):
            for source in self.sources:
                steps = step(source)
                while not self.run.interrupted:
                    try:
                        request_or_fetch = next(steps, None)
                    except Exception as error:  # an exception of one source must not reach another
                        self._report_error(source.id, error)
                        break
                    if request_or_fetch is None:
                        break
                    yield request_or_fetch

    def _polls(self, source: Source) -> Iterator[Request | FetchRecord]:
        now, states = self.run.clock(), seed_states(self.run.reader, source.id)
        for seed in source.seeds:
            state = states.get(seed.url, SeedState(url=seed.url))
            if not (self.all_seeds or state.is_due(now)):
                continue
            self.run.stats[source.id].seeds_tried += 1
            document = SeedDocument(source=source, seed=seed, state=state)
            if is_requestable(seed.url):
                yield self._document(document, seed.url)
            else:
                reason = responses.invalid_url_reason(seed.url)
                poll = poll_record(self.run, document, seed.url, status=ResponseStatus.REFUSED, reason=reason)
                self.run.writer.submit(record_poll, poll).result()
                self.run.stats.request_sent(source.id)
                self.run.stats.request_done(source.id)
                self._count_reason(document, seed.url, reason)
        if source.date_archives:
            for document, url in repair_documents(source, repairable(self.run.reader, source.id), states):
                yield self._document(document, url)

    def _articles(self, source: Source) -> Iterator[Request | FetchRecord]:
        now = self.run.clock()
        for entry in waiting(self.run.reader, source.id, now=now, limit=self._page_limit(source)):
            yield from self._page(source, entry)
        for recheck in due_rechecks(self.run.reader, source.id, now=now, limit=self.run.config.max_rechecks):
            yield from self._recheck(source, recheck)

    def _report_error(self, source_id: str, error: Exception) -> None:
        """Log an exception of the spider; a run with errors does not exit with 0."""
        log.error("%s: %s: %s", source_id, type(error).__name__, error, exc_info=error)
        self.run.errors.append(f"{source_id}: {type(error).__name__}: {error}")

    # --- Polls --------------------------------------------------------------------------------------------------

    def _document(self, document: SeedDocument, url: str, *, gone: Reason | None = None) -> Request:
        """Return the request for a document.

        `gone`: why there is no document at the configured URL, if `url` is the new URL of a moved document.
        """
        self.run.stats.request_sent(document.source.id)
        return Request(
            url,
            callback=self.polled,
            errback=self.poll_failed,
            cb_kwargs={"document": document},
            headers={
                **responses.request_headers(document.source, is_feed=document.seed.kind == "feed"),
                **(self._validators(document.state) if document.depth == 0 else {}),
            },
            priority=POLL_PRIORITY - document.depth,
            dont_filter=True,
            meta={
                **self._meta(document.source, document.seed),
                **({"gone": gone} if gone else {}),
            },
        )

    async def polled(self, response: Response, document: SeedDocument) -> AsyncIterator[Any]:
        """Store the document of a seed; request what is new in it."""
        source, depth = document.source, document.depth
        stats = self.run.stats[source.id]
        stats.received += len(response.body)
        poll, parsed = await parse_poll_response(self.run, response, document)
        if (moved_to := new_url(document, response.meta, poll.status)) is not None:
            yield self._document(document, moved_to, gone=poll.reason)
            self.run.stats.request_done(source.id)
            return
        outcome = await self._store(poll)
        if outcome is None:
            return
        stats.seeds_read += depth == 0 and not poll.has_failed
        stats.links += outcome.items
        if poll.has_failed or (depth == 0 and not poll.links and not parsed.children):
            self._count_reason(document, response.url, poll.reason)
        for entry in outcome.fresh:
            for request_or_fetch in self._page(source, entry):
                yield request_or_fetch
        rechecks = (recheck_of(self.run.reader, article_id) for article_id in outcome.changed)
        for recheck in filter(None, rechecks):
            for request_or_fetch in self._recheck(source, recheck):
                yield request_or_fetch
        further = further_documents(
            document, http_status=response.status, poll=poll, parsed=parsed, outcome=outcome,
            depth_limit=self.run.config.depth_limit,
        )  # fmt: skip
        for deeper, url in further:
            yield self._document(deeper, url)
        self.run.stats.request_done(source.id)

    async def poll_failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Store a poll without a response."""
        if self.run.interrupted:
            return
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        document: SeedDocument = request.cb_kwargs["document"]
        status, reason, _ = describe_failure(failure, request.url)
        if (moved_to := new_url(document, request.meta, status)) is not None:
            yield self._document(document, moved_to, gone=reason)
            self.run.stats.request_done(document.source.id)
        elif await self._store(poll_record(self.run, document, request.url, status=status, reason=reason)) is not None:
            self._count_reason(document, request.url, reason)
            self.run.stats.request_done(document.source.id)

    async def _store(self, poll: PollRecord) -> PollOutcome | None:
        try:
            return await self.run.writer.do(record_poll, poll)
        except ArchiveError as error:
            self.run.stop(self.crawler, error)
            return None

    def _count_reason(self, document: SeedDocument, url: str, reason: Reason | None) -> None:
        if reason is not None:
            text = f"{document.seed.kind} {url}: {reason.text}"
            self.run.stats[document.source.id].reasons[Reason(reason.code, text)] += 1

    # --- Articles -----------------------------------------------------------------------------------------------

    def _page(self, source: Source, entry: QueueEntry) -> Iterator[Request | FetchRecord]:
        """Request a queued URL, unless it was requested in this run or the page limit is reached."""
        request = (source.id, entry.key, entry.url)
        if request in self._requested:
            return
        if self._pages[source.id] >= self._page_limit(source):
            self.run.stats[source.id].waiting += 1
            return
        self._requested.add(request)
        self._pages[source.id] += 1
        if entry.link is not None and not entry.link.has_page:
            self.run.stats.request_sent(source.id)
            yield self._record(source, entry, None, entry.url)
            return
        if is_requestable(entry.url):
            yield self._fetch(source, entry.url, NEW_PRIORITY, entry=entry)
        else:
            yield self._invalid(source, entry, None)

    def _recheck(self, source: Source, recheck: Recheck) -> Iterator[Request | FetchRecord]:
        if is_requestable(recheck.url):
            yield self._fetch(source, recheck.url, RECHECK_PRIORITY, recheck=recheck)
        else:
            yield self._invalid(source, None, recheck)

    def _invalid(self, source: Source, entry: QueueEntry | None, recheck: Recheck | None) -> FetchRecord:
        """Return a failed fetch, which counts as an attempt, so that an invalid URL is dropped in the end."""
        self.run.stats.request_sent(source.id)
        fetch = self._record(source, entry, recheck, "")
        return replace(fetch, status=ResponseStatus.FAILED, reason=responses.invalid_url_reason(fetch.url))

    def _fetch(
        self,
        source: Source,
        url: str,
        priority: int,
        *,
        entry: QueueEntry | None = None,
        recheck: Recheck | None = None,
    ) -> Request:
        self.run.stats.request_sent(source.id)
        return Request(
            url,
            callback=self.fetched,
            errback=self.fetch_failed,
            cb_kwargs={"source": source, "entry": entry, "recheck": recheck},
            headers={
                **responses.request_headers(source),
                **(self._validators(recheck) if recheck and not source.render else {}),
            },
            priority=priority,
            dont_filter=True,
            meta=self._meta(source),
        )

    def fetched(
        self, response: Response, source: Source, entry: QueueEntry | None, recheck: Recheck | None
    ) -> Iterator[FetchRecord]:
        """Yield the response for an article."""
        self.run.stats[source.id].received += len(response.body)
        fetch = self._record(source, entry, recheck, response.url)
        fetch = replace(fetch, http_status=response.status, milliseconds=responses.milliseconds(response))
        fault = responses.empty_reason(response)
        if fault:
            yield replace(fetch, status=ResponseStatus.FAILED, reason=fault)
        elif response.status == 304:
            yield replace(fetch, status=ResponseStatus.NOT_MODIFIED)
        elif recheck and recheck.body_sha256 == hashlib.sha256(response.body).hexdigest():
            yield replace(fetch, status=ResponseStatus.UNCHANGED, final_url=response.url)
        else:
            yield replace(fetch, page=responses.as_page(response, source, fetch.url, fetch.link, at=fetch.at))

    def fetch_failed(self, failure: Failure) -> Iterator[FetchRecord]:
        """Yield a fetch without a response."""
        if self.run.interrupted:
            return
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy adds it
        source, entry, recheck = (request.cb_kwargs[name] for name in ("source", "entry", "recheck"))
        status, reason, until = describe_failure(failure, request.url)
        fetch = self._record(source, entry, recheck, request.url)
        yield replace(fetch, status=status, reason=reason, retry_at=until)

    def _record(self, source: Source, entry: QueueEntry | None, recheck: Recheck | None, url: str) -> FetchRecord:
        requested = entry.url if entry else recheck.url if recheck else url
        return FetchRecord(
            source=source, url=requested, at=self.run.clock(), run_id=self.run.run_id, entry=entry, recheck=recheck
        )

    def _page_limit(self, source: Source) -> int:
        return source.max_pages or self.run.config.max_pages

    def _meta(self, source: Source, seed: Seed | None = None) -> dict[str, Any]:
        return responses.request_meta(source, seed, render_wait=self.run.config.render_wait)

    def _validators(self, state: SeedState | Recheck) -> dict[str, str]:
        return responses.validators(state, now=self.run.clock(), full_after=self.run.config.full_fetch_after)

    def closed(self, reason: str) -> None:
        """Count what is left in the queue, for the summary."""
        log.info("closed: %s", reason)
        for source in self.sources:
            self.run.stats[source.id].waiting = count_waiting(self.run.reader, source.id)
