"""Parse IDs and counts on the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError

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
