"""Whether an outlet has fallen silent, against its own rhythm. Pure.

A change-point test (Page's CUSUM) for "it publishes a tenth of what it did" against "three quarters or more": each
article that should have come and did not raises the alarm, each that comes lowers it, below zero it never goes. Nights
and Sundays weigh what they usually bring, so an hour of silence at noon says more than a night's. The level at which it
is told is such that an outlet at three quarters of its usual pace, as in a holiday, is called silent about once in two
years, and one at its usual pace hardly ever (Lorden's bound: e to the level, in articles).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

USUAL, FALLEN_TO = 0.75, 0.1
"""Shares of the usual pace between which the test decides: a holiday is three quarters, a broken feed is nothing."""
PER_ARTICLE = math.log(USUAL / FALLEN_TO)
"""By how much an article that came lowers the alarm: the log of the ratio of its likelihoods."""
FALSE_ALARM_WEEKS = 104
"""One false alarm in so many weeks of an outlet."""
LEARN_FIRST = timedelta(days=14)
"""Nothing is said before: each hour of the week was seen twice by then."""
COMPARISON_SIZE = 3.0
"""Expected articles over which counts are compared with the expectation, to learn how unevenly they come."""
CHUNKS_KEPT = 60.0
"""Chunks' worth of unevenness remembered; about a week of a busy outlet."""
RECOVERY_SHARE = 3
"""Articles by which a silence is over: one may be an old one that was put online again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceState:
    """Of one source: the alarm, and how evenly its articles come."""

    watched_since: datetime | None = None
    alarm: float = 0.0
    quiet_since: datetime | None = None
    """Since when fewer came than usual, by the alarm's last zero; None before the first poll."""
    last_new_at: datetime | None = None
    chunk_expected: float = 0.0
    chunk_arrived: float = 0.0
    squares: float = 0.0
    weight: float = 0.0
    """Sums over chunks: squared differences from the expectation, and the expectation itself."""

    @property
    def unevenness(self) -> float:
        """Variance over mean; 1 for articles that come one by one, more for those that come in heaps."""
        return max(1.0, (self.squares + 10 * COMPARISON_SIZE) / (self.weight + 10 * COMPARISON_SIZE))

    def level(self, a_week: float) -> float:
        """The alarm at which a source with so many articles a week is called silent."""
        return math.log(max(FALSE_ALARM_WEEKS * a_week / self.unevenness, 20.0))

    def has_learnt(self, now: datetime) -> bool:
        """Whether enough was seen to judge by."""
        return self.watched_since is not None and now - self.watched_since >= LEARN_FIRST

    def is_silent(self, a_week: float, now: datetime) -> bool:
        """Whether it is to be told."""
        return self.has_learnt(now) and self.alarm >= self.level(a_week)


def update_silence(
    silence: SilenceState, *, start: datetime, end: datetime, expected: float, arrived: int, a_week: float
) -> SilenceState:
    """The pulse after an interval in which so many articles were expected, and so many came."""
    watched_since = silence.watched_since or start
    uneven = silence.unevenness
    step = ((USUAL - FALLEN_TO) * expected - PER_ARTICLE * arrived) / uneven
    # What a first fortnight shows is learnt, not judged.
    alarm = max(0.0, silence.alarm + step) if end - watched_since >= LEARN_FIRST else 0.0
    highest = silence.level(a_week) + RECOVERY_SHARE * PER_ARTICLE / uneven
    chunk_expected, chunk_arrived = silence.chunk_expected + expected, silence.chunk_arrived + arrived
    squares, weight = silence.squares, silence.weight
    if chunk_expected >= COMPARISON_SIZE:
        # A silence is no unevenness: it would raise the bar by which it is to be told.
        reported = alarm < silence.level(a_week) / 2
        kept = 1 - 1 / CHUNKS_KEPT
        squares = squares * kept + (chunk_arrived - chunk_expected) ** 2 if reported else squares
        weight = weight * kept + chunk_expected if reported else weight
        chunk_expected = chunk_arrived = 0.0
    return SilenceState(
        watched_since=watched_since,
        alarm=min(alarm, highest),
        quiet_since=silence.quiet_since if alarm > 0 and silence.alarm > 0 else start if alarm > 0 else end,
        last_new_at=end if arrived else silence.last_new_at,
        chunk_expected=chunk_expected,
        chunk_arrived=chunk_arrived,
        squares=squares,
        weight=weight,
    )
