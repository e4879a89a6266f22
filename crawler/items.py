"""One attempt to read an article, on its way from the spider to the pipeline: what came back, or why nothing did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.config.sources import Source
from crawler.models import Page, QueueEntry, Recheck
from crawler.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResult:
    """Either a page, or `failed` with its reason. A Scrapy item."""

    source: Source
    url: str
    at: datetime
    final_url: str | None = None
    """Where the redirects led of an answer that is no page of its own: the same bytes as last time."""
    page: Page | None = None
    failed: Literal["failed", "refused", "not_modified", "unchanged"] | None = None
    reason: Reason | None = None
    http_status: int | None = None
    entry: QueueEntry | None = None
    """The queue's entry that led here; None for a visit."""
    recheck: Recheck | None = None
    milliseconds: int | None = None
    retry_at: datetime | None = None
    """When to ask again, where that was said; None: as its attempts so far suggest."""

    @property
    def is_feed_only(self) -> bool:
        """Whether the article is an item of a feed without an address: nothing was fetched."""
        return self.entry is not None and self.entry.link is not None and not self.entry.link.has_page

    @property
    def size(self) -> int:
        """Bytes received."""
        return len(self.page.body) if self.page else 0
