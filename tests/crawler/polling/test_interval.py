"""The poll interval of a seed, with a simulation of three months."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crawler.polling.interval import History, Recent, bounds, next_poll_at
from crawler.polling.publication_rate import PublicationRate, learn

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 3, 3, 10, 0, tzinfo=timezone.utc)  # a Tuesday, 12:00 in Kyiv
EVERY = timedelta(minutes=15)


def flat(an_hour: float) -> PublicationRate:
    return PublicationRate(arrivals=(an_hour * 20,) * 168, hours=(20.0,) * 168)


def minutes(now: datetime = NOON, poll_interval: timedelta = EVERY, **history: Any) -> float:
    """The mean interval of 60 seeds in minutes, so that jitter averages out."""
    known = {"outcome": "new", "items": 30, "zone": KYIV, **history}
    waits = [
        (next_poll_at(History(seed=f"seed {seed}", **known), now=now, poll_interval=poll_interval) - now)
        for seed in range(60)
    ]
    return sum(waits, timedelta()) / timedelta(minutes=1) / len(waits)


def test_a_seed_without_history_is_polled_at_the_interval_of_its_source() -> None:
    assert minutes() == pytest.approx(15, rel=0.05)


@pytest.mark.parametrize(("an_hour", "wait"), [(4, 15), (16, 7.5), (1, 30), (0.25, 58), (0.01, 58), (300, 3.9)])
def test_the_interval_is_proportional_to_the_inverse_square_root_of_the_publication_rate(
    an_hour: float, wait: float
) -> None:
    assert minutes(publication_rate=flat(an_hour), items=1000) == pytest.approx(wait, rel=0.06)


def test_the_interval_is_always_within_its_bounds() -> None:
    shortest, longest = bounds(EVERY)
    for rate in (0.0001, 0.1, 3.0, 50.0, 5000.0):
        for recent in (Recent(), Recent(arrived=500), Recent(expected=500)):
            for overlaps in (True, False):
                history = History(
                    outcome="new", publication_rate=flat(rate), recent=recent, overlaps=overlaps, items=10
                )
                assert shortest <= next_poll_at(history, now=NOON, poll_interval=EVERY) - NOON <= longest


def test_a_document_is_polled_again_before_half_of_its_entries_can_have_been_replaced() -> None:
    assert minutes(publication_rate=flat(6), items=4) == pytest.approx(60 * 0.5 * 4 / 3 / 6, rel=0.06)


def test_a_poll_without_known_entries_halves_the_interval() -> None:
    assert minutes(publication_rate=flat(1), overlaps=False, since_last=timedelta(minutes=20)) == pytest.approx(
        10, rel=0.05
    )


def test_breaking_news_makes_polls_more_frequent_for_a_while() -> None:
    usual = minutes(publication_rate=flat(2), items=200)
    breaking = Recent(expected=1, arrived=12)
    assert minutes(publication_rate=flat(2), items=200, recent=breaking) < usual / 1.6
    after_a_day = breaking.after(24, expected=48, arrived=48)
    assert minutes(publication_rate=flat(2), items=200, recent=after_a_day) == pytest.approx(usual, rel=0.05)


def test_after_a_quiet_night_the_first_poll_is_soon_after_publication_begins() -> None:
    arrivals = tuple(120.0 if 8 <= hour % 24 < 18 else 0.05 for hour in range(168))
    publication_rate = PublicationRate(arrivals=arrivals, hours=(20.0,) * 168)
    half_past_seven = datetime(2026, 3, 3, 5, 30, tzinfo=timezone.utc)
    assert 30 < minutes(now=half_past_seven, publication_rate=publication_rate, items=500) < 45
    assert minutes(now=half_past_seven - timedelta(hours=4), publication_rate=publication_rate, items=500) > 55


@pytest.mark.parametrize(("failures", "wait"), [(1, 15), (2, 30), (3, 60), (6, 60), (40, 60)])
def test_a_failing_seed_is_polled_less_and_less_often_but_at_least_hourly(failures: int, wait: float) -> None:
    assert minutes(outcome="failed", failures=failures) == pytest.approx(wait, rel=0.06)


def test_a_failing_seed_is_not_polled_more_often_than_a_working_one() -> None:
    assert minutes(outcome="failed", failures=40, poll_interval=timedelta(hours=2)) == pytest.approx(120, rel=0.11)


def test_a_failing_busy_seed_is_polled_before_its_entries_can_have_been_replaced() -> None:
    assert minutes(outcome="failed", failures=40, publication_rate=flat(30), items=20) == pytest.approx(20, rel=0.06)


def test_the_next_poll_is_reproducible_and_differs_between_seeds() -> None:
    plans = {
        next_poll_at(History(outcome="new", seed=f"seed {seed}"), now=NOON, poll_interval=EVERY) for seed in range(40)
    }
    assert len(plans) > 20
    again = {
        next_poll_at(History(outcome="new", seed=f"seed {seed}"), now=NOON, poll_interval=EVERY) for seed in range(40)
    }
    assert plans == again


def test_in_three_months_busy_hours_get_most_polls_and_articles_wait_less_than_at_a_fixed_interval() -> None:
    """One outlet with working hours, including a clock change; the fixed interval makes as many polls."""
    articles = _articles(NOON, weeks=13)
    polls, waits = _simulate(articles, NOON, NOON + timedelta(weeks=13))
    learnt = [wait for at, wait in waits if at > NOON + timedelta(weeks=2)]
    late_polls = [at for at in polls if at > NOON + timedelta(weeks=2)]
    fixed = timedelta(weeks=11) / len(late_polls)
    assert sum(learnt, timedelta()) / len(learnt) < 0.8 * fixed / 2
    by_day = sum(8 <= at.astimezone(KYIV).hour < 20 and at.astimezone(KYIV).weekday() < 5 for at in late_polls)
    assert by_day / len(late_polls) > 60 / 168 * 1.25


def _articles(start: datetime, weeks: int) -> list[datetime]:
    """Pseudo-random publication times, the same each time: 5 per hour in working hours, else 0.2."""
    found: list[datetime] = []
    owed = 0.0
    for minute in range(weeks * 7 * 24 * 60):
        at = start + timedelta(minutes=minute)
        local = at.astimezone(KYIV)
        rate = 5.0 if local.weekday() < 5 and 8 <= local.hour < 20 else 0.2
        owed += rate / 60 * (1 + math.sin(minute * 12.9898) * 0.9)
        while owed >= 1:
            found.append(at + timedelta(seconds=(minute * 37) % 60))
            owed -= 1
    return found


def _simulate(
    articles: list[datetime], start: datetime, end: datetime
) -> tuple[list[datetime], list[tuple[datetime, timedelta]]]:
    publication_rate, recent, last, at, seen = PublicationRate(), Recent(), start, start, 0
    polls: list[datetime] = []
    waits: list[tuple[datetime, timedelta]] = []
    while at < end:
        until = seen
        while until < len(articles) and articles[until] <= at:
            waits.append((at, at - articles[until]))
            until += 1
        if at > last:
            recent = recent.after((at - last) / timedelta(hours=1), 0.0, until - seen)
            publication_rate = learn(publication_rate, last, at, until - seen, KYIV)
        polls.append(at)
        history = History(
            outcome="new" if until > seen else "known", items=60, publication_rate=publication_rate, zone=KYIV
        )
        last, seen = at, until
        at = next_poll_at(history, now=at, poll_interval=EVERY)
    return polls, waits
