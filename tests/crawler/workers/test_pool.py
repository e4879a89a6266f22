"""Child processes that parse: stopped when they hang, replaced when they crash, ended with their parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from crawler.exceptions import ParseError, WorkerError
from crawler.reasons import ReasonCode
from crawler.workers.pool import WorkerPool

ROOT = Path(__file__).parents[3]


def run(*calls: tuple[Callable[..., Any], Any], seconds: float = 20) -> list[Any]:
    """The results of calls in two children, or the errors that they raised."""

    async def all_of_them() -> list[Any]:
        with WorkerPool(processes=2, seconds=seconds) as workers:
            tasks = [workers.run(function, argument) for function, argument in calls]
            return await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(all_of_them())


def unreadable(what: str) -> None:
    raise ParseError(what, "not a feed")


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def test_a_result_is_returned() -> None:
    assert run((len, "four")) == [4]


def test_an_error_of_ours_is_returned_with_its_attributes() -> None:
    (error,) = run((unreadable, "https://a.example/rss"))
    assert isinstance(error, ParseError)
    assert (error.what, error.reason) == ("https://a.example/rss", "not a feed")


def test_a_child_that_hangs_is_stopped_and_the_next_page_is_parsed() -> None:
    hung, fine = run((time.sleep, 60), (len, "abc"), seconds=1)
    assert isinstance(hung, WorkerError)
    assert hung.reason == "took longer than 1 s and was stopped"
    assert fine == 3


def test_a_child_that_crashes_loses_only_its_own_page() -> None:
    crashed, *fine = run((die, signal.SIGSEGV), (len, "a"), (len, "ab"), (len, "abc"))
    assert isinstance(crashed, WorkerError)
    assert crashed.reason == "crashed (SIGSEGV)"
    assert fine == [1, 2, 3]


_PARENT = """
import asyncio, os, sys
sys.path.insert(0, {root!r})
from crawler.workers.pool import WorkerPool
async def main():
    workers = WorkerPool(processes=2, seconds=60)
    await workers.run(len, "warm")
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.fixture
def parent():  # type: ignore[no-untyped-def]
    process = subprocess.Popen([sys.executable, "-c", _PARENT.format(root=str(ROOT))], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_no_child_outlives_a_parent_that_is_killed(parent: subprocess.Popen[bytes]) -> None:
    children = psutil.Process(parent.pid).children(recursive=True)
    assert children
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert [child for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []


def _busy(step: int) -> None:
    while True:
        sum(range(step))


def test_the_limit_is_cpu_time_and_not_wall_time() -> None:
    waits, busy = run((time.sleep, 1.5), (_busy, 1000), seconds=1)
    assert waits is None
    assert isinstance(busy, WorkerError)
    assert busy.code is ReasonCode.PARSE_TIMEOUT
