"""The simulated days, a few of them in every test run; `benchmarks/scheduling.py` is the long form."""

from __future__ import annotations

import statistics
from datetime import timedelta
from pathlib import Path

from benchmarks.scheduling import fixed, invent, live

DAYS = 18


def test_what_a_poll_was_shown_is_kept_and_what_was_lost_is_said(tmp_path: Path) -> None:
    reported = live([invent(number, 1, DAYS) for number in (0, 2, 4)], DAYS, tmp_path)
    assert reported.articles > 100
    assert (reported.unseen, reported.lost_unsaid, reported.false_alarms) == (0, 0, [])


def test_articles_of_a_busy_outlet_wait_less_than_at_a_fixed_interval_with_as_many_polls(tmp_path: Path) -> None:
    outlets = [invent(8, 1, DAYS)]
    reported = live(outlets, DAYS, tmp_path)
    same = fixed(outlets, DAYS, timedelta(days=DAYS) / reported.polls)
    assert statistics.mean(reported.latencies) < 0.9 * statistics.mean(same.latencies)


def test_an_outlet_is_the_same_each_time() -> None:
    assert invent(7, 1, 5).published == invent(7, 1, 5).published
