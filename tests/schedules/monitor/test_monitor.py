"""The monitor: what it starts, what it leaves, and how it ends. With real child processes."""

from __future__ import annotations

import os
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

from benchmarks.support.growing_site import GrowingWeb
from crawler.config.app import AppConfig
from crawler.locks import acquire, locked
from schedules.monitor.backup_rotation import prune_backups
from schedules.monitor.job_definitions import Job
from schedules.monitor.monitor import Monitor
from tests.support.cli import ROOT, scrapy

FAST = {"WIREWATCH_MONITOR_INTERVAL": "0.5", "DOWNLOAD_DELAY": "0"}
PATIENCE = 60.0
"""Seconds in which something must have happened on a busy machine."""


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
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE:.0f} s: {what}")


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    if not (data / "archive.db").exists():
        return []
    db = sqlite3.connect(f"file:{data / 'archive.db'}?mode=ro", uri=True, timeout=30)
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):  # it is being made
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
        running.write_sources(tmp_path / "sources.toml")
        yield running


def test_it_crawls_what_is_due_ends_within_seconds_of_sigterm_and_leaves_nothing(
    tmp_path: Path, web: GrowingWeb
) -> None:
    with monitor(tmp_path) as process:
        until(lambda: articles(tmp_path) == 8, "all pages are articles")
        web.publish(3)
        until(lambda: articles(tmp_path) == 14, "new pages are articles")
        children = psutil.Process(process.pid).children(recursive=True)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert time.monotonic() - asked < 12
        assert psutil.wait_procs(children, timeout=5)[1] == []
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
        assert psutil.wait_procs(children, timeout=5)[1] == []
    names = [path.name.removesuffix(".lock") for path in (tmp_path / "locks").glob("*.lock")]
    assert locked(tmp_path / "locks", set(names)) == set()


def test_a_second_monitor_on_the_same_archive_says_so_and_stops(tmp_path: Path, web: GrowingWeb) -> None:
    with monitor(tmp_path) as process:
        until((tmp_path / "archive.db").exists, "the first has begun")
        second = scrapy("monitor", data=tmp_path)
        assert second.returncode == 4
        assert f"process {process.pid} is the monitor" in second.stderr


