"""When digests are due: once for each local time, also when clocks change."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.config.digests import Digest
from schedules.delivery.periods import due_period, ends, next_end

KYIV = "Europe/Kyiv"
"""Clocks go forward at 03:00 on 2026-03-29, back at 04:00 on 2026-10-25."""
BERLIN = "Europe/Berlin"
"""Clocks go forward at 02:00 on 2026-03-29, back at 03:00 on 2026-10-25."""


def digest(*at: str, zone: str = KYIV, **known: object) -> Digest:
    return Digest.model_validate(
        {"id": "d", "title": "D", "recipients": ("a@example.org",), "at": at, "timezone": zone, **known}
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


def rendered_periods(
    one: Digest, start: str, end: str, *, step: timedelta = timedelta(minutes=5)
) -> list[tuple[str, str]]:
    """The periods that a scheduler renders that runs every five minutes: name, and time in UTC."""
    now, last, done = utc(start), utc(end), utc(start)
    sent = []
    while now <= last:
        period = due_period(one, done_until=done, now=now)
        if period is not None:
            sent.append((period.name, f"{now:%m-%dT%H:%M}"))
            done = period.ends_at
        now += step
    return sent


@pytest.mark.parametrize(
    ("zone", "at", "sent"),
    [
        (KYIV, "02:30", [("2026-03-28T02:30+02:00", "03-28T00:30"), ("2026-03-29T02:30+02:00", "03-29T00:30"), ("2026-03-30T02:30+03:00", "03-29T23:30")]),
        (KYIV, "03:30", [("2026-03-28T03:30+02:00", "03-28T01:30"), ("2026-03-29T04:30+03:00", "03-29T01:30"), ("2026-03-30T03:30+03:00", "03-30T00:30")]),
        (BERLIN, "02:30", [("2026-03-28T02:30+01:00", "03-28T01:30"), ("2026-03-29T03:30+02:00", "03-29T01:30"), ("2026-03-30T02:30+02:00", "03-30T00:30")]),
    ],
)  # fmt: skip
def test_each_day_has_one_digest_when_clocks_go_forward(zone: str, at: str, sent: list[tuple[str, str]]) -> None:
    assert rendered_periods(digest(at, zone=zone), "2026-03-27T12:00", "2026-03-30T12:00") == sent


@pytest.mark.parametrize(
    ("zone", "at", "sent"),
    [
        (KYIV, "02:30", [("2026-10-24T02:30+03:00", "10-23T23:30"), ("2026-10-25T02:30+03:00", "10-24T23:30"), ("2026-10-26T02:30+02:00", "10-26T00:30")]),
        (KYIV, "03:30", [("2026-10-24T03:30+03:00", "10-24T00:30"), ("2026-10-25T03:30+03:00", "10-25T00:30"), ("2026-10-26T03:30+02:00", "10-26T01:30")]),
        (BERLIN, "02:30", [("2026-10-24T02:30+02:00", "10-24T00:30"), ("2026-10-25T02:30+02:00", "10-25T00:30"), ("2026-10-26T02:30+01:00", "10-26T01:30")]),
    ],
)  # fmt: skip
def test_each_day_has_one_digest_when_clocks_go_back(zone: str, at: str, sent: list[tuple[str, str]]) -> None:
    assert rendered_periods(digest(at, zone=zone), "2026-10-23T12:00", "2026-10-26T12:00") == sent


def test_two_times_that_coincide_when_clocks_go_forward_are_one_digest() -> None:
    one = digest("02:30", "03:30", zone=BERLIN)
    period = due_period(one, done_until=utc("2026-03-28T02:30"), now=utc("2026-03-29T01:31"))
    assert period is not None
    assert (period.name, period.late) == ("2026-03-29T03:30+02:00", False)
    assert due_period(one, done_until=period.ends_at, now=utc("2026-03-29T02:00")) is None


def test_the_same_wall_clock_in_another_timezone_is_another_period() -> None:
    names = {
        next(ends(digest("07:30", zone=zone), after=utc("2026-03-02T00:00"), until=utc("2026-03-03T00:00")))[0]
        for zone in (KYIV, "America/New_York")
    }
    assert names == {"2026-03-02T07:30+02:00", "2026-03-02T07:30-05:00"}


def test_weekdays_are_those_of_the_digests_time_zone() -> None:
    """Monday 00:30 in Kyiv is Sunday in UTC."""
    one = digest("00:30", weekdays=("mon",))
    assert [name for name, _ in rendered_periods(one, "2026-11-20T00:00", "2026-12-01T00:00")] == [
        "2026-11-23T00:30+02:00",
        "2026-11-30T00:30+02:00",
    ]


def test_missed_periods_are_covered_by_the_latest_one_which_is_late() -> None:
    one = digest("07:00", "18:00", zone="UTC")
    period = due_period(one, done_until=utc("2026-11-20T07:00"), now=utc("2026-11-23T09:00"))
    assert period is not None
    assert (period.name, period.late) == ("2026-11-23T07:00+00:00", True)
    assert due_period(one, done_until=period.ends_at, now=utc("2026-11-23T09:05")) is None


def test_a_digest_on_time_is_not_late() -> None:
    one = digest("07:00", zone="UTC")
    in_time = due_period(one, done_until=utc("2026-11-22T07:00"), now=utc("2026-11-23T07:04"))
    late = due_period(one, done_until=utc("2026-11-22T07:00"), now=utc("2026-11-23T08:00"))
    assert in_time is not None
    assert late is not None
    assert (in_time.late, late.late) == (False, True)


def test_the_next_end_is_the_next_scheduled_time() -> None:
    one = digest("07:00", zone="UTC", weekdays=("mon",))
    assert next_end(one, now=utc("2026-11-23T07:00")) == utc("2026-11-30T07:00")
    assert next_end(digest(immediate=True), now=utc("2026-11-23T07:00")) is None


@settings(max_examples=60)
@given(
    at=st.times().map(lambda t: time(t.hour, t.minute)),
    zone=st.sampled_from([KYIV, BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]),
    start=st.integers(min_value=0, max_value=330 * 1440).map(lambda minutes: utc("2026-01-01T00:00") + timedelta(minutes=minutes)),
    steps=st.lists(st.integers(min_value=1, max_value=3_000), min_size=1, max_size=40),
)  # fmt: skip
def test_no_period_is_repeated_and_the_last_one_is_never_missed(
    at: time, zone: str, start: datetime, steps: list[int]
) -> None:
    one = digest(f"{at:%H:%M}", zone=zone)
    now = done = start
    names: list[str] = []
    for step in steps:
        now += timedelta(minutes=step)
        period = due_period(one, done_until=done, now=now)
        if period is not None:
            names.append(period.name)
            assert done < period.ends_at <= now
            done = period.ends_at
    assert len(set(names)) == len(names)
    assert not list(ends(one, after=done, until=now))
    local = [
        now.astimezone(ZoneInfo(zone)).date(),
        start.astimezone(ZoneInfo(zone)).date(),
    ]
    assert len(names) <= (local[0] - local[1]).days + 1
