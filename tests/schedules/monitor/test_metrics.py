"""The metrics file for Prometheus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler.archive.monitoring.jobs import begin_job, finish_job
from crawler.exceptions import WirewatchError
from schedules.monitor.metrics import metrics, write_metrics
from tests.support.factories import Archive, hour, link, poll


def test_every_line_has_the_format_of_prometheus(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link()))
    with archive.store.transaction() as store:
        run = begin_job(store, "health", due_at=hour(0), at=hour(0.01))
        finish_job(
            store, run, "health",
            at=hour(0.02), seconds=2.5, status=0, failed=False, message=None, due_at=hour(1),
        )  # fmt: skip
    text = metrics(archive.store.db, now=hour(1))
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) wirewatch_\w+ .+|wirewatch_\w+(\{\w+="[^"]*"\})? -?[\d.e+]+', line), line
    assert 'wirewatch_queue_waiting{source="gazette"} 1' in text
    assert 'wirewatch_job_seconds{job="health"} 2.5' in text
    assert 'wirewatch_last_poll_age_seconds{source="gazette"} 3600' in text


def test_the_file_is_replaced_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "wirewatch.prom"
    write_metrics(target, archive.store.db, now=hour(0))
    write_metrics(target, archive.store.db, now=hour(1))
    assert [path.name for path in target.parent.iterdir()] == ["wirewatch.prom"]


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with pytest.raises(WirewatchError, match="WIREWATCH_METRICS_FILE cannot be written"):
        write_metrics(tmp_path / "nowhere" / "x.prom", archive.store.db, now=hour(0))
