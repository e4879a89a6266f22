"""The monitor's jobs: the command of each, how often it runs, when it is due, and how a run ended. Pure.

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


NAMES_RECIPIENTS = frozenset({"digest", "outbox"})
"""Jobs whose output begins with the address of a recipient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutcome:
    """A run that ended."""

    name: str
    status: int
    """Exit status; below 0 the signal that ended it."""
    failed: bool
    output: str
    seconds: float
    started_at: datetime
    late_seconds: float = 0.0
    """From the due time to the start."""
    sources: tuple[str, ...] = ()
    """Source IDs of a crawl."""
    due_at: datetime | None = None
    """When the job is due again; None for a crawl."""


def outcome_line(outcome: JobOutcome) -> str:
    """Returns the line for the log, followed by the last lines of output when the run failed or found problems."""
    name = " ".join((outcome.name, *outcome.sources))
    late = f", {outcome.late_seconds:.0f} s late" if outcome.late_seconds >= 60 else ""
    line = f"{name}: {outcome.seconds:.1f} s{late}, exit status {outcome.status}"
    if outcome.output and (outcome.failed or outcome.status == PROBLEMS_FOUND):
        line += "\n" + "\n".join(f"  {text}" for text in outcome.output.splitlines()[-5:])
    return line


def outcome_message(outcome: JobOutcome) -> str | None:
    """Returns the last line of a failed run's output, for `job_runs.message`; None when it succeeded.

    Other people may read the archive, so a line that may name a recipient or quote digests.toml stays in the log.
    """
    lines = [text.strip() for text in outcome.output.splitlines() if text.strip()]
    if not outcome.failed or not lines:
        return None
    if outcome.name in NAMES_RECIPIENTS or "@" in lines[-1] or "digests.toml" in lines[-1]:
        return "the output may name recipients; see the monitor's log"
    return lines[-1][:500]
