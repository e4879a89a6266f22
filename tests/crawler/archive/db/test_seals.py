"""Row seals: every column of a sealed table is covered, and every writer seals what it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.db.seals import SEALED
from crawler.archive.delivery.outbox import store_message
from crawler.archive.delivery.recipients import queue_deliveries, register_recipients, save_schedule
from crawler.archive.events.membership import create_event, group_stories, merge_events, remove_story, split_event
from crawler.archive.maintenance.check_rows import seal_fault, text_faults
from crawler.archive.monitoring.problems import Observation, mark_reported, record_problems
from crawler.archive.stories.assignment import join, remove_article, split
from crawler.archive.topics.figures import insert_figures
from crawler.figures.claim import SentenceFigures
from tests.support.archives.flagged import flagged_archive
from tests.support.factories import HOME, NOW, Archive, article, hour, link, page, poll, record

STATE = {"row_sha256", "id", "text_pruned_at"}
POLLED = ("coverage", "links", "polls", "problems", "queue")
"""Tables that a poll and a health check write."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The connection to an archive that has rows in each sealed table."""
    with flagged_archive(tmp_path_factory.mktemp("sealed")) as flagged:
        fill(flagged.db, flagged.alerts)
        flagged.db.execute("PRAGMA foreign_keys = OFF")
        yield flagged.db


def fill(db: Any, alerts: list[int]) -> None:
    queue_deliveries(db, alerts[0], [("daily", "desk@example.org")], NOW)
    register_recipients(db, "daily", ["desk@example.org"], NOW)
    save_schedule(db, "daily", "07:30", done=hour(1))
    save_schedule(db, "daily", "08:30", done=hour(2))
    store_message(
        db, digest="daily", recipient="desk@example.org", period="p", done=hour(3), alerts=alerts[:1], subject="One story",
        message_id="a@b", content=b"Text", now=hour(3),
    )  # fmt: skip
    sentence = "About 300 soldiers were killed, the ministry said."
    create_event(db, db.execute("SELECT min(id) FROM stories").fetchone()[0], at=hour(3))
    insert_figures(db, 1, {0: (sentence, SentenceFigures(claims=(), not_understood=((6, 9),)))})


def test_the_archive_of_this_test_is_valid_and_has_rows_in_each_table(filled: Any) -> None:
    assert list(text_faults(filled)) == []
    for table in SEALED:
        if table not in POLLED:
            assert filled.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table


@pytest.mark.parametrize("table", sorted(set(SEALED) - set(POLLED)))
def test_a_changed_value_in_any_sealed_column_is_found(filled: Any, table: str) -> None:
    assert_changes_are_found(filled, table)


def assert_changes_are_found(filled: Any, table: str) -> None:
    row = filled.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
    for column, kind in [(one["name"], one["type"]) for one in filled.execute(f"PRAGMA table_info({table})")]:
        if column in STATE or column in SEALED[table].state or column in SEALED[table].key:
            continue
        filled.execute("SAVEPOINT change")
        value = 7 if kind in ("INTEGER", "REAL") else "7"
        filled.execute(
            f"UPDATE {table} SET {column} = ? WHERE {SEALED[table].condition}", (value, *SEALED[table].key_of(row))
        )
        changed = filled.execute(
            f"SELECT * FROM {table} WHERE {SEALED[table].condition}", SEALED[table].key_of(row)
        ).fetchone()
        assert row[column] == value or seal_fault(filled, table, changed) is not None, column
        filled.execute("ROLLBACK TO change")
        filled.execute("RELEASE change")


@pytest.fixture
def polled(tmp_path: Path) -> Archive:
    """An archive with polls, links, queue entries, a gap and a problem."""
    archive = Archive(tmp_path)
    archive.poll(poll(link("/news/one", title="Ferries"), link("/news/two"), at=hour(0)))
    archive.poll(poll(link("/news/three"), link("/news/four"), at=hour(300)))
    archive.poll(poll(link("/news/three", title="Ferries run"), at=hour(301)))
    seen = Observation(kind="silent", since=NOW, evidence="Nothing.", advice="Look.")
    with archive.store.transaction() as store:
        record_problems(store, {"gazette": [seen]}, now=NOW)
        mark_reported(store, [1], now=NOW)
        record_problems(store, {}, now=hour(1))
    return archive


@pytest.mark.parametrize("table", POLLED)
def test_a_changed_value_of_a_poll_is_found(polled: Archive, table: str) -> None:
    assert list(text_faults(polled.store.db)) == []
    polled.store.db.execute("PRAGMA foreign_keys = OFF")
    assert_changes_are_found(polled.store.db, table)


def test_stories_stay_sealed_when_articles_leave_and_join(filled: Any) -> None:
    story, article = filled.execute("SELECT story_id, article_id FROM story_articles WHERE role <> 'first'").fetchone()
    split(filled, article, at=hour(5))
    join(filled, article, story, at=hour(6))
    assert [fault for fault in text_faults(filled) if fault[0].startswith("stor")] == []
    remove_article(filled, article)
    assert [fault for fault in text_faults(filled) if fault[0].startswith("stor")] == []


def test_events_stay_sealed_when_stories_leave_and_join_and_events_merge(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(4):
        archive.record_fetch(record(article(f"Report {number}."), page(f"{HOME}/news/{number}", b"%d" % number)))
    db = archive.store.db
    for story_id in (1, 2, 3, 4):  # alike, so they were one event
        remove_story(db, story_id)
    one = group_stories(db, 1, 2, at=hour(1))
    other = group_stories(db, 3, 4, at=hour(2))
    split_event(db, 2, at=hour(3))
    merge_events(db, one, other, at=hour(4), connected_by=2)
    assert [tuple(row) for row in db.execute("SELECT story_count, merged_into FROM events ORDER BY id")] == [
        (0, None), (0, other), (3, None), (1, None),
    ]  # fmt: skip
    assert list(text_faults(db)) == []
    db.execute("UPDATE event_stories SET why = 'shares a harbour' WHERE story_id = 3")
    assert [fault[0] for fault in text_faults(db)] == ["event_stories row 3"]
