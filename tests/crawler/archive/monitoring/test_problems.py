"""Problems are opened once, told again each day, and closed when they have healed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawler.archive.monitoring.problems import (
    Observation,
    last_failures,
    mark_reported,
    open_problems,
    problem_states,
    record_problems,
    resolved_since,
)
from tests.support.factories import NOW, Archive, hour, link, poll

SILENT = Observation(
    source="gazette", kind="silent", since=hour(-5), evidence="none new", advice="look at its home page"
)


def note(archive: Archive, *seen: Observation, at: float) -> None:
    with archive.store.transaction() as store:
        record_problems(store, seen, now=hour(at))


def test_a_problem_that_stays_is_one_problem_with_its_newest_evidence(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    later = Observation(source="gazette", kind="silent", since=hour(-4), evidence="none for 6 h", advice="look")
    note(archive, later, at=1)
    (problem,) = open_problems(archive.store.db, hour(1))
    assert (problem.evidence, problem.since, problem.opened_at) == ("none for 6 h", hour(-5), NOW)


def test_a_problem_is_told_once_and_again_after_a_day(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    (problem,) = open_problems(archive.store.db, NOW, report_due=True)
    with archive.store.transaction() as store:
        mark_reported(store, [problem.id], now=NOW)
    assert open_problems(archive.store.db, hour(23), report_due=True) == []
    (again,) = open_problems(archive.store.db, NOW + timedelta(days=1), report_due=True)
    assert again.reports == 1


def test_a_healed_problem_is_closed_and_said_to_be(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    note(archive, at=3)
    assert open_problems(archive.store.db, hour(3)) == []
    assert [problem.resolved_at for problem in resolved_since(archive.store.db, hour(2))] == [hour(3)]


def test_one_that_comes_back_within_hours_was_not_healed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    note(archive, SILENT, at=0)
    note(archive, at=1)
    note(archive, SILENT, at=2)
    assert archive.value("SELECT count(*) FROM problems") == 1
    note(archive, at=3)
    note(archive, SILENT, at=40)
    assert archive.value("SELECT count(*) FROM problems") == 2


def test_a_source_is_well_once_it_was_polled_while_its_last_poll_was_answered_and_it_has_no_problem(
    tmp_path: Path,
) -> None:
    archive = Archive(tmp_path)
    db = archive.store.db
    assert problem_states(db) == {"gazette": "new"}
    archive.poll(poll(link()))
    assert problem_states(db) == {"gazette": "ok"}
    db.execute("UPDATE seeds SET failures = 1, error = 'connection refused' WHERE source_id = 'gazette'")
    assert problem_states(db) == {"gazette": "failing"}
    (line,) = last_failures(db, "gazette")
    assert line == "its feed failed at the last poll: connection refused (https://harbour-gazette.example/rss)"
    note(archive, SILENT, at=0)
    assert problem_states(db) == {"gazette": "problem"}
    db.execute("UPDATE sources SET retired_at = first_seen_at")
    assert problem_states(db) == {"gazette": "retired"}
