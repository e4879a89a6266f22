"""Interpret robots.txt according to RFC 9309: which URLs may be requested, at what interval, and what a failed fetch means."""

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
"""The product token by which a robots.txt addresses Wirewatch."""
MAX_BYTES = 512_000
"""Number of bytes that are parsed; RFC 9309, 2.5 requires at least 500 KiB."""
FRESH_FOR = timedelta(hours=24)
"""How long a file is used before it is fetched again (RFC 9309, 2.4)."""
STALE_AFTER = timedelta(days=30)
"""How long the last good file is used while it is unreachable (RFC 9309, 2.3.1.4: "a reasonable period", e.g. 30 days)."""
MAX_DELAY = 60.0
"""The longest Crawl-delay in seconds that is obeyed: one page a minute is enough for a news desk."""

RETRY_UNREACHABLE_AFTER = timedelta(hours=1)
"""When a URL is tried again after its robots.txt was unreachable: most outages are over by then."""

UNREACHABLE = Reason(
    ReasonCode.ROBOTS_UNREACHABLE, "robots.txt could not be fetched, so nothing may be requested until it can"
)
DISALLOWED = Reason(ReasonCode.ROBOTS_DISALLOWED, "robots.txt disallows it")


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt for Wirewatch."""

    parsed: Protego | None = field(repr=False)
    """None: there are no rules; everything is allowed, or nothing if `forbidden` is set."""
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
        """Seconds between two requests; 0 if there is no Crawl-delay."""
        asked: Any = self.parsed.crawl_delay(PRODUCT) if self.parsed is not None else None
        return min(float(asked), MAX_DELAY) if asked is not None and asked > 0 else 0.0

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The URLs of its Sitemap lines."""
        return tuple(self.parsed.sitemaps) if self.parsed is not None else ()


def robots_rules(status: int | None, body: bytes) -> RobotsRules:
    """Return the rules of a response. `status` None: there was no response, and everything is disallowed."""
    if status is None or status >= 500 or status == 429:
        return RobotsRules(None, UNREACHABLE)  # 429 does not mean that there is no file
    if not 200 <= status < 300:
        return RobotsRules(None)  # "unavailable": RFC 9309, 2.3.1.3
    return parse_robots(body)


def parse_robots(body: bytes) -> RobotsRules:
    """Return the rules in a body. An HTML page has none: everything is allowed."""
    from protego import Protego

    text = _text(body)
    if _is_html(text):
        return RobotsRules(None)
    lines = (_AGENT_LINE.sub(_product_token, line) for line in text.splitlines())
    return RobotsRules(Protego.parse("\n".join(lines)))


def is_fresh(stored: StoredRobots, now: datetime) -> bool:
    """Return whether a stored file can be used without fetching it again."""
    usable = stored.http_status is not None and stored.http_status < 500 and stored.http_status != 429
    return (
        usable and timedelta() <= now - stored.fetched_at < FRESH_FOR
    )  # a time in the future comes from a wrong clock


def fallback_rules(stored: StoredRobots | None, now: datetime) -> StoredRobots | None:
    """Return the last good file to use while it is unreachable; None if there is none or it is too old."""
    if stored is None or stored.http_status is None or not 200 <= stored.http_status < 300:
        return None
    return stored if now - stored.fetched_at < STALE_AFTER else None


def _text(body: bytes) -> str:
    """Decode UTF-8 (RFC 9309), or UTF-16 with a byte order mark. Leave out a line cut by the limit: "/" is not "/private"."""
    if len(body) > MAX_BYTES:
        body = body[:MAX_BYTES]
        body = body[: max(body.rfind(b"\n"), body.rfind(b"\r")) + 1]
    utf16 = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16" if utf16 else "utf-8-sig", "replace")


def _product_token(line: re.Match[str]) -> str:
    """Reduce a user-agent line to the product token that RFC 9309, 2.2.1 compares.

    Protego would apply the group of "Wire" to Wirewatch (it searches for the value in our name), but not that of
    "Wirewatch/1.0".
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