def test_once_does_all_that_is_due_and_ends(tmp_path: Path, web: GrowingWeb) -> None:
    done = scrapy("monitor", "--once", data=tmp_path, **FAST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(tmp_path, "SELECT count(*) FROM articles WHERE latest_revision_id IS NOT NULL") == [(8,)]
    assert rows(tmp_path, "SELECT count(*) FROM job_runs WHERE finished_at IS NULL") == [(0,)]
    assert rows(tmp_path, "SELECT last_status FROM jobs WHERE name = 'health'") == [(0,)]


def test_a_mistake_in_sources_toml_is_told_before_anything_begins(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("[gazette]\nname = 7\n")
    done = scrapy("monitor", data=tmp_path)
    assert done.returncode == 2
    assert "table [gazette]" in done.stderr


# --- One monitor in this process, with a clock that is handed in ----------------------------------------------------


class Hours:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


@contextmanager
def in_process(data: Path, *jobs: Job) -> Iterator[tuple[Monitor, Hours, list[str]]]:
    if not (data / "sources.toml").exists():
        (data / "sources.toml").write_text("")
    reported: list[str] = []
    clock = Hours()
    one = Monitor(config=AppConfig.read({"DATA_DIR": str(data)}, {}), jobs=jobs, notify=reported.append, clock=clock)
    one.environ = {**os.environ, "WIREWATCH_DATA_DIR": str(data)}
    try:
        yield one, clock, reported
    finally:
        one.close()


def finish(one: Monitor) -> None:
    until(lambda: one.reap() or not one.children, "the children ended")


LIST = Job(name="health", command=("list",), interval=timedelta(hours=1))


def test_a_job_missed_for_a_day_runs_once_and_says_how_late(tmp_path: Path) -> None:
    with in_process(tmp_path, LIST) as (one, clock, reported):
        one.tick()
        finish(one)
        clock.now += timedelta(days=1)
        one.tick()
        one.tick()
        finish(one)
        one.tick()
        assert one.children == []
        late = [row[0] for row in one.store.db.execute("SELECT late_seconds FROM job_runs ORDER BY id")]
    assert late == [0, 23 * 3600]
    assert "82800 s late" in reported[-1]


def test_a_job_that_fails_is_noted_with_its_last_line_and_tried_later(tmp_path: Path) -> None:
    broken = Job(name="health", command=("health", "nonsense"), interval=timedelta(minutes=1))
    with in_process(tmp_path, broken) as (one, clock, reported):
        one.tick()
        finish(one)
        (row,) = one.store.db.execute("SELECT exit_status, message FROM job_runs")
        assert row["exit_status"] == 2
        assert "it looks at all sources" in row["message"]
        clock.now += timedelta(seconds=90)
        one.tick()
        assert one.children == [], "after a failure twice its interval"
        clock.now += timedelta(seconds=40)
        one.tick()
        assert len(one.children) == 1
    assert "exit status 2" in reported[0]


def test_a_job_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = Job(
        name="health",
        command=("shell", "-c", "__import__('time').sleep(99)"),
        interval=timedelta(hours=1),
        limit=timedelta(0),
    )
    with in_process(tmp_path, hanging) as (one, _, _told):
        one.tick()
        until(one.reap, "it was ended")
        status = one.store.db.execute("SELECT exit_status FROM job_runs").fetchone()[0]
    assert status != 0


def test_a_source_that_somebody_crawls_is_left_to_them(tmp_path: Path, web: GrowingWeb) -> None:
    """A crawl from cron holds the lock of its domain; the monitor takes the other outlet, and that one afterwards."""
    with in_process(tmp_path) as (one, clock, _told):
        with acquire(tmp_path / "locks", [web.base(0).split("/")[2].partition(":")[0]]):
            one.tick()
            assert [child.about for child in one.children] == [("outlet1",)]
            finish(one)
        clock.now += timedelta(minutes=5)
        one.tick()
        assert "outlet0" in [source for child in one.children for source in child.about]


def test_outlets_can_be_changed_while_it_runs_and_a_mistake_stops_nothing(tmp_path: Path) -> None:
    table = (
        '[gazette]\nname = "The Gazette"\nhome = "https://gazette.example/"\nfeeds = ["https://gazette.example/rss"]\n'
    )
    (tmp_path / "sources.toml").write_text(table)
    with in_process(tmp_path) as (one, _, reported):
        one.reload_sources()
        assert [source.id for source in one.sources] == ["gazette"]
        (tmp_path / "sources.toml").write_text(table + "[broken]\n")
        one.reload_sources()
        one.reload_sources()
        assert [source.id for source in one.sources] == ["gazette"]
        assert len(reported) == 1
        assert "going on with the outlets of before" in reported[0]


def test_only_the_oldest_of_its_own_backups_are_removed(tmp_path: Path) -> None:
    for day in range(1, 6):
        folder = tmp_path / f"wirewatch-2026-03-0{day}T040000"
        folder.mkdir()
        (folder / "archive.db").touch()
    (tmp_path / "wirewatch-keep-this").mkdir()
    prune_backups(tmp_path, 2)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["wirewatch-2026-03-04T040000", "wirewatch-2026-03-05T040000", "wirewatch-keep-this"]
    prune_backups(tmp_path, 0)
    assert len(list(tmp_path.iterdir())) == 3


# --- An archive that cannot be written ------------------------------------------------------------------------------


def test_an_archive_that_fails_in_the_middle_of_a_write_is_told_once_and_tried_again(tmp_path: Path) -> None:
    """A full disk fails a statement within the transaction, not its beginning or its commit."""
    with in_process(tmp_path, LIST) as (one, clock, reported):
        one.store.db.execute("CREATE TEMP TRIGGER full BEFORE INSERT ON job_runs BEGIN SELECT raise(FAIL, 'full'); END")
        one.tick()
        one.tick()
        assert one.children == []
        assert len(reported) == 1
        assert "archive.db" in reported[0]
        one.store.db.execute("DROP TRIGGER full")
        clock.now += timedelta(minutes=1)
        one.tick()
        assert [child.name for child in one.children] == ["health"]


def test_an_archive_that_cannot_say_what_is_new_is_told_and_the_other_jobs_go_on(tmp_path: Path) -> None:
    flag = Job(name="flag", command=("list",), interval=timedelta(minutes=1), cursor="SELECT max(id) FROM revisions")
    with in_process(tmp_path, flag, LIST) as (one, _, reported):
        root, size = one.store.db.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'revisions'"
        ).fetchone()
        one.close()  # all of it is in the file now
        with (tmp_path / "archive.db").open("r+b") as file:
            file.seek((root - 1) * size)
            file.write(b"\xff" * size)
        one.tick()
        assert [child.name for child in one.children] == ["health"]
    assert [line for line in reported if "malformed" in line] == [
        f"monitor: {tmp_path}/archive.db: database disk image is malformed; trying again"
    ]


def test_sigterm_ends_it_within_seconds_also_while_another_process_holds_the_archive(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    with monitor(tmp_path) as process:
        until(lambda: rows(tmp_path, "SELECT 1 FROM job_runs WHERE finished_at IS NOT NULL"), "it has begun")
        other = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1.0)
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert time.monotonic() - asked < 15
        other.close()
    assert "Traceback" not in (tmp_path / "monitor.log").read_text()
