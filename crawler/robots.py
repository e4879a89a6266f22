"""robots.txt as RFC 9309 wants it read: what may be asked for, how often, and what an answer without rules means. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.archive.hosts import StoredRobots

if TYPE_CHECKING:
    from protego import Protego

PRODUCT = "Wirewatch"
"""Our product token, by which a robots.txt addresses us."""
MAX_BYTES = 512_000
"""Bytes read; RFC 9309, 2.5 asks for at least 500 KiB."""
FRESH = timedelta(hours=24)
"""How long an answer is used (RFC 9309, 2.4)."""
STALE = timedelta(days=30)
"""How long the last good answer is used where none can be had (RFC 9309, 2.3.1.4 leaves "a reasonable period", e.g. 30 days)."""
MAX_DELAY = 60.0
"""Seconds of Crawl-delay obeyed; above that it means "go away", and a page a minute still reads a news desk."""

UNREACHABLE = "robots.txt cannot be had, which forbids all until it can"
DISALLOWED = "robots.txt disallows it"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one robots.txt says to us."""

    parsed: Protego | None = field(repr=False)
    """None: no rules, everything is allowed, or, with `forbidden`, nothing is."""
    forbidden: str | None = None
    """Why nothing may be asked for."""

    def refusal(self, url: str) -> str | None:
        """Why a URL may not be asked for; None where it may."""
        if self.forbidden:
            return self.forbidden
        if self.parsed is not None and not self.parsed.can_fetch(url, PRODUCT):
            return DISALLOWED
        return None

    @property
    def delay(self) -> float:
        """Seconds between two requests; 0 where it does not say."""
        asked: Any = self.parsed.crawl_delay(PRODUCT) if self.parsed is not None else None
        return min(float(asked), MAX_DELAY) if asked is not None and asked > 0 else 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that it names."""
        return tuple(self.parsed.sitemaps) if self.parsed is not None else ()


def rules_of(status: int | None, body: bytes) -> Rules:
    """The rules in an answer; `status` None: no answer came."""
    if status is None or status >= 500 or status == 429:
        return Rules(None, UNREACHABLE)  # 429 is no "there is none", it is "ask later"
    if not 200 <= status < 300:
        return Rules(None)  # "unavailable": RFC 9309, 2.3.1.3
    return parse(body)


def parse(body: bytes) -> Rules:
    """The rules of a body; a web page in its place has none."""
    from protego import Protego

    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    if _is_html(text):
        return Rules(None)
    return Rules(Protego.parse(text))


def is_fresh(stored: StoredRobots, now: datetime) -> bool:
    """Whether an answer need not be asked for again."""
    usable = stored.http_status is not None and stored.http_status < 500 and stored.http_status != 429
    return usable and now - stored.fetched_at < FRESH


def instead(stored: StoredRobots | None, now: datetime) -> StoredRobots | None:
    """The last good answer, where none can be had now and it is not too old."""
    if stored is None or stored.http_status is None or not 200 <= stored.http_status < 300:
        return None
    return stored if now - stored.fetched_at < STALE else None


def _is_html(text: str) -> bool:
    return re.match(r"\s*<(?:!doctype|html|head|body|script)\b", text, re.IGNORECASE) is not None
