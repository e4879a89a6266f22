"""What the crawl reads from the archive: the state of seeds, queue entries, rechecks and child sitemaps.

`crawler/archive/crawl/queue.py` reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.models import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedState:
    """The validators and polling schedule of a seed."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    """Of the last document; None if none was received."""
    last_full_fetch_at: datetime | None = None
    """When the body was last received in full; None if it never was."""
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    failures: int = 0
    """Failed polls in a row."""
    moved_to: str | None = None
    """URL that permanent redirects led to; it is requested when the configured one is gone."""

    def is_due(self, now: datetime) -> bool:
        """Return whether to poll the seed now; also if its last poll lies in the future, because the clock was set back."""
        return self.next_poll_at is None or self.polled_at is None or not self.polled_at <= now < self.next_poll_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRead:
    """The reads of one child sitemap so far."""

    at: datetime
    """Of the last read that succeeded."""
    grew_at: datetime | None = None
    """When it last had new links as well as known ones; None if it never did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """A discovered URL that waits to be fetched."""

    key: str
    """Identifies the article before it is fetched; `crawler/url_identity.py` makes it."""
    url: str
    link_id: int | None
    attempts: int = 0
    """Fetches that failed so far."""
    link: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A known article that is due for a recheck, with the validators of its page."""

    article_id: int
    url: str
    etag: str | None
    last_modified: str | None
    body_sha256: str | None
    last_full_fetch_at: datetime | None
