"""A few kills in every test run; `benchmarks/kill/crawl.py --kills 200` is the long form."""

from __future__ import annotations

import random
from pathlib import Path

import psutil

from benchmarks.kill.crawl import kill_crawls
from benchmarks.support.static_site import Web

KILLS = 5


def test_a_crawl_that_is_killed_at_random_moments_loses_nothing_and_stores_nothing_twice(tmp_path: Path) -> None:
    with Web(made=36) as web:
        report = kill_crawls(web, tmp_path, kills=KILLS, rng=random.Random(20261123))
    assert report.faults == {}
    assert report.kills == KILLS
    assert not [p for p in psutil.Process().children(recursive=True) if p.pid == web.pid]
