"""Learn the publication rate of an outlet: articles per hour for each hour of its week, from the results of its polls.

Pure. A rate keeps two numbers for each of the 168 hours of a week in the source's timezone: the articles that arrived in
that hour, and the hours for which it was watched. Both decay, so that recent weeks weigh more than last season.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = 168
HALF_LIFE = 4.0
"""Weeks after which an observation counts half: long enough for a count of each hour of the week (it comes once a week),
short enough that a summer's schedule is forgotten by autumn."""
DAY_ARRIVALS, HOUR_ARRIVALS = 2.0, 3.0
"""Weight, in articles, of the wider average for an hour of a day, and for an hour of the week: with fewer articles than
that the error of a Poisson count is as large as the count."""
SEED_HOURS = 0.1
"""Hours watched that the dates in a first document are worth, for each hour of the week: 17 in total."""
LEAST_RATE = 1 / (24 * 14)
"""Articles per hour of an outlet that rarely publishes: one in two weeks; with a rate of 0 it would not be polled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRate:
    """Articles and hours watched for each hour of an outlet's week. Hour 0 is Monday, 00:00 to 01:00, in its timezone."""

    arrivals: tuple[float, ...] = (0.0,) * WEEK
    hours: tuple[float, ...] = (0.0,) * WEEK

    @property
    def is_known(self) -> bool:
        """Whether any hour was observed."""
        return sum(self.hours) > 0

    def rates(self) -> tuple[float, ...]:
        """Return articles per hour, for each hour of the week.

        The rate of an hour is a mean of its own observations and of the rate of that hour on days of the same kind
        (working day, Saturday, Sunday), which in turn is a mean with the week's average. The fewer observations there
        are, the more the wider average weighs.
        """
        mean = max(sum(self.arrivals) / max(sum(self.hours), 1e-9), LEAST_RATE)
        by_day_kind = [self._hourly_rates(days, mean) for days in _DAY_KINDS]
        rates = []
        for hour in range(WEEK):
            wider = by_day_kind[_day_kind(hour)][hour % 24]
            arrived, watched = self.arrivals[hour], self.hours[hour]
            rates.append((arrived + HOUR_ARRIVALS) / (watched + HOUR_ARRIVALS / wider))
        return tuple(rates)

    def _hourly_rates(self, days: Sequence[int], mean: float) -> list[float]:
        rates = []
        for hour in range(24):
            arrived = sum(self.arrivals[day * 24 + hour] for day in days)
            watched = sum(self.hours[day * 24 + hour] for day in days)
            rates.append((arrived + DAY_ARRIVALS) / (watched + DAY_ARRIVALS / mean))
        return rates


_DAY_KINDS: tuple[tuple[int, ...], ...] = ((0, 1, 2, 3, 4), (5,), (6,))
"""Days of the week, 0 for Monday: working days, Saturday, Sunday."""


def _day_kind(hour: int) -> int:
    return 0 if hour < 120 else 1 if hour < 144 else 2


def hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    """Return the hour of the week in a timezone, 0 to 167; 0 is Monday, 00:00 to 01:00."""
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour


def split_at_hours(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[int, float]]:
    """Split an interval at full hours; yield (hour of the week, length in hours)."""
    at = start
    while at < end:
        full = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        until = min(full, end)
        yield hour_of_week(at, zone), (until - at).total_seconds() / 3600
        at = until


def expected_articles(rates: Sequence[float], start: datetime, end: datetime, zone: ZoneInfo) -> float:
    """Return the number of articles expected in an interval."""
    return sum(rates[hour] * length for hour, length in split_at_hours(start, end, zone))


def learn(
    publication_rate: PublicationRate,
    start: datetime,
    end: datetime,
    arrived: int,
    zone: ZoneInfo,
    rates: Sequence[float] | None = None,
) -> PublicationRate:
    """Return the rate updated with an interval in which `arrived` articles arrived.

    They are distributed over the hours of the interval in proportion to the known rate. `rates`: the result of
    `publication_rate.rates()`, if the caller has computed it already.
    """
    parts = list(split_at_hours(start, end, zone))
    if not parts:
        return publication_rate
    if rates is None:
        rates = publication_rate.rates() if publication_rate.is_known and len(parts) > 1 else (1.0,) * WEEK
    total = sum(rates[hour] * length for hour, length in parts)
    arrivals, hours = list(publication_rate.arrivals), list(publication_rate.hours)
    for hour, length in parts:
        decay = 0.5 ** (length / HALF_LIFE)
        arrivals[hour] = arrivals[hour] * decay + arrived * rates[hour] * length / total
        hours[hour] = hours[hour] * decay + length
    return PublicationRate(arrivals=tuple(arrivals), hours=tuple(hours))


def seeded(items: int, oldest: datetime | None, newest: datetime | None, at: datetime) -> PublicationRate:
    """Return a first estimate from the dates of a first document: its items divided by the time that they span."""
    if oldest is None or newest is None or items < 2:
        return PublicationRate()
    span = max((min(max(newest, oldest), at) - oldest) / timedelta(hours=1), 1.0)
    rate = max((items - 1) / span, LEAST_RATE)
    return PublicationRate(arrivals=(rate * SEED_HOURS,) * WEEK, hours=(SEED_HOURS,) * WEEK)


def rate_zone(name: str) -> ZoneInfo:
    """Return the timezone of that name; UTC if this machine does not have it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
