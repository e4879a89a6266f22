"""The system clock. Only adapters read it; all other functions receive `now` as an argument."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """Return the current time in UTC, in whole seconds."""
    return datetime.now(timezone.utc).replace(microsecond=0)
