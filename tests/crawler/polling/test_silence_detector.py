"""An outlet that falls silent is told, and one that sleeps is not."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone

import pytest

from crawler.polling.silence_detector import LEARN_FIRST, SilenceState, update_silence

START = datetime(2026, 3, 2, tzinfo=timezone.utc)


def live(
    silence: SilenceState,
    since: datetime,
    hours: int,
    *,
    usual: float,
    actual: float,
    rng: random.Random,
    heap: int = 1,
) -> tuple[SilenceState, datetime | None]:
    """So many hours with `actual` of the `usual` articles an hour, in heaps of so many; and when it was first told."""
    reported = None
    for number in range(hours):
        start = since + timedelta(hours=number)
        end = start + timedelta(hours=1)
        came = sum(rng.random() < actual / heap / 100 for _ in range(100)) * heap
        silence = update_silence(silence, start=start, end=end, expected=usual, arrived=came, a_week=usual * 168)
        if reported is None and silence.is_silent(usual * 168, end):
            reported = end
    return silence, reported


@pytest.mark.parametrize("usual", [0.05, 1.0, 8.0])
def test_an_outlet_that_goes_on_as_ever_is_not_called_silent_in_half_a_year(usual: float) -> None:
    rng = random.Random(6)
    for _ in range(6):
        _, reported = live(SilenceState(), START, 26 * 168, usual=usual, actual=usual, rng=rng)
        assert reported is None


def test_an_outlet_that_publishes_in_heaps_is_not_called_silent_between_them() -> None:
    rng = random.Random(7)
    silence, reported = live(SilenceState(), START, 26 * 168, usual=2.0, actual=2.0, rng=rng, heap=10)
    assert reported is None
    assert silence.unevenness > 4


@pytest.mark.parametrize(("usual", "within"), [(0.05, 240), (1.0, 17), (8.0, 3)])
def test_a_silence_is_told_after_so_many_hours_as_are_unusual_for_the_outlet(usual: float, within: int) -> None:
    rng = random.Random(8)
    silence, _ = live(SilenceState(), START, 12 * 168, usual=usual, actual=usual, rng=rng)
    broke = START + timedelta(hours=12 * 168)
    silence, reported = live(silence, broke, 400, usual=usual, actual=0.0, rng=rng)
    assert reported is not None
    assert reported - broke <= timedelta(hours=within * 1.3)
    assert silence.quiet_since is not None
    assert abs(silence.quiet_since - broke) <= timedelta(hours=3 / usual + 1)


def test_a_fall_to_a_twentieth_is_told_too_and_a_fortnight_of_holidays_is_not() -> None:
    rng = random.Random(9)
    silence, _ = live(SilenceState(), START, 8 * 168, usual=4.0, actual=4.0, rng=rng)
    later = START + timedelta(hours=8 * 168)
    assert live(silence, later, 48, usual=4.0, actual=0.2, rng=rng)[1] is not None
    assert live(silence, later, 336, usual=4.0, actual=3.0, rng=rng)[1] is None


def test_a_silence_of_months_is_over_within_a_few_articles() -> None:
    silence, reported = live(SilenceState(), START, 8 * 168, usual=4.0, actual=4.0, rng=random.Random(1))
    silence, reported = live(
        silence, START + timedelta(hours=8 * 168), 2000, usual=4.0, actual=0.0, rng=random.Random(1)
    )
    assert reported is not None
    back = START + timedelta(hours=8 * 168 + 2000)
    for _ in range(8):
        silence = update_silence(silence, start=back, end=back, expected=0.0, arrived=1, a_week=672)
    assert not silence.is_silent(672, back)


def test_nothing_is_said_before_each_hour_of_the_week_was_seen_twice() -> None:
    _, reported = live(
        SilenceState(), START, int(LEARN_FIRST / timedelta(hours=1)) - 1, usual=5, actual=0, rng=random.Random(1)
    )
    assert reported is None
