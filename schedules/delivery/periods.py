"""When a digest is due: once for each of its local times, also when clocks change. Pure.

A period is named after the local time of its end, with the UTC offset: the same wall clock time in another time zone is
another period. A time that does not exist on the day when clocks go forward is moved by the same hour (02:30 becomes 03:30,
and is the same period as 03:30). A time that occurs twice when clocks go back counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from crawler.config.digests import WEEKDAYS, Digest

LATE_AFTER = timedelta(minutes=30)
"""A digest that is rendered this long after its time says that it is late."""
MAX_PERIOD = timedelta(days=400)
"""How far back missed periods are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that has ended and has no digest yet."""

    name: str
    """Its end in the digest's time zone: "2026-03-29T07:30+03:00"."""
    ends_at: datetime
    """UTC."""
    late: bool
    """Also if there are earlier periods without a digest, which this one covers."""


def due_period(digest: Digest, *, done_until: datetime, now: datetime) -> Period | None:
    """The latest period that ended after `done_until`; it covers the missed ones before it. None: no period is due."""
    ended = list(ends(digest, after=max(done_until, now - MAX_PERIOD), until=now))
    if not ended:
        return None
    name, at = ended[-1]
    return Period(name=name, ends_at=at, late=len(ended) > 1 or now - at > LATE_AFTER)


def is_quiet(digest: Digest, now: datetime) -> bool:
    """Whether an immediate digest waits because of its quiet hours."""
    if not digest.quiet_hours:
        return False
    begin, end = digest.quiet_hours
    local = now.astimezone(ZoneInfo(digest.timezone)).time().replace(tzinfo=None)
    return begin <= local < end if begin < end else local >= begin or local < end


def next_end(digest: Digest, *, now: datetime) -> datetime | None:
    """The end of the next period; None for an immediate digest."""
    return next((at for _, at in ends(digest, after=now, until=now + timedelta(days=9))), None)


def ends(digest: Digest, *, after: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
    """Name and end (UTC) of the periods with after < end <= until, in order."""
    zone = ZoneInfo(digest.timezone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() + timedelta(days=1)
    found = set()
    while day <= last:
        if WEEKDAYS[day.weekday()] in digest.weekdays:
            found |= {datetime.combine(day, at, tzinfo=zone).astimezone(timezone.utc) for at in digest.at}
        day += timedelta(days=1)
    for end in sorted(found):
        if after < end <= until:
            yield end.astimezone(zone).isoformat(timespec="minutes"), end
