"""The monitor's jobs in the archive: when each is due, and a record of every run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.archive.storage.store import ArchiveStore
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text_or_none, format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A row of `jobs`."""

    name: str
    due_at: datetime
    last_started_at: datetime | None = None
    last_status: int | None = None
    failures: int = 0
    cursor: str | None = None


def job_states(db: Connection) -> dict[str, JobState]:
    """Return the state of each job that was ever scheduled, by name."""
    return {row["name"]: from_row(JobState, row) for row in db.execute("SELECT * FROM jobs")}


def plan_job(store: ArchiveStore, name: str, due_at: datetime) -> JobState:
    """Set when a job runs next; adds the job if it is new."""
    store.db.execute(
        "INSERT INTO jobs (name, due_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at",
        (name, format_utc(due_at)),
    )
    return JobState(name=name, due_at=due_at)


def begin_job(
    store: ArchiveStore,
    name: str,
    *,
    due_at: datetime,
    at: datetime,
    about: str | None = None,
    cursor: str | None = None,
) -> int:
    """Record the start of a run; returns job_runs.id."""
    plan_job(store, name, due_at)
    store.db.execute("UPDATE jobs SET last_started_at = ?, cursor = ? WHERE name = ?", (format_utc(at), cursor, name))
    late = max(0, round((at - due_at).total_seconds()))
    row = store.db.execute(
        "INSERT INTO job_runs (name, due_at, started_at, late_seconds, about) VALUES (?, ?, ?, ?, ?)",
        (name, format_utc(due_at), format_utc(at), late, clean_text_or_none(about)),
    )
    return int(row.lastrowid or 0)


def finish_job(
    store: ArchiveStore,
    run_id: int,
    name: str,
    *,
    at: datetime,
    seconds: float,
    status: int,
    failed: bool,
    message: str | None,
    due_at: datetime,
) -> None:
    """Record the end of a run; the job is due again at `due_at`."""
    store.db.execute(
        "UPDATE job_runs SET finished_at = ?, seconds = ?, exit_status = ?, message = ? WHERE id = ?",
        (format_utc(at), round(seconds, 2), status, clean_text_or_none(message), run_id),
    )
    store.db.execute(
        "UPDATE jobs SET due_at = ?, last_finished_at = ?, last_status = ?, failures = iif(?, failures + 1, 0)"
        " WHERE name = ?",
        (format_utc(due_at), format_utc(at), status, failed, name),
    )


def cursor_of(db: Connection, query: str) -> str | None:
    """Return the result of a job's query as text; None if there is none. Raises SqliteError for a damaged archive."""
    row = db.execute(query).fetchone()
    return None if row is None or row[0] is None else str(row[0])
