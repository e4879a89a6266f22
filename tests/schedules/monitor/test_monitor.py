"""`scrapy monitor`: which jobs it starts, how it stops, and damaged archives; with real child processes."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.support.sites.growing_site import GrowingWeb
from crawler.archive.monitoring.jobs import begin_job, finish_job, job_states, plan_job
from crawler.clock import utc_now
from crawler.config.app import AppConfig
from crawler.filesystem.locks import MONITOR_LOCK, acquire, locked
from crawler.sqlite.connection import BUSY_MILLISECONDS
from schedules.monitor.job_definitions import Job
from schedules.monitor.monitor import Monitor
from tests.support.cli import ROOT, scrapy

FAST = {"WIREWATCH_MONITOR_INTERVAL": "0.5", "DOWNLOAD_DELAY": "0"}
TIMEOUT = 180.0
"""Seconds to wait for a condition on a busy machine."""
STAND_IN = "import sys, time\nif sys.argv[1] == 'wait':\n    time.sleep(600)\n"
"""A program that is started in place of Scrapy, whose imports take seconds."""


@contextmanager
def monitor(data: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running `scrapy monitor`."""
    log = (data / "monitor.log").open("ab")
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "monitor", *words],
        cwd=ROOT, env={**os.environ, "WIREWATCH_DATA_DIR": str(data), **FAST}, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait until a condition holds that another process fulfils; returns its value."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {TIMEOUT:.0f} s: {what}")


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    if not (data / "archive.db").exists():
        return []
    db = sqlite3.connect(f"file:{data / 'archive.db'}?mode=ro", uri=True, timeout=30)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):  # the archive is being created
            raise
        return []
    finally:
        db.close()


def articles(data: Path) -> int:
    found = rows(data, "SELECT count(*) FROM articles WHERE latest_revision_id IS NOT NULL")
    return int(found[0][0]) if found else 0


@pytest.fixture
def web(tmp_path: Path) -> Iterator[GrowingWeb]:
    with GrowingWeb(outlets=2, first=4, network=f"127.33.{os.getpid() % 250}") as running:
        running.write_sources(tmp_path / "sources.toml", poll_interval="1h")  # each poll is a process: see `make_due`
        yield running


def make_due(data: Path, *, job: str | None = None) -> None:
    """Make all polls due now, and a job."""
    with contextlib.closing(sqlite3.connect(data / "archive.db", timeout=TIMEOUT, isolation_level=None)) as db:
        db.execute("UPDATE seeds SET next_poll_at = NULL")
        db.execute("UPDATE jobs SET due_at = '2026-01-01T00:00:00Z' WHERE name = ?", (job,))


def test_due_sources_are_crawled_and_sigterm_ends_every_process(tmp_path: Path, web: GrowingWeb) -> None:
    with monitor(tmp_path) as process:
        until(lambda: articles(tmp_path) == 8, "all pages are articles")
        web.publish(3)
        make_due(tmp_path)
        until(lambda: articles(tmp_path) == 14, "new pages are articles")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
        assert psutil.wait_procs(children, timeout=TIMEOUT)[1] == []
    log = (tmp_path / "monitor.log").read_text()
    assert "crawl outlet0" in log
    assert "Traceback" not in log
    assert rows(tmp_path, "SELECT count(*) FROM job_runs WHERE name = 'crawl' AND exit_status = 0")[0][0] >= 2
    assert locked(tmp_path / "locks", {"wirewatch monitor", "127.33.0.1"}) == set()


def test_kill_9_in_the_middle_of_a_crawl_leaves_no_process_and_no_lock(tmp_path: Path, web: GrowingWeb) -> None:
    with monitor(tmp_path) as process:
        parent = psutil.Process(process.pid)
        until(lambda: len(parent.children(recursive=True)) >= 3, "a crawl with its parsers")
        children = parent.children(recursive=True)
        process.kill()
        process.wait()
        assert psutil.wait_procs(children, timeout=TIMEOUT)[1] == []
    names = [path.name.removesuffix(".lock") for path in (tmp_path / "locks").glob("*.lock")]
    assert locked(tmp_path / "locks", set(names)) == set()


def test_a_second_monitor_on_the_same_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    with acquire(tmp_path / "locks", [MONITOR_LOCK]):
        second = scrapy("monitor", data=tmp_path)
    assert second.returncode == 4
    assert f"process {os.getpid()} is already the monitor" in second.stderr


