"""When rechecks and retries are due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from crawler.polling.rechecks import check_of_empty, next_check_after_failure, next_check_at, retry_at

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def test_an_article_is_not_rechecked_after_a_week() -> None:
    assert next_check_at(NOW, now=NOW, fetch_count=1) == NOW + timedelta(hours=1)
    assert next_check_at(NOW, now=NOW + timedelta(hours=9), fetch_count=3) == NOW + timedelta(hours=24)
    assert next_check_at(NOW, now=NOW + timedelta(days=8), fetch_count=6) is None


def test_the_time_between_attempts_grows() -> None:
    waits = [retry_at(attempt, now=NOW) - NOW for attempt in (1, 2, 3, 4, 9)]
    assert waits == [timedelta(minutes=m) for m in (10, 60, 360, 1440, 1440)]


def test_a_recheck_that_always_fails_ends() -> None:
    due, at = [], NOW + timedelta(hours=1)
    while (then := next_check_after_failure(NOW, now=at)) is not None:
        due.append(then)
        at = then
    assert due[0] - NOW == timedelta(hours=1, minutes=10)
    assert len(due) < 60
    assert timedelta(days=14) < due[-1] - NOW < timedelta(days=16)


def test_a_rendered_page_without_text_is_rendered_again_three_times_within_an_hour() -> None:
    now = datetime(2026, 3, 7, 12, tzinfo=timezone.utc)
    waits = [check_of_empty(count, now=now) for count in range(1, 6)]
    assert [at and (at - now) / timedelta(minutes=1) for at in waits] == [5, 15, 45, None, None]
