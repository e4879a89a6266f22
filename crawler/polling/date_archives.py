"""Compute the URLs of an outlet's archive by day, which are searched for the articles of gaps. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 8
"""Days searched for one gap: a week of downtime, and the day before it, which overlaps with the known links."""
_CODES = re.compile(r"%([A-Za-z%])")
ALLOWED = frozenset("YymdjB%")
"""Codes allowed in a pattern: year, month, day, day of the year, English name of the month."""


def fault_of(pattern: str) -> str | None:
    """Return what is wrong with a pattern; None if it is valid."""
    codes = set(_CODES.findall(pattern))
    unknown = sorted(codes - ALLOWED)
    if unknown:
        return f"%{unknown[0]} is not allowed; write %Y (2026), %m (03), %d (07), %y, %j or %B"
    if not codes & {"Y", "y"} or not ((codes & {"d"} and codes & {"m", "B"}) or "j" in codes):
        return "write the URL of a day, with %Y, %m and %d instead of its date"
    return None


def date_archive_urls(pattern: str, *, from_at: datetime, until_at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """Return the pages of the days of an interval in the outlet's timezone, newest first, and of the day before it.

    At most MOST_DAYS pages.
    """
    day, first = until_at.astimezone(zone).date(), from_at.astimezone(zone).date() - timedelta(days=1)
    pages: list[str] = []
    while day >= first and len(pages) < MOST_DAYS:
        pages.append(day.strftime(pattern))
        day -= timedelta(days=1)
    return tuple(pages)
