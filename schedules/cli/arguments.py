"""Parse arguments and options: IDs, counts, and times (a date, a time, or a duration before or after now). Pure."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import datetime, timedelta, timezone

from crawler.exceptions import WirewatchError

MAX_INTEGER = 2**63 - 1
"""SQLite's largest integer, and so the highest ID."""
_DIGITS = len(str(MAX_INTEGER))


def parse_id(text: str) -> int | None:
    """Return a whole number from 0 to MAX_INTEGER; None for anything else, such as "²"."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    value = int(text)
    return value if value <= MAX_INTEGER else None


def parse_ids(text: str) -> int:
    """Parse an option that is an ID or a count, 0 included."""
    value = parse_id(text)
    if value is None:
        raise ArgumentTypeError(f"invalid number {text[:30]!r}: expected a whole number up to {MAX_INTEGER}")
    return value


def parse_count(text: str) -> int:
    """Parse an option that is a count of at least 1."""
    value = parse_id(text)
    if not value:
        raise ArgumentTypeError(f"invalid number {text[:30]!r}: expected a positive integer")
    return value


_AGO = re.compile(r"(\d+)\s*([mhdw])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def since_option(written: str, now: datetime, *, option: str = "--since") -> datetime:
    """Parse "2026-11-01", "2026-11-01T14:00", "36h", "7d" or "2w" to a time in UTC. Raises WirewatchError.

    A time without an offset is in UTC, as in the archive.
    """
    text = written.strip()
    try:
        if ago := _AGO.fullmatch(text):
            return now - int(ago[1]) * _UNITS[ago[2]]
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise WirewatchError(
            f"{option} {written}: write a date such as 2026-11-01, a time such as 2026-11-01T14:00, or how long ago: 36h, 7d, 2w"
        ) from None


def until_option(written: str, now: datetime, *, option: str) -> datetime:
    """Parse a time after now: "2027-01-01", "2027-01-01T14:00", or how long: "36h", "3d", "2w". Raises WirewatchError."""
    try:
        given = since_option(written, now)
    except WirewatchError:
        raise WirewatchError(
            f"{option} {written}: write a date such as 2027-01-01, a time such as 2027-01-01T14:00, or how long: 36h, 3d, 2w"
        ) from None
    until = now + (now - given) if _AGO.fullmatch(written.strip()) else given
    if until <= now:
        raise WirewatchError(f"{option} {written}: is not in the future; write a date after {now:%Y-%m-%d}, or 3d")
    return until
