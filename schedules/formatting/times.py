"""Times for people, in the digest's time zone. Names of days and months do not depend on the machine's locale."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from schedules.formatting.plain_text import count_phrase

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(at: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """ "Mon 23 Nov", with the year if it is not that of `now`."""
    local = at.astimezone(zone)
    year = f" {local.year}" if now is None or now.astimezone(zone).year != local.year else ""
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}{year}"


def local_time(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """ "Mon 23 Nov, 14:05"."""
    local = at.astimezone(zone)
    return f"{day(at, zone, now=now)}, {local:%H:%M}"


def interval(start: datetime, end: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """ "Mon 23 Nov, 14:05 – 16:20": the day only once if it is the same."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    till = f"{last:%H:%M}" if first.date() == last.date() else local_time(end, zone, now=now)
    return f"{local_time(start, zone, now=now)} – {till}"


def lasting(span: timedelta) -> str:
    """ "3 days", "5 hours", "12 minutes"."""
    minutes = max(0, round(span.total_seconds() / 60))
    for size, name in ((1440, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{minutes // size} {name}s"
    return count_phrase(minutes, "minute")


def delay(span: timedelta) -> str:
    """ "+23 min", "+2 h 5 min", "+1 d 3 h"; "+0 min" for less than a minute or a negative span."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"+{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"+{hours} h {minutes} min" if minutes else f"+{hours} h"
    days, hours = divmod(hours, 24)
    return f"+{days} d {hours} h" if hours else f"+{days} d"


def span_ago(at: datetime | None, now: datetime) -> str:
    """ "5 min ago", "in 2 h", "3 d ago"; "–" for None."""
    if at is None:
        return "–"
    seconds = (now - at).total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            span = f"{int(abs(seconds) // length)} {unit}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "now"
