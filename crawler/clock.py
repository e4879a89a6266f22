"""The system clock, read by adapters only; everything else is handed `now`."""

from __future__ import annotations

from datetime import datetime, timezone


def utc_now() -> datetime:
    """The clock that adapters read; everything below them is handed `now`."""
    return datetime.now(timezone.utc).replace(microsecond=0)
