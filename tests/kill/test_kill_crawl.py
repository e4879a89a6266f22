"""SIGKILL during crawls; `benchmarks/kill/crawl.py --kills 200` repeats it more often."""

from __future__ import annotations

import random
from pathlib import Path

import psutil

from benchmarks.kill.crawl import kill_crawls
from benchmarks.support.sites.static_site import Web

KILLS = 3


def test_a_crawl_that_is_killed_at_random_moments_loses_no_article_and_stores_none_twice(tmp_path: Path) -> None:
    with Web(made=24) as web:
        report = kill_crawls(web, tmp_path, kills=KILLS, rng=random.Random(20261123))
    assert report.faults == {}
    assert report.kills == KILLS
    assert not [p for p in psutil.Process().children(recursive=True) if p.pid == web.pid]
