"""How long a host is left alone that asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from crawler.politeness import wait_until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Sun, 01 Mar 2026 13:00:00 GMT", timedelta(hours=1)),
        ("999999999999", timedelta(days=1)),
        ("Sun, 01 Mar 2099 13:00:00 GMT", timedelta(days=1)),
        ("Sun, 01 Mar 2020 13:00:00 GMT", timedelta(minutes=5)),
        ("0", timedelta(minutes=5)),
        ("soon", timedelta(minutes=5)),
        ("", timedelta(minutes=5)),
        (None, timedelta(minutes=5)),
    ],
)
def test_the_wait_is_what_was_asked_for_within_reason(header: str | None, wait: timedelta) -> None:
    assert wait_until(header, now=NOW) == NOW + wait
