"""The spider's callbacks, without a crawl."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from crawler.config.sources import Seed, Source
from crawler.crawl_state import SeedState
from crawler.reasons import ReasonCode
from crawler.stats import CrawlStats
from spiders.poll_results import SeedDocument
from spiders.source import SourceSpider

OLD, NEW = "https://old.example/rss", "https://harbour-gazette.example/rss"


def test_a_moved_feed_is_read_at_its_new_address_when_the_old_host_does_not_exist_any_more() -> None:
    source = Source.model_validate({"id": "gazette", "name": "G", "home": "https://old.example/", "feeds": [OLD]})
    document = SeedDocument(source=source, seed=Seed(url=OLD, kind="feed"), state=SeedState(url=OLD, moved_to=NEW))
    config = SimpleNamespace(render_wait=1.0, full_fetch_after=timedelta(days=1))
    run: Any = SimpleNamespace(
        interrupted=False, stats=CrawlStats(), config=config, clock=lambda: datetime(2026, 3, 1, tzinfo=timezone.utc)
    )
    failure = Failure(DNSLookupError("no such host"))
    failure.request = Request(OLD, cb_kwargs={"document": document})

    async def requests() -> list[Request]:
        return [request async for request in SourceSpider(run=run).poll_failed(failure)]

    (request,) = asyncio.run(requests())
    assert request.url == NEW
    assert request.meta["gone"].code is ReasonCode.DNS
