"""Compute when a seed is polled next, from the results of its polls and `now`. Pure.

An article waits half an interval on average before it is archived, and each poll costs the same. For a given number of
polls, the total wait of all articles is least if the rate of polls is proportional to the square root of the publication
rate. So the interval is the geometric mean of `poll_interval` and of the time between two articles at that hour of the
outlet's week: short on a busy morning, long at night.

Two conditions shorten it: a document lists only the newest articles, so it is polled before half of them can have been
replaced; and a seed whose last document did not overlap with the known links is polled sooner.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.models import PollStatus
from crawler.polling.publication_rate import PublicationRate, hour_of_week

MAX_SLOWDOWN = 4
"""Longest interval, as a multiple of `poll_interval`: an hour with the default of 15 minutes."""
MAX_SPEEDUP = 4
"""Shortest interval, as a fraction of `poll_interval`: four minutes with the default."""
MIN_INTERVAL = timedelta(minutes=1)
"""Shortest interval in any case, unless `poll_interval` is shorter: publishers' caches live longer."""
MAX_FAILING = timedelta(hours=1)
"""Longest interval of a failing seed, unless `poll_interval` allows more: an outage ends, and its articles must be found
before they leave the document."""
JITTER = 0.1
"""Share by which an interval is shortened or extended at random, so that seeds are not all polled in the same second."""
WINDOW_SHARE, BURST = 0.5, 3.0
"""Largest share of a document that may be replaced between two polls, at this multiple of the usual publication rate."""
RECENT = timedelta(hours=2)
"""Time constant of the decay of `Recent`: more articles than usual follow breaking news for hours, not days."""
RECENT_WEIGHT = 2.0
"""Articles added to both the expected and the arrived number, so that a single article changes little."""
MOST_BOOST, LEAST_BOOST = 8.0, 0.5
"""Limits of `Recent.boost`."""
STEPS = 48
"""Steps into which the longest interval is divided to integrate the rate: each is a third of the shortest interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """Articles that were expected and that arrived recently; both decay with RECENT."""

    expected: float = 0.0
    arrived: float = 0.0

    def after(self, hours: float, expected: float, arrived: int) -> Recent:
        """Return the numbers after one more interval of so many hours."""
        decay = math.exp(-hours / (RECENT / timedelta(hours=1)))
        return Recent(expected=self.expected * decay + expected, arrived=self.arrived * decay + arrived)

    @property
    def boost(self) -> float:
        """The present publication rate as a multiple of the usual one."""
        ratio = (RECENT_WEIGHT + self.arrived) / (RECENT_WEIGHT + self.expected)
        return min(max(ratio, LEAST_BOOST), MOST_BOOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The results of a seed's polls, as far as its next poll depends on them."""

    outcome: PollStatus
    """Of the last poll."""
    seed: str = ""
    """URL of the seed, from which its jitter is computed."""
    items: int = 0
    """Links in its last full document."""
    overlaps: bool = True
    """Whether its last document overlaps with the links known before, so that nothing was missed."""
    since_last: timedelta | None = None
    """Time between its last two documents; None before the second."""
    failures: int = 0
    """Failed polls in a row, including the last one."""
    publication_rate: PublicationRate = field(default_factory=PublicationRate)
    recent: Recent = field(default_factory=Recent)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


def bounds(poll_interval: timedelta) -> tuple[timedelta, timedelta]:
    """Return the shortest and the longest interval of a seed with this configured interval."""
    return min(poll_interval, max(poll_interval / MAX_SPEEDUP, MIN_INTERVAL)), poll_interval * MAX_SLOWDOWN


def next_poll_at(history: History, *, now: datetime, poll_interval: timedelta) -> datetime:
    """Return the time of the next poll, in whole seconds."""
    shortest, longest = bounds(poll_interval)
    interval: timedelta
    if history.outcome in ("failed", "refused"):
        longest = max(MAX_FAILING, longest)
        interval = _backed_off(history, now, poll_interval)
    elif not history.publication_rate.is_known:
        interval = poll_interval
    else:
        interval = _by_publication_rate(history, now, poll_interval)
    if not history.overlaps:
        interval = min(interval, (history.since_last or poll_interval) / 2)
    interval *= 1 + JITTER * _jitter(history.seed, now)
    return (now + min(max(interval, shortest), longest)).replace(microsecond=0)


def _backed_off(history: History, now: datetime, poll_interval: timedelta) -> timedelta:
    """Return an interval that doubles with each failure, but ends before the document can have been replaced."""
    most = max(MAX_FAILING, poll_interval)
    doubled: timedelta = min(poll_interval * (2 ** min(max(history.failures - 1, 0), 16)), most)
    rates = history.publication_rate.rates() if history.publication_rate.is_known else None
    if rates is None or not history.items:
        return doubled
    replaced = timedelta(hours=WINDOW_SHARE * history.items / max(_highest_rate_ahead(rates, now, history.zone), 1e-9))
    return min(doubled, max(replaced, poll_interval))


def _highest_rate_ahead(rates: Sequence[float], now: datetime, zone: ZoneInfo) -> float:
    """Return the higher one of the rates now and after MAX_FAILING."""
    return max(rates[hour_of_week(now + ahead, zone)] for ahead in (timedelta(), MAX_FAILING))


def _by_publication_rate(history: History, now: datetime, poll_interval: timedelta) -> timedelta:
    """Integrate over the coming hours until one poll is due, or until too much of the document is replaced."""
    _, longest = bounds(poll_interval)
    step = longest / STEPS
    hours = step / timedelta(hours=1)
    usual = poll_interval / timedelta(hours=1)
    fade = math.exp(-hours / (RECENT / timedelta(hours=1)))
    rates, extra = history.publication_rate.rates(), history.recent.boost - 1
    room = WINDOW_SHARE * history.items / BURST if history.items else math.inf
    due = replaced = 0.0
    passed = timedelta()
    for number in range(STEPS):
        rate = rates[hour_of_week(now + step * number, history.zone)] * (1 + extra)
        need, fill = hours * math.sqrt(rate / usual), hours * rate
        part = min((1 - due) / need if need else math.inf, (room - replaced) / fill if fill else math.inf)
        if part <= 1:
            return passed + step * max(part, 0.0)
        due, replaced, passed, extra = due + need, replaced + fill, passed + step, extra * fade
    return longest


def _jitter(seed: str, now: datetime) -> float:
    """Return a number from -1 to 1 that depends only on seed and time, so that the result can be reproduced."""
    digest = hashlib.blake2b(f"{seed} {now.isoformat()}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0x7FFFFFFF - 1
