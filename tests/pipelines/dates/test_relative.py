from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pipelines.dates.relative import parse_relative
from tests.support.news_pages import FETCHED as PAGE_FETCHED
from tests.support.news_pages import PARAGRAPHS, markup, read

KYIV = ZoneInfo("Europe/Kyiv")
FETCHED = datetime(2026, 11, 24, 10, 0, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "language", "expected", "precision"),
    [
        ("2 hours ago", "en", datetime(2026, 11, 24, 12, 0, tzinfo=KYIV) - timedelta(hours=2), "minute"),
        ("Published 45 minutes ago", "en", datetime(2026, 11, 24, 11, 15, tzinfo=KYIV), "minute"),
        ("2 години тому", "uk", datetime(2026, 11, 24, 10, 0, tzinfo=KYIV), "minute"),
        ("Сьогодні, 09:35", "uk", datetime(2026, 11, 24, 9, 35, tzinfo=KYIV), "minute"),
        ("vor 3 Stunden", "de", datetime(2026, 11, 24, 9, 0, tzinfo=KYIV), "minute"),
        ("Yesterday", "en", datetime(2026, 11, 23, 0, 0, tzinfo=KYIV), "day"),
        ("Yesterday at 4:05 pm", "en", datetime(2026, 11, 23, 16, 5, tzinfo=KYIV), "minute"),
        ("an hour ago", "en", datetime(2026, 11, 24, 11, 0, tzinfo=KYIV), "minute"),
        ("5 mins ago", "en", datetime(2026, 11, 24, 11, 55, tzinfo=KYIV), "minute"),
        ("منذ 3 ساعات", "ar", datetime(2026, 11, 24, 9, 0, tzinfo=KYIV), "minute"),
        ("לפני שעתיים", "he", datetime(2026, 11, 24, 10, 0, tzinfo=KYIV), "minute"),
        ("Just now", "en", datetime(2026, 11, 24, 12, 0, tzinfo=KYIV), "minute"),
        ("23 November, 18:40", "en", datetime(2026, 11, 23, 18, 40, tzinfo=KYIV), "minute"),
        ("Nov 23", "en", datetime(2026, 11, 23, 0, 0, tzinfo=KYIV), "day"),
        ("30 грудня, 08:15", "uk", datetime(2025, 12, 30, 8, 15, tzinfo=KYIV), "minute"),
        ("11月23日 18:40", "zh", datetime(2026, 11, 23, 18, 40, tzinfo=KYIV), "minute"),
        ("3 days ago", "en", datetime(2026, 11, 21, 0, 0, tzinfo=KYIV), "day"),
    ],
)
def test_a_relative_date_counts_from_the_time_of_the_fetch(
    text: str, language: str, expected: datetime, precision: str
) -> None:
    found = parse_relative(text, KYIV, language, FETCHED)
    assert found is not None
    assert (found.at, found.precision) == (expected.astimezone(timezone.utc), precision)


@pytest.mark.parametrize(
    "text",
    [
        "3 months ago",
        "in 2 hours",
        "The best of todays",
        "5 comments",
        "23 November 2008",
        "30 February",
        "Now showing",
    ],
)
def test_other_lines_are_not_relative_dates(text: str) -> None:
    assert parse_relative(text, KYIV, "en", FETCHED) is None


@pytest.mark.parametrize(
    ("line", "language", "minutes"),
    [("годину тому", "uk", 60), ("час назад", "ru", 60), ("an hour ago", "en", 60), ("۳ ساعت پیش", "fa", 180)],
)
def test_one_unit_and_other_digits_are_read(line: str, language: str, minutes: int) -> None:
    found = parse_relative(line, timezone.utc, language, FETCHED)
    assert found is not None
    assert FETCHED.replace(second=0) - found.at == timedelta(minutes=minutes)


def test_a_relative_date_directly_below_the_headline_needs_no_name() -> None:
    body = f"<h1>Northern pier closes</h1><div class=x7><span>3 hours ago</span></div><p>{PARAGRAPHS[0]}</p>"
    published = read(markup(body)).published
    assert published is not None
    assert PAGE_FETCHED - published.at == timedelta(hours=3)
