"""The table of jobs: what the monitor starts, how often, and when a run of it counts as failed. Pure.

Each job is a `scrapy` command of ours in a child process of its own, so that cron can run the same commands one by
one. When it is due stands in the archive: after any downtime a missed job runs once, however often it was missed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler.archive.monitoring.jobs import JobState

MAX_BACK_OFF = timedelta(hours=1)
"""A job that fails is tried again at least this often, unless it runs more rarely anyway."""
DONE, SOMETHING_WRONG, BUSY = 0, 1, 4
"""Exit statuses, as docs/reference/settings.md lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job."""

    name: str
    command: tuple[str, ...]
    """Arguments of `scrapy`."""
    interval: timedelta
    limit: timedelta = timedelta(hours=1)
    """A run that takes longer hangs, and is ended."""
    cursor: str | None = None
    """SQL: the job runs only when this gives something else than when it last started. None: by the clock alone."""
    fine: frozenset[int] = frozenset({DONE})
    """Exit statuses that are no failure of the job."""
    needs: str = ""
    """A file of DATA_DIR without which there is nothing to do; "" where there is none."""
    first_after: timedelta = timedelta(0)
    """From the monitor's first start to the job's first run."""


NEWEST_REVISION = "SELECT max(id) FROM revisions"

JOBS = (
    Job(name="flag", command=("flag",), interval=timedelta(minutes=1), cursor=NEWEST_REVISION, needs="topics.toml"),
    # A mail that was not taken is tried again at its own intervals; the mails of others are not to wait for it.
    Job(
        name="digest",
        command=("digest", "--send"),
        interval=timedelta(minutes=1),
        fine=frozenset({DONE, SOMETHING_WRONG}),
        needs="digests.toml",
    ),
    Job(
        name="outbox",
        command=("outbox", "--send"),
        interval=timedelta(minutes=5),
        fine=frozenset({DONE, SOMETHING_WRONG}),
        needs="digests.toml",
    ),
    Job(
        name="health",
        command=("health", "--quiet"),
        interval=timedelta(minutes=15),
        fine=frozenset({DONE, SOMETHING_WRONG}),
    ),
    Job(
        name="check",
        command=("archive", "check", "--quick"),
        interval=timedelta(days=1),
        limit=timedelta(hours=6),
        first_after=timedelta(hours=6),
    ),
    Job(
        name="backup",
        command=("archive", "backup"),
        interval=timedelta(days=1),
        limit=timedelta(hours=6),
        first_after=timedelta(minutes=10),
    ),
)


def available(commands: Collection[str], *, with_backup: bool) -> tuple[Job, ...]:
    """The jobs of which the command is there; the backup only where a folder for it was named."""
    return tuple(job for job in JOBS if job.command[0] in commands and (job.name != "backup" or with_backup))


def is_due(job: Job, state: JobState | None, now: datetime, cursor: str | None) -> bool:
    """Whether to start it; `cursor`: what the job's query gives now."""
    if state is None:
        return False
    if job.cursor is not None and not state.failures and (cursor is None or cursor == state.cursor):
        return False
    # Due too far in the future: the clock was set back. Waiting for it would be a silent stop.
    return state.due_at <= now or state.due_at > now + 2 * max(job.interval, MAX_BACK_OFF, job.first_after)


def due_after(job: Job, *, started_at: datetime, now: datetime, failures: int) -> datetime:
    """When a job that just ended is due again; after so many failures in a row."""
    if failures:
        patience: timedelta = min(job.interval * 2 ** min(failures, 10), max(MAX_BACK_OFF, job.interval))
        return now + patience
    return max(started_at + job.interval, now)
