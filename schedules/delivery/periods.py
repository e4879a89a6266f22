"""When a digest is due: at local times, each once, whatever the clocks do. Pure.

A period is named by the local time at which it ends, with its offset: the same wall clock in another timezone is another
period. A time that does not exist on the day when clocks go forward is taken as long after midnight as it would have been
(02:30 is then 03:30, and the same period as 03:30); one that comes twice when they go back counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from crawler.config.digests import WEEKDAYS, Digest

LATE_AFTER = timedelta(minutes=30)
"""A digest that goes out so long after its time says that it is late."""
MAX_PERIOD = timedelta(days=400)
"""How far back a missed period is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period that has ended and was not told yet."""

    name: str
    """Its end by the reader's clock: "2026-03-29T07:30+03:00"."""
    ends_at: datetime
    """UTC."""
    late: bool
    missed: int
    """Earlier periods that were not told either, and are told with it."""


def due_periods(digest: Digest, *, done_until: datetime, now: datetime) -> Period | None:
    """The newest period that ended after `done_until`; it tells of the earlier ones too. None: nothing is due."""
    ended = list(ends(digest, after=max(done_until, now - MAX_PERIOD), until=now))
    if not ended:
        return None
    name, at = ended[-1]
    missed = len(ended) - 1
    return Period(name=name, ends_at=at, late=missed > 0 or now - at > LATE_AFTER, missed=missed)


def next_end(digest: Digest, *, now: datetime) -> datetime | None:
    """When it is due next; None where it goes out at once, or never."""
    return next((at for _, at in ends(digest, after=now, until=now + timedelta(days=9))), None)


def ends(digest: Digest, *, after: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
    """The ends of its periods in that time (after < end <= until), in order: local name, UTC."""
    zone = ZoneInfo(digest.timezone)
    day = after.astimezone(zone).date() - timedelta(days=1)
    last = until.astimezone(zone).date() + timedelta(days=1)
    found = set()
    while day <= last:
        if WEEKDAYS[day.weekday()] in digest.weekdays:
            for at in digest.at:
                found.add(datetime.combine(day, at, tzinfo=zone).astimezone(timezone.utc))
        day += timedelta(days=1)
    for end in sorted(found):
        if after < end <= until:
            yield end.astimezone(zone).isoformat(timespec="minutes"), end
