"""Every command, page and digest shows the state that this module computes."""

from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from crawler.archive.crawl.runs import mirror_sources
from crawler.archive.monitoring.problems import Observation, ProblemKind, record_problems
from crawler.archive.monitoring.source_states import SourceState, StateSummary, source_statuses
from crawler.config.sources import Source
from tests.support.factories import HOME, NOW, SOURCE, Archive, hour, link, poll


def state_of(archive: Archive, *sources: Source) -> SourceState:
    return source_statuses(archive.store.db, sources or None, now=NOW)["gazette"].state


def observe(archive: Archive, *kinds: ProblemKind) -> None:
    seen = [Observation(kind=kind, since=NOW, evidence="seen", advice="look") for kind in kinds]
    with archive.store.transaction() as store:
        record_problems(store, {"gazette": seen}, now=NOW)


def changed(**keys: object) -> Source:
    return Source.model_validate({**SOURCE.model_dump(), **keys})


def test_a_source_is_ok_once_it_was_polled_without_a_failure_or_a_problem(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert state_of(archive) is SourceState.NEVER_POLLED
    archive.poll(poll(link()))
    assert state_of(archive) is SourceState.OK
    archive.poll(poll(at=hour(1), status="failed", error="connection refused"))
    status = source_statuses(archive.store.db, now=NOW)["gazette"]
    assert status.state is SourceState.FAILING
    assert status.reason == f"its feed failed at the last poll: connection refused ({HOME}/rss)"


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["silent"], SourceState.SILENT),
        (["stuck"], SourceState.SILENT),
        (["unreachable"], SourceState.FAILING),
        (["extraction"], SourceState.FAILING),
        (["drift"], SourceState.PROBLEM),
        (["drift", "silent", "blocked"], SourceState.BLOCKED),
    ],
)
def test_open_problems_decide_the_state(kinds: list[str], state: SourceState, tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link()))
    observe(archive, *kinds)
    status = source_statuses(archive.store.db, now=NOW)["gazette"]
    assert (status.state, {problem.kind for problem in status.problems}) == (state, set(kinds))
    assert status.reason == f"{kinds[-1]}: seen"
    observe(archive)
    assert state_of(archive) is SourceState.OK


def test_a_disabled_or_retired_source_needs_no_attention(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    observe(archive, "blocked")
    assert state_of(archive, changed(enabled=False)) is SourceState.DISABLED
    other = changed(id="wire")
    assert state_of(archive, other) is SourceState.RETIRED
    for configured, state in (([changed(enabled=False)], "disabled"), ([other], "retired"), ([SOURCE], "blocked")):
        mirror_sources(archive.store, [], configured=configured, at=NOW)
        assert state_of(archive).value == state, "the archive's copy gives the same state as sources.toml"


def test_a_seed_that_left_sources_toml_no_longer_counts(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link(), at=hour(0)))
    archive.poll(poll(at=hour(1), status="failed", error="HTTP 404"))
    moved = changed(feeds=[f"{HOME}/feed"])
    assert state_of(archive, moved) is SourceState.NEVER_POLLED
    mirror_sources(archive.store, [moved], configured=[moved], at=NOW)
    assert state_of(archive) is SourceState.NEVER_POLLED
    mirror_sources(archive.store, [SOURCE], configured=[SOURCE], at=NOW)
    assert state_of(archive) is SourceState.FAILING


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        ([], "no sources"),
        (["ok"], "1 source OK"),
        (["ok", "ok", "retired"], "all 2 sources OK"),
        (["ok", "failing", "never polled", "blocked", "disabled"], "1 of 4 sources OK, 1 blocked, 1 failing, 1 never polled"),
    ],
)  # fmt: skip
def test_a_summary_counts_watched_sources(states: list[str], shown: str) -> None:
    summary = StateSummary.of(SourceState(state) for state in states)
    assert str(summary) == shown
    assert summary.needs_attention == sum(state in ("failing", "blocked") for state in states)


def test_disabled_and_retired_sources_are_not_counted_as_watched() -> None:
    summary = StateSummary.of([SourceState.OK, SourceState.RETIRED, SourceState.DISABLED])
    assert (summary.sources, summary.is_ok) == (1, True)


def test_a_paused_source_is_neither_watched_nor_wrong_until_the_day_on_which_it_is_polled_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    paused = SOURCE.model_copy(update={"paused_until": date(2026, 3, 10)})
    archive.poll(poll(at=NOW, status="failed", error="no response"))
    mirror_sources(archive.store, [paused], configured=[paused], at=NOW)
    for known in (None, [paused]):
        status = source_statuses(archive.store.db, known, now=NOW)["gazette"]
        assert status.state is SourceState.PAUSED
        assert status.reason == "paused until 2026-03-10 (paused_until in sources.toml)"
        assert not status.state.is_watched
        later = source_statuses(archive.store.db, known, now=datetime(2026, 3, 10, tzinfo=timezone.utc))["gazette"]
        assert later.state is SourceState.FAILING
    assert not paused.is_polled(NOW)
    assert paused.is_polled(datetime(2026, 3, 10, tzinfo=timezone.utc))
