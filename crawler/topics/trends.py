"""Spikes and silences of a topic: its new reports in a day, compared with the 28 days before. Pure.

A day counts as far as the topic's usual outlets were watched in it: a source that was not polled, or that has a gap, is
no evidence of silence, and the articles of a gap that come late are no spike. The counts of a day are compared by a
Poisson test; if they vary more than Poisson counts (weekends, press conferences), the test is scaled by their dispersion.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Literal

DAY = timedelta(days=1)
BASELINE_DAYS = 28
"""Four weeks: each weekday occurs equally often."""
LEAST_DAYS = 7
"""Watched days that a comparison needs."""
LEAST_WATCHED = 0.5
"""Share of the usual outlets' time that must have been watched for a day to count."""
SIGNIFICANCE = 0.001
"""Probability of a chance result: with 20 topics and one digest a day, one false line in seven weeks."""
LEAST_SPIKE, SPIKE_RATIO = 5, 3.0
"""A spike has at least this many reports, and this many times the usual ones."""

Interval = tuple[datetime, datetime]
TrendKind = Literal["spike", "silence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReports:
    """The articles that were the first to report something for a topic."""

    last: datetime
    """When the latest was published, or else when its alert was made."""
    ages: Mapping[int, int]
    """Full days before now -> reports."""
    sources: Mapping[str, int]
    """Source ID -> reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A spike or a silence."""

    kind: TrendKind
    count: int
    """New reports within the last day; 0 for a silence."""
    usual: float
    """New reports of a usual day."""
    since: datetime
    """A day ago for a spike; the last report for a silence."""

    def __str__(self) -> str:
        """ "14 new reports in 24 hours; 3.1 a day are usual"."""
        usual = f"{self.usual:.1f} a day are usual"
        if self.kind == "spike":
            return f"{self.count} new reports in 24 hours; {usual}"
        return f"no new report since {self.since.day} {self.since:%b %H:%M} UTC; {usual}"


class WatchedTimes:
    """The times in which sources missed nothing. Topics share them: a source is read, and a share computed, only once."""

    def __init__(self, intervals_of: Callable[[str], Sequence[Interval]]) -> None:
        """`intervals_of`: source ID -> its intervals, sorted, without overlaps."""
        self._intervals_of = cache(intervals_of)
        self._known: dict[tuple[str, datetime, datetime], float] = {}

    def share(self, source: str, begin: datetime, end: datetime) -> float:
        """The share of a period in which the source was watched, from 0 to 1."""
        asked = source, begin, end
        if asked not in self._known:
            self._known[asked] = _overlap(self._intervals_of(source), begin, end) / (end - begin)
        return self._known[asked]


def trend_of(
    reports: NewReports,
    watched: WatchedTimes,
    *,
    comparable_since: datetime,
    now: datetime,
) -> Trend | None:
    """The trend of a topic; None if nothing is unusual, or if too little was watched to tell.

    `comparable_since`: since when the topic has its present definition.
    """
    last = reports.last
    start = max(comparable_since, now - (BASELINE_DAYS + 1) * DAY)
    recent = sum(count for age, count in reports.ages.items() if age < 1)
    days = [
        (begin, begin + DAY, reports.ages.get(age, 0))
        for age in range(1, BASELINE_DAYS + 1)
        if start <= (begin := now - (age + 1) * DAY) <= last
    ]
    fewest = sorted(count for *_, count in days)[:LEAST_DAYS]
    # However much was watched, the usual number is at least that of the quietest days.
    if len(days) < LEAST_DAYS or 0 < recent < max(LEAST_SPIKE, SPIKE_RATIO * sum(fewest) / LEAST_DAYS):
        return None
    share = _Shares(reports.sources, watched)
    if share.of(now - DAY, now) < LEAST_WATCHED:
        return None
    counted = [(count, exposure) for begin, end, count in days if (exposure := share.of(begin, end)) >= LEAST_WATCHED]
    if len(counted) < LEAST_DAYS:
        return None
    usual = sum(count for count, _ in counted) / sum(exposure for _, exposure in counted)
    dispersion = _dispersion(counted, usual)
    expected = max(usual, 1 / len(counted))
    if (
        recent >= max(LEAST_SPIKE, SPIKE_RATIO * usual)
        and share.of(now - 2 * DAY, now - DAY) >= LEAST_WATCHED
        and _at_least(math.floor(recent / dispersion), expected / dispersion) < SIGNIFICANCE
    ):
        return Trend(kind="spike", count=recent, usual=usual, since=now - DAY)
    missing = usual * share.of(last, now) * ((now - last) / DAY)
    if recent == 0 and math.exp(-missing / dispersion) < SIGNIFICANCE:
        return Trend(kind="silence", count=0, usual=usual, since=last)
    return None


class _Shares:
    """How much of a period the topic's outlets were watched, weighted by their reports."""

    def __init__(self, reports: Mapping[str, int], watched: WatchedTimes) -> None:
        self._reports, self._watched, self._all = reports, watched, sum(reports.values())

    def of(self, begin: datetime, end: datetime) -> float:
        """From 0 to 1."""
        if end <= begin:
            return 0.0
        return sum(
            count / self._all * self._watched.share(source, begin, end) for source, count in self._reports.items()
        )


def _overlap(intervals: Sequence[Interval], begin: datetime, end: datetime) -> timedelta:
    total = timedelta(0)
    for since, until in islice(intervals, bisect_right(intervals, begin, key=itemgetter(1)), None):
        if since >= end:
            break
        total += min(until, end) - max(since, begin)
    return total


def _dispersion(counted: Sequence[tuple[int, float]], usual: float) -> float:
    """Variance of the daily counts divided by their mean, at least 1."""
    if not usual:
        return 1.0
    squares = sum((count - usual * exposure) ** 2 / (usual * exposure) for count, exposure in counted)
    return max(1.0, squares / (len(counted) - 1))


def _at_least(count: int, expected: float) -> float:
    """The probability that a Poisson variable with this mean is `count` or more."""
    below, term = 0.0, math.exp(-expected)
    for number in range(count):
        below += term
        term *= expected / (number + 1)
    return max(0.0, 1.0 - below)
