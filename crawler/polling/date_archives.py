"""The pages of an outlet's archive by day, where gaps are looked for: a pattern and an interval in, URLs out. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MOST_DAYS = 8
"""Days looked through for one gap: a week of downtime, and the day before it, which meets what was known."""
_CODES = re.compile(r"%([A-Za-z%])")
ALLOWED = frozenset("YymdjB%")
"""Codes of a pattern: year, month, day, day of the year, the month's English name."""


def fault_of(pattern: str) -> str | None:
    """What is wrong with a pattern; None: nothing."""
    codes = set(_CODES.findall(pattern))
    unknown = sorted(codes - ALLOWED)
    if unknown:
        return f"%{unknown[0]} is no part of a date; write %Y (2026), %m (03), %d (07), %y, %j or %B"
    if not codes & {"Y", "y"} or not ((codes & {"d"} and codes & {"m", "B"}) or "j" in codes):
        return "write the address of a day, with %Y, %m and %d in the place of its date"
    return None


def date_archive_urls(pattern: str, *, from_at: datetime, until_at: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    """The pages of the interval's days by the outlet's clocks, newest first, and of the day before it."""
    day, first = until_at.astimezone(zone).date(), from_at.astimezone(zone).date() - timedelta(days=1)
    pages: list[str] = []
    while day >= first and len(pages) < MOST_DAYS:
        pages.append(day.strftime(pattern))
        day -= timedelta(days=1)
    return tuple(pages)
