"""A few simulated days of `benchmarks/scheduling.py`."""

from __future__ import annotations

import statistics
from datetime import timedelta
from pathlib import Path

from benchmarks.scheduling import fixed_interval, simulate, simulated_outlet

DAYS = 18


def test_every_article_found_by_a_poll_is_stored_and_every_lost_article_is_in_a_gap(tmp_path: Path) -> None:
    results = simulate([simulated_outlet(number, 1, DAYS) for number in (0, 2, 4)], DAYS, tmp_path)
    assert results.articles > 100
    assert (results.unseen, results.lost_unsaid, results.false_alarms) == (0, 0, [])


def test_articles_of_a_busy_outlet_are_archived_sooner_than_with_as_many_polls_at_a_fixed_interval(
    tmp_path: Path,
) -> None:
    outlets = [simulated_outlet(8, 1, DAYS)]
    results = simulate(outlets, DAYS, tmp_path)
    same = fixed_interval(outlets, DAYS, timedelta(days=DAYS) / results.polls)
    assert statistics.mean(results.latencies) < 0.9 * statistics.mean(same.latencies)


def test_a_simulated_outlet_is_the_same_for_the_same_seed() -> None:
    assert simulated_outlet(7, 1, 5).published == simulated_outlet(7, 1, 5).published
