"""When to fetch a page again: after a failed fetch, or to recheck an article for edits. Pure; handed `now`.

`interval.py` computes when a seed is polled again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

RECHECK_AGES = tuple(timedelta(hours=hours) for hours in (1, 3, 8, 24, 72, 168))
"""Ages at which an article is rechecked for stealth edits: from an hour to a week, so that six requests find the edits of
the first hours and of the first days."""
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (10, 60, 360, 1440))
"""Waits after the first, second, ... failed fetch of a page; the last one repeats."""

EMPTY_RETRIES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 45))
"""Waits after a rendered page showed no text: its scripts were too slow, or their server failed for some minutes."""

TRIES_OF_GONE = {404: 5, 410: 3}
"""Fetches, by HTTP status, after which a page counts as gone: 404 over 31 hours, because caches lag behind feeds and
deployments remove pages for a while; 410 over 70 minutes, because it is sent on purpose."""
SLACK = timedelta(hours=1)
"""Tolerance of `too_far`, added to the longest wait."""


def too_far(longest: timedelta, *, now: datetime) -> datetime:
    """Return the time beyond which a due time must come from a wrong clock, so that the row is due now.

    `longest`: the longest wait that is ever scheduled.
    """
    return now + longest + SLACK


def next_check_at(first_seen_at: datetime, *, now: datetime, fetch_count: int) -> datetime | None:
    """Return when to recheck an article that was fetched `fetch_count` times; None if it is old enough to stop."""
    if first_seen_at > now:  # the clock was ahead then: the age is unknown, but the number of fetches is known
        return now + RECHECK_AGES[fetch_count - 1] if fetch_count <= len(RECHECK_AGES) else None
    return next((first_seen_at + age for age in RECHECK_AGES if first_seen_at + age > now), None)


def next_check_after_failure(first_seen_at: datetime, *, now: datetime) -> datetime | None:
    """Return when to repeat a recheck that failed: after an eighth of the article's age, at least 10 minutes.

    None if the article is twice as old as at its last recheck, so that an unreachable page is not requested forever.
    """
    age = max(now - first_seen_at, timedelta())
    return now + max(RETRIES[0], age / 8) if age < 2 * RECHECK_AGES[-1] else None


def check_of_empty(fetch_count: int, *, now: datetime) -> datetime | None:
    """Return when to render a page again that showed no text at its last fetch; None after the last such fetch."""
    return now + EMPTY_RETRIES[fetch_count - 1] if 1 <= fetch_count <= len(EMPTY_RETRIES) else None


def max_attempts(http_status: int | None, *, most: int) -> int:
    """Return the number of failed fetches after which a page is dropped, `most` or fewer if its status says gone."""
    return min(most, TRIES_OF_GONE.get(http_status or 0, most))


def retry_at(attempts: int, *, now: datetime) -> datetime:
    """Return when to fetch a page again after `attempts` failed fetches."""
    return now + RETRIES[min(max(attempts, 1), len(RETRIES)) - 1]
