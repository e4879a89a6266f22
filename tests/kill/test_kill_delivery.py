"""SIGKILL during flagging, rendering and sending; `benchmarks/kill/delivery.py` repeats it a thousand times."""

from __future__ import annotations

from pathlib import Path

from benchmarks.kill.delivery import kill_delivery


def test_after_kills_every_alert_is_in_one_mail_and_repeated_mails_have_the_same_bytes(
    tmp_path: Path,
) -> None:
    report = kill_delivery(tmp_path, kills=8, alerts=100, seed=7)
    assert report.kills == 8
    assert report.alerts >= 100
    assert report.stories_seen > 50
    assert report.given_up > 0
    assert (report.lost, report.twice, report.different) == ([], [], [])
