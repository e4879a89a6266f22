"""When a job is due: by its interval, by new work, after failures, and after downtime."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from crawler.archive.monitoring.jobs import JobState
from schedules.monitor.job_definitions import JOBS, Job, available_jobs, due_after, is_due

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
HOURLY = Job(name="health", command=("health",), interval=timedelta(hours=1))
BY_WORK = Job(name="flag", command=("flag",), interval=timedelta(minutes=1), cursor="SELECT 1")


def state(due: timedelta = timedelta(0), **known: object) -> JobState:
    return JobState(name="job", due_at=NOW + due, **known)  # type: ignore[arg-type]


def test_a_job_is_due_at_its_time_and_not_before() -> None:
    assert is_due(HOURLY, state(), NOW, None)
    assert not is_due(HOURLY, state(timedelta(minutes=1)), NOW, None)


def test_a_job_with_a_cursor_runs_only_if_there_is_new_work() -> None:
    assert not is_due(BY_WORK, state(cursor="7"), NOW, "7")
    assert is_due(BY_WORK, state(cursor="7"), NOW, "8")
    assert not is_due(BY_WORK, state(), NOW, None), "its table does not exist"


def test_a_failed_job_is_tried_again_without_new_work() -> None:
    assert is_due(BY_WORK, state(cursor="7", failures=1), NOW, "7")


def test_a_job_missed_for_days_runs_once() -> None:
    assert is_due(HOURLY, state(timedelta(days=-3)), NOW, None)
    after = due_after(HOURLY, started_at=NOW, now=NOW + timedelta(minutes=2), failures=0)
    assert after == NOW + timedelta(hours=1)


def test_a_clock_that_was_set_back_stops_no_job() -> None:
    assert is_due(HOURLY, state(timedelta(days=2)), NOW, None)


def test_a_failing_job_is_tried_less_often_but_at_least_hourly() -> None:
    delays = [due_after(BY_WORK, started_at=NOW, now=NOW, failures=count) - NOW for count in (1, 3, 20)]
    assert delays == [timedelta(minutes=2), timedelta(minutes=8), timedelta(hours=1)]


def test_a_job_that_took_longer_than_its_interval_is_due_again_at_its_end() -> None:
    assert due_after(BY_WORK, started_at=NOW, now=NOW + timedelta(hours=1), failures=0) == NOW + timedelta(hours=1)


def test_jobs_without_an_installed_command_are_left_out() -> None:
    assert [job.name for job in available_jobs({"health"}, with_backup=True)] == ["health"]
    assert "backup" not in [job.name for job in available_jobs({"archive", "health"}, with_backup=False)]


def test_job_names_are_unique() -> None:
    assert len({job.name for job in JOBS}) == len(JOBS)
