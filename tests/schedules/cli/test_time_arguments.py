"""Times in arguments of commands (--since)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.exceptions import WirewatchError
from schedules.cli.arguments import since_option

NOW = datetime(2026, 3, 15, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90m", NOW - timedelta(minutes=90)),
        ("36h", NOW - timedelta(hours=36)),
        ("7d", NOW - timedelta(days=7)),
        (" 2 w ", NOW - timedelta(weeks=2)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=timezone.utc)),
        ("2026-03-01T06:00Z", datetime(2026, 3, 1, 6, tzinfo=timezone.utc)),
        ("2026-03-01T06:00+02:00", datetime(2026, 3, 1, 4, tzinfo=timezone.utc)),
    ],
)
def test_a_date_a_time_or_an_age_is_converted_to_utc(written: str, meant: datetime) -> None:
    assert since_option(written, NOW) == meant
    assert since_option(written, NOW).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "written", ["yesterday", "", "7", "-7d", "2026-02-30", "999999999w", "9" * 40 + "d", "9999-12-31T23:59:59-14:00"]
)
def test_an_invalid_time_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(WirewatchError, match="write a date such as 2026-11-01"):
        since_option(written, NOW)
