"""Compute how long to wait after HTTP 429 or 503."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

MAX_WAIT = timedelta(days=1)
"""Longer waits are shortened to this: a date far in the future is usually an error of the server's clock."""
DEFAULT_WAIT = timedelta(minutes=5)
"""Used if a 429 or 503 has no valid Retry-After."""
THROTTLING_STATUSES = frozenset({429, 503})


def retry_after_until(header: str | None, *, now: datetime) -> datetime:
    """Return the end of the wait. `header`: the value of Retry-After, in seconds or as an HTTP date (RFC 9110, 10.2.3)."""
    requested = _requested(header, now)
    return min(requested if requested is not None and requested > now else now + DEFAULT_WAIT, now + MAX_WAIT)


def _requested(header: str | None, now: datetime) -> datetime | None:
    text = (header or "").strip()
    if re.fullmatch("[0-9]+", text):
        return now + timedelta(seconds=float(text)) if len(text) < 8 else now + MAX_WAIT
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=timezone.utc)
