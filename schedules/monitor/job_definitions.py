"""The monitor's jobs: the command of each, how often it runs, and when it is due. Pure.

Each job is a `scrapy` command, so cron can run the same commands one by one. The archive stores when a job is due:
after any downtime a missed job runs once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.monitoring.jobs import JobState

MAX_BACK_OFF = timedelta(hours=1)
"""Longest time between two runs of a failing job, unless its own interval is longer."""
DONE, PROBLEMS_FOUND, BUSY = 0, 1, 4
"""Exit statuses, as listed in docs/reference/settings.md."""
NEWEST_REVISION = "SELECT max(id) FROM revisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of the monitor."""

    name: str
    command: tuple[str, ...]
    """Arguments of `scrapy`."""
    interval: timedelta
    limit: timedelta = timedelta(hours=1)
    """A run that takes longer is stopped."""
    cursor: str | None = None
    """SQL query; the job runs only if its result differs from that of the last start. None: it runs at each interval."""
    ok_statuses: frozenset[int] = frozenset({DONE})
    """Exit statuses that do not count as a failure."""
    requires: str = ""
    """A file in DATA_DIR without which the job does not run."""
    first_delay: timedelta = timedelta(0)
    """Time from the monitor's first start to the job's first run."""


_DAY, _6_HOURS = timedelta(days=1), timedelta(hours=6)
_OK = frozenset({DONE, PROBLEMS_FOUND})

JOBS = (
    Job(name="flag", command=("flag",), interval=timedelta(minutes=1), cursor=NEWEST_REVISION, requires="topics.toml"),
    # Status 1: some mail was refused. Each message is retried at its own time, so the job itself does not back off.
    Job(name="digest", command=("digest", "--send"), interval=timedelta(minutes=1), ok_statuses=_OK, requires="digests.toml"),
    Job(name="outbox", command=("outbox", "--send"), interval=timedelta(minutes=5), ok_statuses=_OK, requires="digests.toml"),
    Job(name="health", command=("health", "--quiet"), interval=timedelta(minutes=15), ok_statuses=_OK),
    # Hourly, because the root of a day must be there before the first digest of the morning, in any time zone.
    Job(name="roots", command=("archive", "roots"), interval=timedelta(hours=1), ok_statuses=_OK),
    Job(name="check", command=("archive", "check", "--daily"), interval=_DAY, limit=_6_HOURS, first_delay=_6_HOURS),
    # Not at the time of the backup: only one of the two can run.
    Job(name="prune", command=("archive", "prune"), interval=_DAY, limit=_6_HOURS, first_delay=timedelta(hours=3)),
    Job(name="backup", command=("archive", "backup"), interval=_DAY, limit=_6_HOURS, first_delay=timedelta(minutes=10)),
)  # fmt: skip


def available_jobs(commands: Collection[str], *, with_backup: bool) -> tuple[Job, ...]:
    """Returns the jobs whose command exists; the backup only if a folder for it is set."""
    return tuple(job for job in JOBS if job.command[0] in commands and (job.name != "backup" or with_backup))


def is_due(job: Job, state: JobState, now: datetime, cursor: str | None) -> bool:
    """Returns whether to start a job. `cursor`: the current result of the job's query."""
    if job.cursor is not None and not state.failures and (cursor is None or cursor == state.cursor):
        return False
    return state.due_at <= now or is_too_far_ahead(job, state.due_at, now)


def is_too_far_ahead(job: Job, due_at: datetime, now: datetime) -> bool:
    """Returns whether a due time can only come from a clock that was set back later. Such a job is due now."""
    return due_at > now + 2 * max(job.interval, MAX_BACK_OFF, job.first_delay)


def due_after(job: Job, *, started_at: datetime, now: datetime, failures: int) -> datetime:
    """Returns when a job that ended now is due again. `failures`: failed runs in a row, the last one included."""
    if failures:
        back_off: timedelta = min(job.interval * 2 ** min(failures, 10), max(MAX_BACK_OFF, job.interval))
        return now + back_off
    return max(started_at + job.interval, now)
