"""When to ask again: a way in, a page that could not be read, an article that may be edited. Pure; handed `now`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SLOWEST = 4
"""A quiet way is polled at least every `every` times this: a feed of a busy desk holds some two hours."""
FASTEST = 4
"""A way whose polls do not overlap is polled up to this many times as often as `every` says."""
MIN_INTERVAL = timedelta(minutes=1)
"""Shorter than any publisher's cache lifetime that is worth the request; a smaller `every` of the user's wins."""
MAX_FAILING = timedelta(hours=6)
"""A way that fails is asked at least this often: outages end, and nobody must miss what came meanwhile."""
SETTLED_OVERLAP = 0.9
"""Share of known items from which a poll found next to nothing."""

VISITS = tuple(timedelta(hours=hours) for hours in (1, 3, 8, 24, 72, 168))
"""Ages at which an article is looked at again for silent edits: from an hour to a week, so that six requests see
the edits of the first hours and of the first days."""
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (10, 60, 360, 1440))
"""Waits after the first, second, ... failed attempt at a page; the last one repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHistory:
    """What the last poll of a way gave, and how long its interval was."""

    outcome: Literal["new", "known", "not_modified", "failed", "refused"]
    items: int = 0
    known: int = 0
    is_first: bool = False
    interval: timedelta | None = None
    """Between the poll before and this one, as planned; None before the second."""
    failures: int = 0
    """Failed polls in a row, this one too."""


def next_poll_at(history: PollHistory, *, now: datetime, every: timedelta) -> datetime:
    """When to poll again. Much overlap with what was known: later; none: sooner, something may lie between."""
    if history.outcome in ("failed", "refused"):
        doubled: timedelta = every * (2 ** min(history.failures, 16))
        return now + min(doubled, max(MAX_FAILING, every))
    if history.is_first:
        return now + every
    slowest, fastest = every * SLOWEST, min(every, max(every / FASTEST, MIN_INTERVAL))
    interval: timedelta = min(max(history.interval or every, fastest), slowest)
    if history.outcome in ("known", "not_modified") or not history.items:
        interval *= 1.5
    elif history.known == 0:
        interval /= 2
    elif history.known / history.items < SETTLED_OVERLAP:
        interval = min(interval, every)
    return now + min(max(interval, fastest), slowest)


def revisit_at(first_seen_at: datetime, *, now: datetime) -> datetime | None:
    """When to look at an article again; None: it is old enough to be left."""
    return next((first_seen_at + age for age in VISITS if first_seen_at + age > now), None)


def retry_at(attempts: int, *, now: datetime) -> datetime:
    """When to try a page again that could not be read, after so many attempts."""
    return now + RETRIES[min(max(attempts, 1), len(RETRIES)) - 1]
