"""Archive pages of an outlet by day."""

from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from crawler.polling.date_archives import MOST_DAYS, date_archive_urls, fault_of

PATTERN = "https://gazette.example/archive/%Y/%m/%d/"
KYIV = ZoneInfo("Europe/Kyiv")


def test_the_days_of_a_gap_are_counted_in_the_outlets_timezone_with_the_day_before() -> None:
    gap = {
        "from_at": datetime(2026, 3, 1, 23, 0, tzinfo=timezone.utc),
        "until_at": datetime(2026, 3, 3, 6, 0, tzinfo=timezone.utc),
    }
    pages = date_archive_urls(PATTERN, zone=KYIV, **gap)
    assert [page[-6:] for page in pages] == ["03/03/", "03/02/", "03/01/"]


def test_a_gap_of_months_is_searched_from_its_end() -> None:
    gap = {"from_at": datetime(2026, 1, 1, tzinfo=timezone.utc), "until_at": datetime(2026, 3, 3, tzinfo=timezone.utc)}
    assert len(date_archive_urls(PATTERN, zone=KYIV, **gap)) == MOST_DAYS


@pytest.mark.parametrize(
    "pattern", [PATTERN, "https://a.example/?day=%Y-%m-%d", "https://a.example/%Y/%j", "https://a.example/%d-%B-%y"]
)
def test_a_pattern_with_a_day_is_valid(pattern: str) -> None:
    assert fault_of(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["https://a.example/archive/", "https://a.example/%Y/%m/", "https://a.example/%Y/%m/%d/%H"]
)
def test_a_pattern_without_a_day_is_invalid(pattern: str) -> None:
    assert fault_of(pattern)
