"""When to fetch a page again: after a failed fetch, or to recheck an article for edits. Pure; handed `now`.

`interval.py` computes when a seed is polled again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

RECHECK_AGES = tuple(timedelta(hours=hours) for hours in (1, 3, 8, 24, 72, 168))
"""Ages at which an article is looked at again for silent edits: from an hour to a week, so that six requests see
the edits of the first hours and of the first days."""
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (10, 60, 360, 1440))
"""Waits after the first, second, ... failed attempt at a page; the last one repeats."""

TRIES_OF_GONE = {404: 5, 410: 3}
"""Attempts at a page that is said not to be there, by its status, before it is believed: 404 for 31 hours, since caches
lag behind a feed and deploys take pages away for a while; 410 is meant, and is asked again within 70 minutes."""
SLACK = timedelta(hours=1)
"""What is due further ahead than the longest wait and this was planned by a clock that was wrong; see `too_far`."""


def too_far(longest: timedelta, *, now: datetime) -> datetime:
    """A due time beyond this was planned by a clock that ran ahead, and has been set right since: it is due now."""
    return now + longest + SLACK


def next_check_at(first_seen_at: datetime, *, now: datetime, fetch_count: int) -> datetime | None:
    """When to look at an article again, after so many visits; None: it is old enough to be left."""
    if first_seen_at > now:  # by a clock that ran ahead: its age is not known, but how often it was looked at
        return now + RECHECK_AGES[fetch_count - 1] if fetch_count <= len(RECHECK_AGES) else None
    return next((first_seen_at + age for age in RECHECK_AGES if first_seen_at + age > now), None)


def next_check_after_edit(first_seen_at: datetime, *, now: datetime) -> datetime | None:
    """When to try a visit again that got no answer: in an eighth of the article's age; None: once it is twice as old as
    the last visit, so that a page which never can be had is not asked for for ever."""
    age = max(now - first_seen_at, timedelta())
    return now + max(RETRIES[0], age / 8) if age < 2 * RECHECK_AGES[-1] else None


def max_attempts(http_status: int | None, *, most: int) -> int:
    """Attempts after which a page that could not be read is given up."""
    return min(most, TRIES_OF_GONE.get(http_status or 0, most))


def retry_at(attempts: int, *, now: datetime) -> datetime:
    """When to try a page again that could not be read, after so many attempts."""
    return now + RETRIES[min(max(attempts, 1), len(RETRIES)) - 1]
