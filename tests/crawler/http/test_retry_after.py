"""How long a host is not requested after a Retry-After header."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.http.retry_after import MAX_WAIT, retry_after_until

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
        (" 120 ", timedelta(seconds=120)),
        ("9" * 5000, timedelta(days=1)),  # beyond what int() reads
        ("\xb2", timedelta(minutes=5)),  # a digit for str.isdigit, but not for int()
        ("-5", timedelta(minutes=5)),
        ("1.5", timedelta(minutes=5)),
        ("120, 120", timedelta(minutes=5)),
        ("Sunday, 01-Mar-26 13:00:00 GMT", timedelta(hours=1)),
        ("Sun Mar  1 13:00:00 2026", timedelta(hours=1)),
        ("Sun, 01 Mar 2026 14:00:00 +0100", timedelta(hours=1)),
        ("Fri, 31 Dec 9999 23:59:59 -1200", timedelta(days=1)),
        ("Mon, 01 Jan 0001 00:00:00 +1400", timedelta(minutes=5)),
        ("soon", timedelta(minutes=5)),
        ("", timedelta(minutes=5)),
        (None, timedelta(minutes=5)),
    ],
)
def test_the_wait_is_the_requested_one_within_bounds(header: str | None, wait: timedelta) -> None:
    assert retry_after_until(header, now=NOW) == NOW + wait


@given(
    st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d{1,2} (Jan|Feb|Dec) \d{1,5} \d\d:\d\d:\d\d ([-+]\d{4}|GMT)")
)
def test_no_header_raises_and_every_wait_is_within_bounds(header: str) -> None:
    assert NOW < retry_after_until(header, now=NOW) <= NOW + MAX_WAIT
