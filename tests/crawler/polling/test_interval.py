"""When a way is asked again, through months of an outlet's life."""

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
    """The mean over ways, so that jitter does not count."""
    known = {"outcome": "new", "items": 30, "zone": KYIV, **history}
    retry_afters = [
        (next_poll_at(History(seed=f"way {seed}", **known), now=now, poll_interval=poll_interval) - now)
        for seed in range(60)
    ]
    return sum(retry_afters, timedelta()) / timedelta(minutes=1) / len(retry_afters)


def test_a_way_of_which_nothing_is_known_is_asked_as_often_as_its_source_says() -> None:
    assert minutes() == pytest.approx(15, rel=0.05)


@pytest.mark.parametrize(("an_hour", "wait"), [(4, 15), (16, 7.5), (1, 30), (0.25, 58), (0.01, 58), (300, 3.9)])
def test_the_interval_goes_with_the_square_root_of_the_pace(an_hour: float, wait: float) -> None:
    assert minutes(publication_rate=flat(an_hour), items=1000) == pytest.approx(wait, rel=0.06)


def test_no_interval_is_outside_the_bounds_whatever_the_history() -> None:
    shortest, longest = bounds(EVERY)
    for pace in (0.0001, 0.1, 3.0, 50.0, 5000.0):
        for recent in (Recent(), Recent(arrived=500), Recent(expected=500)):
            for overlaps in (True, False):
                history = History(
                    outcome="new", publication_rate=flat(pace), recent=recent, overlaps=overlaps, items=10
                )
                assert shortest <= next_poll_at(history, now=NOON, poll_interval=EVERY) - NOON <= longest


def test_a_document_is_asked_again_before_half_of_it_can_have_been_replaced() -> None:
    assert minutes(publication_rate=flat(6), items=4) == pytest.approx(60 * 0.5 * 4 / 3 / 6, rel=0.06)


def test_a_poll_that_met_nothing_known_halves_the_interval() -> None:
    assert minutes(publication_rate=flat(1), overlaps=False, since_last=timedelta(minutes=20)) == pytest.approx(
        10, rel=0.05
    )


def test_breaking_news_makes_polls_more_frequent_and_then_fades() -> None:
    usual = minutes(publication_rate=flat(2), items=200)
    breaking = Recent(expected=1, arrived=12)
    assert minutes(publication_rate=flat(2), items=200, recent=breaking) < usual / 1.6
    after_a_day = breaking.after(24, expected=48, arrived=48)
    assert minutes(publication_rate=flat(2), items=200, recent=after_a_day) == pytest.approx(usual, rel=0.05)


def test_a_night_ends_with_a_poll_soon_after_the_desk_begins() -> None:
    arrivals = tuple(120.0 if 8 <= hour % 24 < 18 else 0.05 for hour in range(168))
    publication_rate = PublicationRate(arrivals=arrivals, hours=(20.0,) * 168)
    half_past_seven = datetime(2026, 3, 3, 5, 30, tzinfo=timezone.utc)
    assert 30 < minutes(now=half_past_seven, publication_rate=publication_rate, items=500) < 45
    assert minutes(now=half_past_seven - timedelta(hours=4), publication_rate=publication_rate, items=500) > 55


@pytest.mark.parametrize(("failures", "wait"), [(1, 15), (2, 30), (3, 60), (6, 60), (40, 60)])
def test_a_failing_way_is_asked_ever_less_often_but_each_hour(failures: int, wait: float) -> None:
    assert minutes(outcome="failed", failures=failures) == pytest.approx(wait, rel=0.06)


def test_a_failing_way_is_not_asked_more_often_than_one_that_answers() -> None:
    assert minutes(outcome="failed", failures=40, poll_interval=timedelta(hours=2)) == pytest.approx(120, rel=0.11)


def test_a_failing_busy_way_is_asked_before_its_document_can_have_been_replaced() -> None:
    assert minutes(outcome="failed", failures=40, publication_rate=flat(30), items=20) == pytest.approx(20, rel=0.06)


def test_a_plan_made_again_is_the_same_and_ways_are_not_asked_in_one_second() -> None:
    plans = {
        next_poll_at(History(outcome="new", seed=f"way {seed}"), now=NOON, poll_interval=EVERY) for seed in range(40)
    }
    assert len(plans) > 20
    again = {
        next_poll_at(History(outcome="new", seed=f"way {seed}"), now=NOON, poll_interval=EVERY) for seed in range(40)
    }
    assert plans == again


def test_over_three_months_busy_hours_get_most_polls_and_articles_wait_less_than_at_a_fixed_pace() -> None:
    """One outlet with a working day, through a clock change; the fixed pace spends as many polls."""
    articles = _articles(NOON, weeks=13)
    polls, retry_afters = _simulate(articles, NOON, NOON + timedelta(weeks=13))
    learnt = [wait for at, wait in retry_afters if at > NOON + timedelta(weeks=2)]
    late_polls = [at for at in polls if at > NOON + timedelta(weeks=2)]
    fixed = timedelta(weeks=11) / len(late_polls)
    assert sum(learnt, timedelta()) / len(learnt) < 0.8 * fixed / 2
    by_day = sum(8 <= at.astimezone(KYIV).hour < 20 and at.astimezone(KYIV).weekday() < 5 for at in late_polls)
    assert by_day / len(late_polls) > 60 / 168 * 1.25


def _articles(start: datetime, weeks: int) -> list[datetime]:
    """At moments that look like chance and are the same each time: 5 an hour on working days, 0.2 else."""
    found: list[datetime] = []
    owed = 0.0
    for minute in range(weeks * 7 * 24 * 60):
        at = start + timedelta(minutes=minute)
        local = at.astimezone(KYIV)
        pace = 5.0 if local.weekday() < 5 and 8 <= local.hour < 20 else 0.2
        owed += pace / 60 * (1 + math.sin(minute * 12.9898) * 0.9)
        while owed >= 1:
            found.append(at + timedelta(seconds=(minute * 37) % 60))
            owed -= 1
    return found


def _simulate(
    articles: list[datetime], start: datetime, end: datetime
) -> tuple[list[datetime], list[tuple[datetime, timedelta]]]:
    publication_rate, recent, last, at, seen = PublicationRate(), Recent(), start, start, 0
    polls: list[datetime] = []
    retry_afters: list[tuple[datetime, timedelta]] = []
    while at < end:
        until = seen
        while until < len(articles) and articles[until] <= at:
            retry_afters.append((at, at - articles[until]))
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
    return polls, retry_afters
