"""When a way is asked again. Pure: what its polls gave so far, and `now`, in; a time out.

The time from publication to archive is half an interval, for as many articles as come in it; a request costs the same
whenever it is made. For a given number of requests the total wait is least where the pace of polls goes with the
square root of the pace of articles. So the interval is the geometric mean of `poll_interval` and of the time between two
articles, at that hour of the outlet's week: a busy morning is asked more often, a silent night hardly.

Two things bound it from below: a document holds its newest so many articles, and must be asked again before half of
it can have been replaced; and a way of which the last poll met nothing known is asked again sooner.
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
"""A quiet way is polled at least every `poll_interval` times this: an hour, where `poll_interval` is the usual quarter."""
MAX_SPEEDUP = 4
"""A busy one up to this many times as often as `poll_interval` says: each four minutes, where it is the usual quarter."""
MIN_INTERVAL = timedelta(minutes=1)
"""Shorter than any publisher's cache lifetime that is worth the request; a smaller `poll_interval` of the user's wins."""
MAX_FAILING = timedelta(hours=1)
"""A way that fails is asked at least this often, or as often as `poll_interval` says: outages end, and nobody must miss what came
meanwhile. One request an hour burdens nobody."""
JITTER = 0.1
"""Share by which an interval is shorter or longer: outlets must not all be asked in one second."""
WINDOW_SHARE, BURST = 0.5, 3.0
"""At most this share of a document may be replaced between two polls, at so many times the usual pace."""
RECENT = timedelta(hours=2)
"""In which an unusual pace fades: breaking news is followed by more of it for hours, not days."""
RECENT_WEIGHT = 2.0
"""Articles that the usual pace weighs against what came lately: one more or less is chance."""
MOST_BOOST, LEAST_BOOST = 8.0, 0.5
"""How far what came lately may move the usual pace."""
STEPS = 48
"""Into which the longest interval is cut when the pace is followed through it: a third of the shortest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """What came lately, and what was to be expected: both fade with RECENT."""

    expected: float = 0.0
    arrived: float = 0.0

    def after(self, hours: float, expected: float, arrived: int) -> Recent:
        """With one more interval."""
        kept = math.exp(-hours / (RECENT / timedelta(hours=1)))
        return Recent(expected=self.expected * kept + expected, arrived=self.arrived * kept + arrived)

    @property
    def boost(self) -> float:
        """How much faster than usual it goes at present."""
        found = (RECENT_WEIGHT + self.arrived) / (RECENT_WEIGHT + self.expected)
        return min(max(found, LEAST_BOOST), MOST_BOOST)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the polls of one way gave."""

    outcome: PollStatus
    """Of the last one."""
    seed: str = ""
    """By which ways differ in their jitter."""
    items: int = 0
    """Links in its last full document."""
    overlaps: bool = True
    """Whether the last poll met what was known: nothing can lie between."""
    since_last: timedelta | None = None
    """Between the last poll that gave a document and the one before; None before the second."""
    failures: int = 0
    """Failed polls in a row, the last one too."""
    publication_rate: PublicationRate = field(default_factory=PublicationRate)
    recent: Recent = field(default_factory=Recent)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


def bounds(poll_interval: timedelta) -> tuple[timedelta, timedelta]:
    """The shortest and the longest interval of a way that is to be polled every so often."""
    return min(poll_interval, max(poll_interval / MAX_SPEEDUP, MIN_INTERVAL)), poll_interval * MAX_SLOWDOWN


def next_poll_at(history: History, *, now: datetime, poll_interval: timedelta) -> datetime:
    """When to ask again, whole seconds."""
    shortest, longest = bounds(poll_interval)
    interval: timedelta
    if history.outcome in ("failed", "refused"):
        longest = max(MAX_FAILING, longest)
        interval = _backed_off(history, now, poll_interval)
    elif not history.publication_rate.is_known:
        interval = poll_interval
    else:
        interval = _by_pace(history, now, poll_interval)
    if not history.overlaps:
        interval = min(interval, (history.since_last or poll_interval) / 2)
    interval *= 1 + JITTER * _jitter(history.seed, now)
    return (now + min(max(interval, shortest), longest)).replace(microsecond=0)


def _backed_off(history: History, now: datetime, poll_interval: timedelta) -> timedelta:
    """Twice as long after each failure, but back before the document can have been replaced."""
    most = max(MAX_FAILING, poll_interval)
    doubled: timedelta = min(poll_interval * (2 ** min(max(history.failures - 1, 0), 16)), most)
    rates = history.publication_rate.rates() if history.publication_rate.is_known else None
    if rates is None or not history.items:
        return doubled
    replaced = timedelta(hours=WINDOW_SHARE * history.items / max(_pace_ahead(rates, now, history.zone), 1e-9))
    return min(doubled, max(replaced, poll_interval))


def _pace_ahead(rates: Sequence[float], now: datetime, zone: ZoneInfo) -> float:
    hours = (timedelta(), MAX_FAILING)
    return max(rates[hour_of_week(now + ahead, zone)] for ahead in hours)


def _by_pace(history: History, now: datetime, poll_interval: timedelta) -> timedelta:
    """Through the hours to come, until the pace that was followed makes one poll due."""
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
        pace = rates[hour_of_week(now + step * number, history.zone)] * (1 + extra)
        need, fill = hours * math.sqrt(pace / usual), hours * pace
        part = min((1 - due) / need if need else math.inf, (room - replaced) / fill if fill else math.inf)
        if part <= 1:
            return passed + step * max(part, 0.0)
        due, replaced, passed, extra = due + need, replaced + fill, passed + step, extra * fade
    return longest


def _jitter(seed: str, now: datetime) -> float:
    """-1 to 1: the same for the same way and time, so that a plan can be made again."""
    digest = hashlib.blake2b(f"{seed} {now.isoformat()}".encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") / 0x7FFFFFFF - 1
