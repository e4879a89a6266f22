"""Decide which documents to request after a seed's own: child sitemaps, next pages, and archive pages that repair gaps."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from crawler.archive.crawl.coverage_queries import Gap
from crawler.archive.crawl.polls import PollOutcome
from crawler.config.sources import Source
from crawler.crawl_state import SeedState
from crawler.items import PollRecord
from crawler.polling.date_archives import date_archive_urls
from crawler.polling.publication_rate import rate_zone
from crawler.urls import is_requestable
from spiders.markup.parsed_document import ParsedDocument
from spiders.poll_results import SeedDocument

log = logging.getLogger(__name__)


def repair_documents(
    source: Source, gaps: Iterable[Gap], states: Mapping[str, SeedState]
) -> Iterator[tuple[SeedDocument, str]]:
    """Yield, for each gap and archive by day, the newest page of the days in the gap, and its URL."""
    seeds, zone = {seed.url: seed for seed in source.seeds}, rate_zone(source.timezone)
    for gap in gaps:
        for pattern in source.date_archives if gap.seed in seeds else ():
            newest, *older = date_archive_urls(pattern, from_at=gap.from_at, until_at=gap.until_at, zone=zone)
            state = states.get(gap.seed, SeedState(url=gap.seed))
            log.debug("gap %d: repair from %s", gap.id, newest)
            yield (
                SeedDocument(source=source, seed=seeds[gap.seed], state=state, depth=1, older=tuple(older)),
                newest,
            )


def further_documents(
    document: SeedDocument,
    *,
    http_status: int,
    poll: PollRecord,
    parsed: ParsedDocument,
    outcome: PollOutcome,
    depth_limit: int,
) -> Iterator[tuple[SeedDocument, str]]:
    """Yield the documents to request after this one, and their URLs.

    They are the child sitemaps of an index; the next page, if no link of this one was known; or, in an archive by day,
    the day before.
    """
    if document.older is not None:
        # A day without articles may have no page; a page that could not be fetched leaves the gap open.
        is_read = not poll.has_failed or http_status == 404
        if document.older and is_read and not (outcome.complete and outcome.items):
            yield replace(document, older=document.older[1:]), document.older[0]
        return
    if document.depth >= depth_limit:
        return
    deeper = replace(document, depth=document.depth + 1)
    for child in parsed.children:
        if is_requestable(child.url):
            yield deeper, child.url
    if (
        parsed.next_url
        and is_requestable(parsed.next_url)
        and document.state.polled_at is not None
        and outcome.items
        and not outcome.complete
    ):
        yield deeper, parsed.next_url
