"""Detect that an outlet publishes far less than its usual publication rate. Pure.

A change-point test (Page's CUSUM) of "a tenth of the usual rate" against "three quarters of it or more": each expected
article that does not arrive raises the alarm, each that arrives lowers it, and it stays at 0 or above. Expectations follow
the hours of the week, so an hour of silence at noon weighs more than a night. The level of the alarm is chosen so that an
outlet at three quarters of its usual rate, as in a holiday, is reported as silent about once in two years, and one at its
usual rate almost never (Lorden's bound: e to the power of the level, in articles).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

USUAL, FALLEN_TO = 0.75, 0.1
"""The shares of the usual rate that the test compares: a holiday is three quarters, a broken feed is nothing."""
PER_ARTICLE = math.log(USUAL / FALLEN_TO)
"""Amount by which an article lowers the alarm: the logarithm of its likelihood ratio."""
FALSE_ALARM_WEEKS = 104
"""Weeks in which one false alarm is accepted for an outlet."""
LEARN_FIRST = timedelta(days=14)
"""Time before the first alarm: each hour of the week was observed twice by then."""
COMPARISON_SIZE = 3.0
"""Expected articles in one chunk, for which the count is compared with the expectation to learn how uneven it is."""
CHUNKS_KEPT = 60.0
"""Chunks over which the unevenness is averaged; about a week of a busy outlet."""
RECOVERY_ARTICLES = 3
"""Articles that end a silence; a single one may be an old article that was republished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceState:
    """The state of the test for one source: the alarm, and how unevenly its articles arrive."""

    watched_since: datetime | None = None
    alarm: float = 0.0
    quiet_since: datetime | None = None
    """When the alarm was last 0: since then fewer articles arrived than usual. None before the first poll."""
    last_new_at: datetime | None = None
    """When an article last arrived."""
    chunk_expected: float = 0.0
    chunk_arrived: float = 0.0
    squares: float = 0.0
    weight: float = 0.0
    """Decaying sums over chunks: squared differences from the expectation, and the expectation itself."""

    @property
    def unevenness(self) -> float:
        """The variance divided by the mean: 1 if articles arrive independently, more if they arrive in batches."""
        return max(1.0, (self.squares + 10 * COMPARISON_SIZE) / (self.weight + 10 * COMPARISON_SIZE))

    def level(self, a_week: float) -> float:
        """Return the alarm from which a source with `a_week` articles per week is silent."""
        return math.log(max(FALSE_ALARM_WEEKS * a_week / self.unevenness, 20.0))

    def has_learnt(self, now: datetime) -> bool:
        """Return whether the source was watched for long enough to detect silence."""
        return self.watched_since is not None and now - self.watched_since >= LEARN_FIRST

    def is_silent(self, a_week: float, now: datetime) -> bool:
        """Return whether the source, with `a_week` articles per week, is silent."""
        return self.has_learnt(now) and self.alarm >= self.level(a_week)


def update_silence(
    silence: SilenceState, *, start: datetime, end: datetime, expected: float, arrived: int, a_week: float
) -> SilenceState:
    """Return the state after an interval in which `expected` articles were expected and `arrived` arrived."""
    watched_since = silence.watched_since or start
    uneven = silence.unevenness
    step = ((USUAL - FALLEN_TO) * expected - PER_ARTICLE * arrived) / uneven
    # The first two weeks are for learning only.
    alarm = max(0.0, silence.alarm + step) if end - watched_since >= LEARN_FIRST else 0.0
    highest = silence.level(a_week) + RECOVERY_ARTICLES * PER_ARTICLE / uneven
    chunk_expected, chunk_arrived = silence.chunk_expected + expected, silence.chunk_arrived + arrived
    squares, weight = silence.squares, silence.weight
    if chunk_expected >= COMPARISON_SIZE:
        # A silence must not count as unevenness, because that would raise the level at which it is detected.
        is_usual = alarm < silence.level(a_week) / 2
        decay = 1 - 1 / CHUNKS_KEPT
        squares = squares * decay + (chunk_arrived - chunk_expected) ** 2 if is_usual else squares
        weight = weight * decay + chunk_expected if is_usual else weight
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
