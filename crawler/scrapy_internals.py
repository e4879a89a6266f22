"""Everything that relies on undocumented parts of Scrapy. Tested with Scrapy 2.19.

Scrapy documents `crawler.engine.downloader.slots` only by its own AutoThrottle extension, which changes the delay of
slots in the same way. When a new Scrapy version breaks something here, tests/crawler/test_middlewares.py fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import IgnoreRequest

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def raise_slot_delay(crawler: Crawler, slot_key: str, delay: float) -> None:
    """Wait at least `delay` seconds between the requests of a slot. Never makes a slot faster."""
    assert crawler.engine is not None
    downloader = crawler.engine.downloader
    settings = downloader.per_slot_settings.setdefault(slot_key, {})  # read when the slot is created
    settings["delay"] = max(delay, settings.get("delay", crawler.settings.getfloat("DOWNLOAD_DELAY")))
    slot = downloader.slots.get(slot_key)
    if slot is not None:
        slot.delay = max(slot.delay, delay)


def fail_queued_requests(crawler: Crawler, slot_key: str, error: Callable[[Request], Exception]) -> None:
    """Fail all requests that wait in a slot, each with the error made for it."""
    assert crawler.engine is not None
    slot = crawler.engine.downloader.slots.get(slot_key)
    while slot is not None and slot.queue:
        request, deferred = slot.queue.popleft()
        deferred.errback(error(request))


def fail_all_queued_requests(crawler: Crawler, error: Callable[[Request], Exception]) -> None:
    """Fail the requests that wait in any slot, each with the error made for it."""
    if crawler.engine is not None:
        for slot_key in list(crawler.engine.downloader.slots):
            fail_queued_requests(crawler, slot_key, error)


def use_bundled_suffix_list() -> None:
    """Let Scrapy's cookies middleware use the public suffix list of the installed package, without a download."""
    from scrapy.downloadermiddlewares import cookies
    from tldextract import TLDExtract

    cookies._split_domain = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def is_redirect_limit(error: BaseException) -> bool:
    """Whether Scrapy's RedirectMiddleware gave up on a request: its IgnoreRequest has no class or code of its own."""
    return type(error) is IgnoreRequest and str(error) == "max redirections reached"
