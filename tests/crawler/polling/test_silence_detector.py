"""An outlet that stops publishing is reported, and one with a usual pause is not."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

import pytest

from crawler.polling.silence_detector import LEARN_FIRST, SilenceState, update_silence

START = datetime(2026, 3, 2, tzinfo=timezone.utc)


def observe(
    silence: SilenceState,
    since: datetime,
    hours: int,
    *,
    usual: float,
    actual: float,
    rng: random.Random,
    burst: int = 1,
) -> tuple[SilenceState, datetime | None]:
    """(state after `hours` hours with `actual` articles per hour in bursts of `burst`, when silence was first reported)."""
    reported = None
    for number in range(hours):
        start = since + timedelta(hours=number)
        end = start + timedelta(hours=1)
        arrived = sum(rng.random() < actual / burst / 100 for _ in range(100)) * burst
        silence = update_silence(silence, start=start, end=end, expected=usual, arrived=arrived, a_week=usual * 168)
        if reported is None and silence.is_silent(usual * 168, end):
            reported = end
    return silence, reported


@pytest.mark.parametrize("usual", [0.05, 1.0, 8.0])
def test_an_outlet_that_publishes_as_usual_is_not_reported_as_silent_in_half_a_year(usual: float) -> None:
    rng = random.Random(6)
    for _ in range(6):
        _, reported = observe(SilenceState(), START, 26 * 168, usual=usual, actual=usual, rng=rng)
        assert reported is None


def test_an_outlet_that_publishes_in_bursts_is_not_reported_as_silent_between_them() -> None:
    rng = random.Random(7)
    silence, reported = observe(SilenceState(), START, 26 * 168, usual=2.0, actual=2.0, rng=rng, burst=10)
    assert reported is None
    assert silence.unevenness > 4


@pytest.mark.parametrize(("usual", "within"), [(0.05, 240), (1.0, 17), (8.0, 3)])
def test_silence_is_reported_after_a_time_that_is_unusual_for_the_outlet(usual: float, within: int) -> None:
    rng = random.Random(8)
    silence, _ = observe(SilenceState(), START, 12 * 168, usual=usual, actual=usual, rng=rng)
    stopped = START + timedelta(hours=12 * 168)
    silence, reported = observe(silence, stopped, 400, usual=usual, actual=0.0, rng=rng)
    assert reported is not None
    assert reported - stopped <= timedelta(hours=within * 1.3)
    assert silence.quiet_since is not None
    assert abs(silence.quiet_since - stopped) <= timedelta(hours=3 / usual + 1)


def test_a_decline_to_a_twentieth_is_reported_and_two_slow_weeks_are_not() -> None:
    rng = random.Random(9)
    silence, _ = observe(SilenceState(), START, 8 * 168, usual=4.0, actual=4.0, rng=rng)
    later = START + timedelta(hours=8 * 168)
    assert observe(silence, later, 48, usual=4.0, actual=0.2, rng=rng)[1] is not None
    assert observe(silence, later, 336, usual=4.0, actual=3.0, rng=rng)[1] is None


def test_a_silence_of_months_ends_after_a_few_articles() -> None:
    silence, reported = observe(SilenceState(), START, 8 * 168, usual=4.0, actual=4.0, rng=random.Random(1))
    silence, reported = observe(
        silence, START + timedelta(hours=8 * 168), 2000, usual=4.0, actual=0.0, rng=random.Random(1)
    )
    assert reported is not None
    back = START + timedelta(hours=8 * 168 + 2000)
    for _ in range(8):
        silence = update_silence(silence, start=back, end=back, expected=0.0, arrived=1, a_week=672)
    assert not silence.is_silent(672, back)


def test_silence_is_not_reported_before_each_hour_of_the_week_was_observed_twice() -> None:
    _, reported = observe(
        SilenceState(), START, int(LEARN_FIRST / timedelta(hours=1)) - 1, usual=5, actual=0, rng=random.Random(1)
    )
    assert reported is None
