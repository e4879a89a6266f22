"""When an outlet publishes: articles an hour for each hour of its week, learnt from what its polls gave.

Pure. A rhythm is two numbers for each of the 168 hours of a week in the source's own zone: articles that arrived in it,
and hours for which it was watched. Both fade, so that the rhythm of this season outweighs that of the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = 168
HALF_LIFE = 4.0
"""Weeks after which what was seen counts half: long enough to tell an hour of the week from chance (each comes once a
week), short enough that a summer's schedule has gone by autumn."""
DAY_ARRIVALS, HOUR_ARRIVALS = 2.0, 3.0
"""Arrivals that the wider average weighs, where an hour of a day, or of the week, has few of its own: below that many
a Poisson count's error is as large as the count."""
SEED_HOURS = 0.1
"""Hours of watching, for each hour of the week, that the dates in a first document are worth: 17 in all."""
LEAST_RATE = 1 / (24 * 14)
"""Articles an hour of an outlet that hardly publishes: one in two weeks; a rate of 0 would never be asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRate:
    """What is known of an outlet's week. Hour 0 is Monday from 00:00 to 01:00 in its zone."""

    arrivals: tuple[float, ...] = (0.0,) * WEEK
    hours: tuple[float, ...] = (0.0,) * WEEK

    @property
    def is_known(self) -> bool:
        """Whether anything was learnt."""
        return sum(self.hours) > 0

    def rates(self) -> tuple[float, ...]:
        """Articles an hour, for each hour of the week.

        An hour of the week leans on the same hour of its kind of day (working day, Saturday, Sunday), and that on the
        week's average, the more the less was seen of it.
        """
        mean = max(sum(self.arrivals) / max(sum(self.hours), 1e-9), LEAST_RATE)
        kinds = [self._of_kind(kind, mean) for kind in _KINDS]
        rates = []
        for hour in range(WEEK):
            wider = kinds[_kind_of(hour)][hour % 24]
            seen, watched = self.arrivals[hour], self.hours[hour]
            rates.append((seen + HOUR_ARRIVALS) / (watched + HOUR_ARRIVALS / wider))
        return tuple(rates)

    def _of_kind(self, days: Sequence[int], mean: float) -> list[float]:
        found = []
        for hour in range(24):
            seen = sum(self.arrivals[day * 24 + hour] for day in days)
            watched = sum(self.hours[day * 24 + hour] for day in days)
            found.append((seen + DAY_ARRIVALS) / (watched + DAY_ARRIVALS / mean))
        return found


_KINDS: tuple[tuple[int, ...], ...] = ((0, 1, 2, 3, 4), (5,), (6,))


def _kind_of(hour: int) -> int:
    return 0 if hour < 120 else 1 if hour < 144 else 2


def hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    """0 to 167; 0 is Monday's first hour, by the clocks of the zone."""
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def split_at_hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, float]]:
    """An interval cut at the full hours: (hour of the week, hours)."""
    at = start
    while at < end:
        full = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        until = min(full, end)
        yield hour_of_week(at, zone), (until - at).total_seconds() / 3600
        at = until


def expected_articles(rates: Sequence[float], start: datetime, end: datetime, zone: ZoneInfo) -> float:
    """Articles to be expected in an interval."""
    return sum(rates[hour] * length for hour, length in split_at_hours(start, end, zone))


def learn(
    publication_rate: PublicationRate,
    start: datetime,
    end: datetime,
    arrived: int,
    zone: ZoneInfo,
    rates: Sequence[float] | None = None,
) -> PublicationRate:
    """The rhythm after an interval in which so many articles arrived; within it they are laid where they usually come.

    `rates`: those of the rhythm, where they were reckoned already.
    """
    cut = list(split_at_hours(start, end, zone))
    if not cut:
        return publication_rate
    if rates is None:
        rates = publication_rate.rates() if publication_rate.is_known and len(cut) > 1 else (1.0,) * WEEK
    whole = sum(rates[hour] * length for hour, length in cut)
    arrivals, hours = list(publication_rate.arrivals), list(publication_rate.hours)
    for hour, length in cut:
        kept = 0.5 ** (length / HALF_LIFE)
        arrivals[hour] = arrivals[hour] * kept + arrived * rates[hour] * length / whole
        hours[hour] = hours[hour] * kept + length
    return PublicationRate(arrivals=tuple(arrivals), hours=tuple(hours))


def seeded(items: int, oldest: datetime | None, newest: datetime | None, at: datetime) -> PublicationRate:
    """A first guess, from the dates of a first document: so many articles in the time that they span."""
    if oldest is None or newest is None or items < 2:
        return PublicationRate()
    span = max((min(max(newest, oldest), at) - oldest) / timedelta(hours=1), 1.0)
    rate = max((items - 1) / span, LEAST_RATE)
    return PublicationRate(arrivals=(rate * SEED_HOURS,) * WEEK, hours=(SEED_HOURS,) * WEEK)


def rate_zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
