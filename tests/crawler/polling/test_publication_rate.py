"""The publication rate of a seed by hour of the week, learnt from its polls."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from crawler.polling.publication_rate import (
    LEAST_RATE,
    PublicationRate,
    expected_articles,
    hour_of_week,
    learn,
    rate_zone,
    seeded,
    split_at_hours,
)

KYIV = ZoneInfo("Europe/Kyiv")
MONDAY = datetime(2026, 3, 2, tzinfo=KYIV).astimezone(timezone.utc)


def watched(
    weeks: int, busy: range, publication_rate: PublicationRate | None = None, *, since: datetime = MONDAY
) -> PublicationRate:
    """The rate after `weeks` weeks with six articles in each busy hour of a working day, and none in other hours."""
    publication_rate = publication_rate or PublicationRate()
    for number in range(weeks * 168):
        start = since + timedelta(hours=number)
        local = start.astimezone(KYIV)
        is_busy = local.weekday() < 5 and local.hour in busy
        publication_rate = learn(publication_rate, start, start + timedelta(hours=1), 6 if is_busy else 0, KYIV)
    return publication_rate


def test_busy_and_silent_hours_are_distinguished_after_three_weeks() -> None:
    rates = watched(3, range(8, 18)).rates()
    assert rates[24 + 10] == pytest.approx(6, rel=0.15)
    assert rates[24 + 3] < 0.5
    assert rates[120 + 10] < 1.0


def test_an_unobserved_working_day_gets_the_rate_of_the_other_working_days() -> None:
    publication_rate = PublicationRate()
    for number in range(4 * 24):  # Monday to Thursday only
        start = MONDAY + timedelta(hours=number)
        busy = 8 <= start.astimezone(KYIV).hour < 18
        publication_rate = learn(publication_rate, start, start + timedelta(hours=1), 6 if busy else 0, KYIV)
    rates = publication_rate.rates()
    assert rates[4 * 24 + 10] > 4 * rates[4 * 24 + 3], "Friday was not observed"


def test_hours_are_local_hours_before_and_after_a_clock_change() -> None:
    before, after = datetime(2026, 3, 23, 6, 30, tzinfo=timezone.utc), datetime(2026, 3, 30, 5, 30, tzinfo=timezone.utc)
    assert hour_of_week(before, KYIV) == hour_of_week(after, KYIV) == 8


def test_the_day_of_a_clock_change_has_its_actual_number_of_hours() -> None:
    spring = list(
        split_at_hours(
            datetime(2026, 3, 28, 22, tzinfo=timezone.utc), datetime(2026, 3, 29, 21, tzinfo=timezone.utc), KYIV
        )
    )
    assert sum(length for _, length in spring) == 23
    assert 144 + 3 not in [hour for hour, _ in spring]


def test_a_new_schedule_outweighs_the_old_one_within_two_months() -> None:
    publication_rate = watched(12, range(8, 18))
    publication_rate = watched(8, range(18, 23), publication_rate, since=MONDAY + timedelta(weeks=12))
    rates = publication_rate.rates()
    assert rates[24 + 20] > 4 > 2.5 > rates[24 + 10]


def test_the_expected_number_of_articles_follows_the_hours() -> None:
    rates = watched(4, range(8, 18)).rates()
    at_night = expected_articles(rates, MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=5), KYIV)
    at_noon = expected_articles(rates, MONDAY + timedelta(hours=10), MONDAY + timedelta(hours=14), KYIV)
    assert at_night < 1 < 20 < at_noon


def test_a_publication_rate_is_never_zero() -> None:
    silent = PublicationRate()
    for number in range(168):
        silent = learn(silent, MONDAY + timedelta(hours=number), MONDAY + timedelta(hours=number + 1), 0, KYIV)
    assert 0 < min(silent.rates()) < 10 * LEAST_RATE


def test_the_dates_in_the_first_document_give_a_first_estimate() -> None:
    publication_rate = seeded(25, MONDAY - timedelta(hours=12), MONDAY, MONDAY)
    assert publication_rate.rates()[50] == pytest.approx(2, rel=0.2)
    assert not seeded(25, None, None, MONDAY).is_known
    assert not seeded(1, MONDAY, MONDAY, MONDAY).is_known


def test_an_unknown_timezone_becomes_utc() -> None:
    assert rate_zone("Mars/Olympus").key == "UTC"
