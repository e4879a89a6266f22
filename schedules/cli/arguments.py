"""Numbers that people type: of articles, stories, revisions and messages, and how many."""

from __future__ import annotations

from argparse import ArgumentTypeError

MAX_INTEGER = 2**63 - 1
"""SQLite's largest integer: no row has a higher number."""
_DIGITS = len(str(MAX_INTEGER))


def parse_id(text: str) -> int | None:
    """A whole number from 0 on, as people write one; None for anything else, "²" and what no row can have among it."""
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    value = int(text)
    return value if value <= MAX_INTEGER else None


def parse_ids(text: str) -> int:
    """For an option: the number of a row, or how many."""
    value = parse_id(text)
    if value is None:
        raise ArgumentTypeError(f"{text[:30]!r} is no number from 0 on that a row can have")
    return value


def parse_count(text: str) -> int:
    """For an option: how many, at least one."""
    value = parse_id(text)
    if not value:
        raise ArgumentTypeError(f"{text[:30]!r} is no number from 1 on")
    return value
