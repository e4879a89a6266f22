"""robots.txt as RFC 9309 wants it read: what may be asked for, how often, and what an answer without rules means. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from crawler.models import StoredRobots
from crawler.reasons import Reason, ReasonCode

if TYPE_CHECKING:
    from protego import Protego

PRODUCT = "Wirewatch"
"""Our product token, by which a robots.txt addresses us."""
MAX_BYTES = 512_000
"""Bytes read; RFC 9309, 2.5 asks for at least 500 KiB."""
FRESH_FOR = timedelta(hours=24)
"""How long an answer is used (RFC 9309, 2.4)."""
STALE_AFTER = timedelta(days=30)
"""How long the last good answer is used where none can be had (RFC 9309, 2.3.1.4 leaves "a reasonable period", e.g. 30 days)."""
MAX_DELAY = 60.0
"""Seconds of Crawl-delay obeyed; above that it means "go away", and a page a minute still reads a news desk."""

RETRY_UNREACHABLE_AFTER = timedelta(hours=1)
"""When a URL is tried again whose robots.txt could not be had: most outages are over by then."""

UNREACHABLE = Reason(
    ReasonCode.ROBOTS_UNREACHABLE, "robots.txt could not be fetched, so nothing may be requested until it can"
)
DISALLOWED = Reason(ReasonCode.ROBOTS_DISALLOWED, "robots.txt disallows it")


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one robots.txt says to us."""

    parsed: Protego | None = field(repr=False)
    """None: no rules, everything is allowed, or, with `forbidden`, nothing is."""
    forbidden: Reason | None = None
    """Why nothing may be requested."""

    def refusal(self, url: str) -> Reason | None:
        """Return why a URL may not be requested; None if it may."""
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


def robots_rules(status: int | None, body: bytes) -> RobotsRules:
    """The rules in an answer; `status` None: no answer came."""
    if status is None or status >= 500 or status == 429:
        return RobotsRules(None, UNREACHABLE)  # 429 is no "there is none", it is "ask later"
    if not 200 <= status < 300:
        return RobotsRules(None)  # "unavailable": RFC 9309, 2.3.1.3
    return parse_robots(body)


def parse_robots(body: bytes) -> RobotsRules:
    """The rules of a body; a web page in its place has none."""
    from protego import Protego

    text = _text(body)
    if _is_html(text):
        return RobotsRules(None)
    lines = (_AGENT_LINE.sub(_product_token, line) for line in text.splitlines())
    return RobotsRules(Protego.parse("\n".join(lines)))


def is_fresh(stored: StoredRobots, now: datetime) -> bool:
    """Whether an answer need not be asked for again."""
    usable = stored.http_status is not None and stored.http_status < 500 and stored.http_status != 429
    return usable and timedelta() <= now - stored.fetched_at < FRESH_FOR  # from the future: by a wrong clock


def fallback_rules(stored: StoredRobots | None, now: datetime) -> StoredRobots | None:
    """The last good answer, where none can be had now and it is not too old."""
    if stored is None or stored.http_status is None or not 200 <= stored.http_status < 300:
        return None
    return stored if now - stored.fetched_at < STALE_AFTER else None


def _text(body: bytes) -> str:
    """UTF-8 as RFC 9309 asks, or UTF-16 that says so. A line cut by the limit is left out: "/" is not "/private"."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    utf16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16" if utf16 else "utf-8-sig", "replace")


def _product_token(line: re.Match[str]) -> str:
    """The line with the product token alone, as RFC 9309, 2.2.1 compares it.

    Protego takes "Wire" for us too, as it looks for the line's value in our name, and "Wirewatch/1.0" for others.
    """
    value = line[2].split("#", maxsplit=1)[0].strip()
    token = re.match(r"[A-Za-z_-]*", value)
    if token and token[0].lower() == PRODUCT.lower():
        return f"{line[1]}{PRODUCT}"
    return f"{line[1]}{'*' if value == '*' else _ANOTHER}"


_AGENT_LINE = re.compile(r"^([ \t]*user[- ]?agent[ \t]*[: \t])(.*)$", re.IGNORECASE)
_ANOTHER = "another-crawler"


def _is_html(text: str) -> bool:
    return re.match(r"\s*<(?:!doctype|html|head|body|script)\b", text, re.IGNORECASE) is not None
