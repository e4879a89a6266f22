"""When a host asks to be left alone: for how long. Pure; handed `now`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

MAX_WAIT = timedelta(days=1)
"""Longer waits are cut: a day later a polite question is in order, and a wrong clock must not silence a source for years."""
DEFAULT_WAIT = timedelta(minutes=5)
"""Where a 429 or 503 does not say how long."""
THROTTLING_STATUSES = frozenset({429, 503})


def retry_after_until(header: str | None, *, now: datetime) -> datetime:
    """The end of the wait that a Retry-After asks for: seconds or an HTTP date (RFC 9110, 10.2.3)."""
    asked = _asked(header, now)
    return min(asked if asked is not None and asked > now else now + DEFAULT_WAIT, now + MAX_WAIT)


def _asked(header: str | None, now: datetime) -> datetime | None:
    text = (header or "").strip()
    if re.fullmatch("[0-9]+", text):
        return now + timedelta(seconds=float(text)) if len(text) < 8 else now + MAX_WAIT
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)
