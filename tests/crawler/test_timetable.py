"""When something is due again."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.timetable import PollHistory, next_poll_at, retry_at, revisit_at

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
EVERY = timedelta(minutes=15)


def minutes(**history: object) -> float:
    due = next_poll_at(PollHistory(**history), now=NOW, every=EVERY)  # type: ignore[arg-type]
    return (due - NOW).total_seconds() / 60


def test_the_first_poll_is_followed_after_the_usual_time() -> None:
    assert minutes(outcome="new", items=20, is_first=True) == 15


def test_nothing_new_makes_polls_rarer_up_to_four_times_the_usual() -> None:
    assert minutes(outcome="known", items=20, known=20, interval=EVERY) == 22.5
    assert minutes(outcome="not_modified", interval=timedelta(minutes=60)) == 60


def test_no_overlap_makes_polls_more_frequent_since_something_may_lie_between() -> None:
    assert minutes(outcome="new", items=20, known=0, interval=EVERY) == 7.5
    assert minutes(outcome="new", items=20, known=0, interval=timedelta(minutes=4)) == 3.75


def test_some_overlap_keeps_the_usual_time() -> None:
    assert minutes(outcome="new", items=20, known=12, interval=timedelta(minutes=60)) == 15
    assert minutes(outcome="new", items=20, known=12, interval=timedelta(minutes=5)) == 5


def test_a_short_interval_of_the_users_is_never_made_longer_than_four_times() -> None:
    due = next_poll_at(PollHistory(outcome="known", items=1, known=1), now=NOW, every=timedelta(seconds=1))
    assert due - NOW == timedelta(seconds=1.5)


@pytest.mark.parametrize(("failures", "expected"), [(1, 30), (2, 60), (4, 240), (5, 360), (40, 360)])
def test_a_failing_way_is_asked_ever_less_often_but_four_times_a_day(failures: int, expected: float) -> None:
    assert minutes(outcome="failed", failures=failures) == expected


def test_an_article_is_left_alone_after_a_week() -> None:
    assert revisit_at(NOW, now=NOW) == NOW + timedelta(hours=1)
    assert revisit_at(NOW, now=NOW + timedelta(hours=9)) == NOW + timedelta(hours=24)
    assert revisit_at(NOW, now=NOW + timedelta(days=8)) is None


def test_attempts_at_a_page_grow_apart() -> None:
    waits = [retry_at(attempt, now=NOW) - NOW for attempt in (1, 2, 3, 4, 9)]
    assert waits == [timedelta(minutes=m) for m in (10, 60, 360, 1440, 1440)]
