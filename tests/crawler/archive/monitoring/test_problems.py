"""Problems are opened once, reported at most once a day, and resolved when they are no longer found."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.monitoring.problems import (
    Observation,
    mark_reported,
    open_problems,
    record_problems,
    resolved_since,
)
from tests.support.factories import NOW, Archive, hour

SILENT = Observation(kind="silent", since=hour(-5), evidence="none new", advice="look at its home page")


def note(archive: Archive, *seen: Observation, at: float) -> None:
    with archive.store.transaction() as store:
        record_problems(store, {"gazette": seen}, now=hour(at))


def test_a_lasting_problem_is_one_problem_with_its_latest_evidence(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    later = Observation(kind="silent", since=hour(-4), evidence="none for 6 h", advice="look")
    note(archive, later, at=1)
    (problem,) = open_problems(archive.store.db)
    assert (problem.evidence, problem.since, problem.opened_at) == ("none for 6 h", hour(-5), NOW)


def test_a_problem_is_reported_once_a_day(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    (problem,) = open_problems(archive.store.db)
    assert problem.is_report_due(NOW)
    with archive.store.transaction() as store:
        mark_reported(store, [problem.id], now=NOW)
    (again,) = open_problems(archive.store.db)
    assert (again.is_report_due(hour(23)), again.is_report_due(NOW + timedelta(days=1))) == (False, True)
    assert again.reports == 1


def test_a_problem_that_is_no_longer_found_is_resolved(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    note(archive, at=3)
    assert open_problems(archive.store.db) == []
    assert [problem.resolved_at for problem in resolved_since(archive.store.db, hour(2))] == [hour(3)]


def test_a_problem_that_returns_within_hours_is_reopened(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    note(archive, at=1)
    note(archive, SILENT, at=2)
    assert archive.value("SELECT count(*) FROM problems") == 1
    note(archive, at=3)
    note(archive, SILENT, at=40)
    assert archive.value("SELECT count(*) FROM problems") == 2


def test_debug_lines_name_the_problem_when_it_is_opened_and_when_it_is_resolved(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "crawler.archive.monitoring.problems")
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    note(archive, at=1)
    (problem,) = resolved_since(archive.store.db, NOW)
    opened, resolved = (record.getMessage() for record in caplog.records)
    assert opened.startswith(f"problem {problem.id}: opened, silent of gazette")
    assert resolved == f"problem {problem.id}: resolved"
