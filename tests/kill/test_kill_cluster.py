"""Kills of a node, the scheduler and the command, and a stopped node; `benchmarks/kill_cluster.py` repeats it more often."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.kill_cluster import kill_cluster
from benchmarks.support.sites.recorded_files import record_files

KILLS = 4
"""One of each kind, in an order that the seed gives."""


@pytest.mark.xdist_group("cluster")
def test_a_replay_on_a_cluster_whose_parts_are_killed_stores_what_a_local_one_stores(tmp_path: Path) -> None:
    recorded = record_files(tmp_path / "warc", files=2, pages=60, generated=True)

    report = kill_cluster(recorded, tmp_path, kills=KILLS, rng=random.Random(3), pause=(0.5, 2.5))

    assert report.faults == {}
    assert (report.nodes, report.schedulers, report.commands, report.stops) == (1, 1, 1, 1)
