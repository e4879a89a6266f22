"""Times relative to now."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from schedules.formatting.plain_text import span_ago

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (0, "now"),
        (0.5, "now"),
        (-5, "5 min ago"),
        (-125, "2 h ago"),
        (-3000, "2 d ago"),
        (45, "in 45 min"),
        (61, "in 1 h"),
    ],
)
def test_a_time_is_shown_relative_to_now(minutes: float, shown: str) -> None:
    assert span_ago(NOW + timedelta(minutes=minutes), NOW) == shown
    assert span_ago(None, NOW) == "–"
