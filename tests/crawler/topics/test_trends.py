"""Spikes and silences of a topic: what is unusual, and what is unknown because the sources were not watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from crawler.topics.trends import BASELINE_DAYS, DAY, Interval, NewReports, Trend, WatchedTimes, trend_of

NOW = datetime(2026, 3, 30, 12, 0, tzinfo=timezone.utc)
ALWAYS = {"gazette": [(NOW - 60 * DAY, NOW)]}


def reports(*per_day: int) -> list[datetime]:
    """The first number is that of the last 24 hours, the second that of the day before …"""
    return [
        NOW - back * DAY - (number + 1) * DAY / (count + 1)
        for back, count in enumerate(per_day)
        for number in range(count)
    ]


def trend(
    found: Sequence[datetime], watched: Mapping[str, Sequence[Interval]] = ALWAYS, *, since: datetime = NOW - 60 * DAY
) -> Trend | None:
    if not found:
        return None
    new = NewReports(last=max(found), ages=Counter((NOW - at) // DAY for at in found), sources={"gazette": len(found)})
    return trend_of(new, WatchedTimes(lambda source: watched.get(source, ())), comparable_since=since, now=NOW)


def test_many_reports_in_a_day_are_a_spike_and_the_usual_number_is_none() -> None:
    spike = trend(reports(14, *[3, 2, 4, 3] * 7))
    assert str(spike) == "14 new reports in 24 hours; 3.0 a day are usual"
    assert trend(reports(5, *[3, 2, 4, 3] * 7)) is None


def test_the_same_number_is_no_spike_where_days_differ_much() -> None:
    assert trend(reports(14, *[0, 0, 0, 12] * 7)) is None


def test_a_few_reports_of_a_rare_topic_are_no_spike() -> None:
    assert trend(reports(4, *[0] * 27, 1)) is None


def test_no_report_for_days_is_a_silence_of_a_topic_with_several_a_day() -> None:
    silence = trend(reports(0, 0, 0, *[3, 2, 4, 3] * 7))
    assert silence is not None
    assert str(silence).startswith("no new report since 27 Mar ")
    assert str(silence).endswith(" UTC; 3.0 a day are usual")
    assert trend(reports(0, 0, 0, *[1, 0, 0, 0] * 6)) is None, "three days without are usual for it"


def test_there_is_no_silence_while_the_usual_sources_are_not_watched() -> None:
    found = reports(0, 0, 0, *[3, 2, 4, 3] * 7)
    assert trend(found, {"gazette": [(NOW - 60 * DAY, NOW - 3 * DAY)]}) is None
    assert trend(found, {"gazette": [(NOW - 60 * DAY, NOW - 3 * DAY), (NOW - DAY, NOW)]}) is None, (
        "one day is too short"
    )
    assert trend(found, {"another": [(NOW - 60 * DAY, NOW)]}) is None


def test_articles_that_come_late_after_a_gap_are_no_spike() -> None:
    found = reports(14, 0, *[3, 2, 4, 3] * 7)
    assert trend(found) is not None
    assert trend(found, {"gazette": [(NOW - 60 * DAY, NOW - 2 * DAY), (NOW - DAY, NOW)]}) is None


def test_nothing_is_said_before_the_topic_was_watched_for_a_week() -> None:
    found = reports(14, *[3, 2, 4, 3] * 7)
    assert trend(found, since=NOW - 6 * DAY) is None
    assert trend(found, {"gazette": [(NOW - 6 * DAY, NOW)]}) is None
    assert trend(found, since=NOW - 9 * DAY) is not None


def test_a_day_that_was_watched_in_part_counts_in_part() -> None:
    """Three reports in half a day are six a day."""
    halves = [(NOW - back * DAY - DAY / 2, NOW - back * DAY) for back in range(BASELINE_DAYS, -1, -1)]
    half = [NOW - back * DAY - timedelta(hours=hour) for back in range(1, 29) for hour in (2, 5, 8)]
    spike = trend([*half, *reports(24)], {"gazette": halves})
    assert spike is not None
    assert round(spike.usual, 1) == 6.0


@given(st.lists(st.integers(0, 30), min_size=1, max_size=31), st.lists(st.integers(0, 60), max_size=6))
def test_any_counts_and_watched_times_give_a_trend_or_none(counts: list[int], days: list[int]) -> None:
    edges = sorted(set(days), reverse=True)
    intervals = [(NOW - begin * DAY, NOW - end * DAY) for begin, end in zip(edges[::2], edges[1::2], strict=False)]
    found = trend(reports(*counts), {"gazette": intervals})
    assert found is None or (found.usual >= 0 and found.since <= NOW)
