"""What a browser remembers of its reader, in two cookies: the time zone, and which alerts the last visit saw. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZONE_COOKIE = "wirewatch_timezone"
VISIT_COOKIE = "wirewatch_visit"
SESSION = timedelta(minutes=30)
"""A visit ends after this time without a page, as in web analytics."""
_VISIT = re.compile(r"(\d{1,18})\.(\d{1,18})\.(\d{1,12})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The state of the cookie that separates new alerts from those of earlier visits."""

    seen: int
    """The newest alert when the visit before this one ended; higher IDs are unseen."""
    newest: int
    """The newest alert when a list of alerts was last shown."""
    at: int
    """When that was, in seconds since 1970."""

    @classmethod
    def read(cls, cookie: str | None) -> Visit | None:
        """The visit of a cookie; None if there is none, or if it is damaged."""
        found = _VISIT.fullmatch(cookie or "")
        return cls(seen=int(found[1]), newest=int(found[2]), at=int(found[3])) if found else None

    def __str__(self) -> str:
        return f"{self.seen}.{self.newest}.{self.at}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The reader of a page."""

    zone: ZoneInfo
    seen: int | None = None
    """The newest alert that an earlier visit could show; None at the first visit."""

    @classmethod
    def of(cls, cookies: Mapping[str, str], *, default_zone: str, now: datetime) -> Reader:
        """The reader with these cookies. `default_zone`: for readers who chose none."""
        zone = zone_named(cookies.get(ZONE_COOKIE)) or zone_named(default_zone) or ZoneInfo("UTC")
        visit = Visit.read(cookies.get(VISIT_COOKIE))
        if visit is None:
            return cls(zone=zone)
        is_over = now.timestamp() - visit.at > SESSION.total_seconds()
        return cls(zone=zone, seen=visit.newest if is_over else visit.seen)

    def visit(self, newest: int, now: datetime) -> Visit:
        """The visit after a page that lists the alerts up to `newest`."""
        return Visit(seen=newest if self.seen is None else self.seen, newest=newest, at=int(now.timestamp()))


UNKNOWN_READER = Reader(zone=ZoneInfo("UTC"))
"""A reader without cookies."""


def zone_named(name: str | None) -> ZoneInfo | None:
    """The time zone with an IANA name; None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