def test_once_runs_every_due_job_and_ends(tmp_path: Path, web: GrowingWeb) -> None:
    done = scrapy("monitor", "--once", data=tmp_path, **FAST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(tmp_path, "SELECT count(*) FROM articles WHERE latest_revision_id IS NOT NULL") == [(8,)]
    assert rows(tmp_path, "SELECT count(*) FROM job_runs WHERE finished_at IS NULL") == [(0,)]
    assert rows(tmp_path, "SELECT last_status FROM jobs WHERE name = 'health'") == [(0,)]


def test_jobs_are_listed_with_their_next_and_last_runs(tmp_path: Path, web: GrowingWeb) -> None:
    with in_process(tmp_path) as (one, _), one.archive.store.transaction() as store:
        plan_job(store, "check", datetime(2999, 1, 1, tzinfo=timezone.utc))
        run = begin_job(store, "health", due_at=utc_now(), at=datetime(2026, 3, 1, tzinfo=timezone.utc))
        finish_job(
            store, run, "health",
            at=utc_now(), seconds=1, status=1, failed=False, message=None, due_at=utc_now() + timedelta(days=1),
        )  # fmt: skip
    done = scrapy("monitor", "--jobs", data=tmp_path, WIREWATCH_BACKUP_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert list(lines) == ["job", "crawl", "flag", "digest", "outbox", "health", "roots", "check", "prune", "backup"]
    assert "2999-01-01T00:00:00Z" in lines["check"]
    assert "2026-03-01T00:00:00Z" in lines["health"]
    assert "never" in lines["crawl"]


def test_a_mistake_in_sources_toml_is_reported_and_no_job_starts(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[gazette]\nname = 7\n")
    done = scrapy("monitor", data=tmp_path)
    assert done.returncode == 2
    assert "table [gazette]" in done.stderr


# --- A monitor in this process ---------------------------------------------------------------------------------------


@pytest.fixture
def stand_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs start a small program in place of Scrapy."""
    folder = tmp_path_factory.mktemp("program")
    (folder / "scrapy").mkdir()
    (folder / "scrapy" / "__init__.py").touch()
    (folder / "scrapy" / "__main__.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@contextmanager
def in_process(data: Path, *jobs: Job) -> Iterator[tuple[Monitor, list[str]]]:
    """A monitor, and the lines that it logs."""
    if not (data / "sources.toml").exists():
        (data / "sources.toml").write_text("")
    lines: list[str] = []
    config = AppConfig.read({"DATA_DIR": str(data), "WIREWATCH_MONITOR_INTERVAL": "0.3"}, {})
    one = Monitor(config, jobs, lines.append)
    try:
        yield one, lines
    finally:
        one.close()


def run_until(one: Monitor, condition: Callable[[], Any], what: str) -> None:
    """Let a monitor run until a condition holds."""
    end = time.monotonic() + TIMEOUT

    def draw() -> None:
        if condition() or time.monotonic() > end:
            one.scheduler.stop()

    one.run(draw=draw)
    assert condition(), f"not within {TIMEOUT:.0f} s: {what}"


LIST = Job(name="health", command=("list",), interval=timedelta(hours=1))


def next_run(one: Monitor, name: str) -> datetime:
    due_at: datetime = one.scheduler.get_job(name).next_run_time
    return due_at


@pytest.mark.usefixtures("stand_in")
def test_every_job_is_an_apscheduler_job_that_runs_late_and_never_twice_at_once(tmp_path: Path) -> None:
    with in_process(tmp_path, LIST) as (one, _):
        run_until(one, one.scheduler.get_jobs, "the jobs are scheduled")
        jobs = {job.id: job for job in one.scheduler.get_jobs()}
    assert set(jobs) == {"crawl", "health"}
    assert {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in jobs.values()} == {(True, 1, None)}
    assert jobs["health"].trigger.interval == timedelta(hours=1)


@pytest.mark.usefixtures("stand_in")
def test_a_job_missed_for_a_day_runs_once_and_its_delay_is_logged(tmp_path: Path) -> None:
    with in_process(tmp_path, LIST) as (one, lines):
        with one.archive.store.transaction() as store:
            plan_job(store, "health", utc_now() - timedelta(days=1))
        run_until(one, lambda: lines, "it ran")
        (run,) = one.archive.store.db.execute("SELECT late_seconds, exit_status FROM job_runs")
        assert run["late_seconds"] == pytest.approx(24 * 3600, abs=TIMEOUT)
        assert run["exit_status"] == 0
        due_at = job_states(one.archive.store.db)["health"].due_at
        assert due_at - utc_now() == pytest.approx(timedelta(hours=1), abs=timedelta(seconds=TIMEOUT))
        assert next_run(one, "health") - due_at < timedelta(seconds=1)
    assert "s late, exit status 0" in lines[0]


def test_a_failed_job_is_recorded_with_its_last_line_and_tried_again_later(tmp_path: Path) -> None:
    broken = Job(name="health", command=("health", "nonsense"), interval=timedelta(minutes=10))
    with in_process(tmp_path, broken) as (one, lines):
        run_until(one, lambda: lines, "it ran")
        (row,) = one.archive.store.db.execute("SELECT exit_status, message FROM job_runs")
        assert row["exit_status"] == 2
        assert row["message"]
        wait = next_run(one, "health") - utc_now()
        assert timedelta(minutes=18) < wait <= timedelta(minutes=20), "twice its interval"
    assert "exit status 2" in lines[0]


@pytest.mark.usefixtures("stand_in")
def test_a_job_that_hangs_is_stopped(tmp_path: Path) -> None:
    hanging = Job(name="health", command=("wait",), interval=timedelta(hours=1), limit=timedelta(0))
    with in_process(tmp_path, hanging) as (one, lines):
        run_until(one, lambda: lines, "it was stopped")
        status = one.archive.store.db.execute("SELECT exit_status FROM job_runs").fetchone()[0]
    assert status != 0


@pytest.mark.usefixtures("stand_in")
def test_a_job_that_is_stopped_with_the_monitor_is_due_at_the_next_start(tmp_path: Path) -> None:
    hanging = Job(name="health", command=("wait",), interval=timedelta(hours=1))
    with in_process(tmp_path, hanging) as (one, _):
        run_until(one, lambda: one.runner.children, "it started")
        one.runner.stop()
        state = job_states(one.archive.store.db)["health"]
    assert state.failures == 0
    assert state.due_at <= utc_now()


@pytest.mark.usefixtures("stand_in")
def test_a_source_that_another_process_crawls_is_crawled_later(tmp_path: Path, web: GrowingWeb) -> None:
    """Another process holds the lock of the first outlet's domain: the monitor crawls the second outlet, and the first one later."""
    started: set[tuple[str, ...]] = set()

    def crawls(one: Monitor) -> set[tuple[str, ...]]:
        started.update(child.run.sources for child in one.runner.children)
        return started

    with acquire(tmp_path / "locks", [web.base(0).split("/")[2].partition(":")[0]]):
        with in_process(tmp_path) as (one, _):
            run_until(one, lambda: crawls(one), "a crawl started")
        assert started == {("outlet1",)}
    with in_process(tmp_path) as (one, _):
        run_until(one, lambda: any("outlet0" in ids for ids in crawls(one)), "the other was crawled")


TABLE = '[gazette]\nname = "The Gazette"\nhome = "https://gazette.example/"\nfeeds = ["https://gazette.example/rss"]\n'


def test_changed_sources_are_read_while_it_runs_and_a_file_with_a_mistake_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(TABLE)
    with in_process(tmp_path) as (one, lines):
        assert [source.id for source in one.files.read()] == ["gazette"]
        (tmp_path / "sources.toml").write_text(TABLE + "[broken]\n")
        one.files.read()
        assert [source.id for source in one.files.read()] == ["gazette"]
        assert "table [broken]" in lines[0]
        assert lines[-1] == "monitor: continuing with the last good files"


def test_commands_of_the_monitor_read_the_last_good_files_after_a_mistake(tmp_path: Path, web: GrowingWeb) -> None:
    good = (tmp_path / "sources.toml").read_text()
    (tmp_path / "topics.toml").write_text('[pier]\ntitle = "Pier"\nquery = "council"\n')
    with monitor(tmp_path):
        until(lambda: articles(tmp_path) == 8, "all pages are articles")
        (tmp_path / "sources.toml").write_text(f'{good}only_paths = ["a{{99999999999}}"]\n')
        (tmp_path / "topics.toml").write_text(f"[pier]\nmin_words = {'9' * 4400}\n")
        until(
            lambda: "continuing with the last good files" in (tmp_path / "monitor.log").read_text(), "the log says so"
        )
        ended = "SELECT max(id) FROM job_runs WHERE name = 'flag' AND finished_at IS NOT NULL"
        flagged = until(lambda: rows(tmp_path, ended)[0][0], "the first articles are flagged")
        web.publish(3)
        make_due(tmp_path)
        until(lambda: articles(tmp_path) == 14, "new pages are articles")
        make_due(tmp_path, job="flag")  # not in a minute only
        flags = f"SELECT exit_status FROM job_runs WHERE name = 'flag' AND id > {flagged} AND finished_at IS NOT NULL"
        assert set(until(lambda: rows(tmp_path, flags), "the new articles are flagged")) == {(0,)}
        health = scrapy("health", data=tmp_path)
        assert health.returncode == 2
        assert "the monitor uses the last good files" in health.stdout
        assert "only_paths[0]: 'a{99999999999}': not a regular expression" in health.stdout
        (tmp_path / "topics.toml").unlink()
        (tmp_path / "sources.toml").write_text(good)
        until(lambda: not (tmp_path / "config-in-use" / "reason.txt").exists(), "the monitor reads the corrected files")
        assert scrapy("health", data=tmp_path).returncode == 0
        log = (tmp_path / "monitor.log").read_text()
    assert "exit status 2" not in log
    assert "JobRunner" not in log  # APScheduler's lines are for its developers


@pytest.mark.usefixtures("stand_in")
def test_a_clock_that_was_set_back_stops_no_job(tmp_path: Path) -> None:
    with in_process(tmp_path, LIST) as (one, lines):
        far = utc_now() + timedelta(days=9)

        def draw() -> None:
            if lines:
                one.scheduler.stop()
            elif one._last_tick < far and not one.runner.children:  # the state after the clock ran ahead
                one.scheduler.modify_job("health", next_run_time=far)
                one._last_tick = far

        with one.archive.store.transaction() as store:
            plan_job(store, "health", far)
        one.run(draw=draw)
        assert [child.run.name for child in one.runner.children] or lines


# --- An archive that fails --------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stand_in")
def test_an_archive_that_cannot_be_written_is_reported_once_and_tried_again(tmp_path: Path) -> None:
    """On a full disk, a statement within the transaction fails, not its beginning or its commit."""
    ticks = 0
    with in_process(tmp_path, LIST) as (one, lines):
        one.archive.store.db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON job_runs BEGIN SELECT raise(FAIL, 'full'); END"
        )

        def started() -> bool:
            nonlocal ticks
            ticks += 1
            if ticks == 10:
                assert one.runner.children == []
                one.archive.store.db.execute("DROP TRIGGER full")
            return bool(one.runner.children)

        run_until(one, started, "the job started")
        assert ticks > 10
        assert lines == [f"monitor: {tmp_path}/archive.db: full; trying again"]


@pytest.mark.usefixtures("stand_in")
def test_a_damaged_table_is_reported_and_the_other_jobs_continue(tmp_path: Path) -> None:
    flag = Job(name="flag", command=("list",), interval=timedelta(minutes=1), cursor="SELECT max(id) FROM revisions")
    with in_process(tmp_path, flag, LIST) as (one, lines):
        root, size = one.archive.store.db.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'revisions'"
        ).fetchone()
        one.archive.close()  # writes everything to the file
        with (tmp_path / "archive.db").open("r+b") as file:
            file.seek((root - 1) * size)
            file.write(b"\xff" * size)
        run_until(one, lambda: len(lines) > 1, "the other job ran")
        assert lines[0] == f"monitor: {tmp_path}/archive.db: database disk image is malformed; trying again"
        assert lines[1].startswith("health: ")


@pytest.mark.usefixtures("stand_in")
def test_a_replaced_or_deleted_archive_is_reported_and_the_new_file_is_used(tmp_path: Path) -> None:
    with in_process(tmp_path, LIST) as (one, lines):
        one.archive.store.close()
        shutil.copytree(tmp_path, tmp_path.with_name("copy"))
        one.archive.close()
        run_until(one, lambda: lines, "the first run")
        (tmp_path.with_name("copy") / "archive.db").replace(tmp_path / "archive.db")
        assert one.archive.store.db.execute("SELECT count(*) FROM job_runs").fetchone()[0] == 0, "the restored archive"
        (tmp_path / "archive.db").rename(tmp_path / "elsewhere.db")
        assert one.archive.store.db.execute("SELECT count(*) FROM jobs").fetchone()[0] == 0
    assert lines[1:] == [
        f"monitor: {tmp_path}/archive.db: was replaced; using the new file",
        f"monitor: {tmp_path}/archive.db: is gone; starting a new, empty archive",
    ]


def test_sigterm_ends_it_within_seconds_while_another_process_locks_the_archive(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    with monitor(tmp_path) as process:
        until(lambda: rows(tmp_path, "SELECT 1 FROM job_runs WHERE finished_at IS NOT NULL"), "it has begun")
        other = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1.0)
        signalled = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT) == 0
        assert time.monotonic() - signalled < BUSY_MILLISECONDS / 1000, "it waited for the lock"
        other.close()
    assert "Traceback" not in (tmp_path / "monitor.log").read_text()


def test_a_crawl_that_is_planned_but_not_started_is_not_planned_again(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(
        '[gazette]\nname = "Gazette"\nhome = "http://127.0.0.1:9/"\nfeeds = ["http://127.0.0.1:9/rss"]\n'
        "allow_private = true\n"
    )
    with in_process(tmp_path) as (one, lines):
        one.scheduler.start(paused=True)
        one._plan_crawls()
        one._plan_crawls()
        assert [job.id for job in one.scheduler.get_jobs()] == ["crawl: gazette"]
    assert lines == []
