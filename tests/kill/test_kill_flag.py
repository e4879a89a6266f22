"""SIGKILL during flagging; `benchmarks/kill/flag.py` repeats it a thousand times."""

from __future__ import annotations

from pathlib import Path

from benchmarks.kill.flag import kill_flagging


def test_no_alert_is_lost_or_created_twice_when_the_job_is_killed(tmp_path: Path) -> None:
    report = kill_flagging(tmp_path, kills=25, seed=7)
    assert report.kills == 25
    assert report.alerts > 0
    assert (report.lost, report.twice, report.different) == ([], [], [])
