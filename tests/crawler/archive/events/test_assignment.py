"""Events in the archive: what is grouped, what stays, and that decisions are part of the fetch's own transaction."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.events.membership import group_stories, join_event, split_event
from crawler.archive.events.queries import current_event, event_of_story, event_reports, latest_events
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.stories.assignment import join
from crawler.exceptions import ArchiveError
from crawler.models import Article
from schedules.crawl.backfill import rebuild_events
from tests.support.archives.event_reports import FERRY, LEDGER, OTHER_WORDS, STRIKE, UKRAINIAN, put
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, hour, page, record


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path, [SOURCE, LEDGER])


def event(archive: Archive, story: int) -> int | None:
    return event_of_story(archive.store.db, story)


def findings(archive: Archive) -> list[str]:
    return [str(finding) for finding in check_archive(archive.store.db, archive.warc, pages=False)]


def test_the_same_happening_in_other_words_is_one_event_of_two_stories(archive: Archive) -> None:
    first, other = put(archive, "a", *STRIKE), put(archive, "b", *FERRY)
    second = put(archive, "c", *OTHER_WORDS, hours=2, ledger=True)
    assert first != second
    assert event(archive, first) == event(archive, second) is not None
    assert event(archive, other) is None
    found = event_reports(archive.store.db, event(archive, first) or 0)
    assert [(one.story_id, one.source, one.reason_code) for one in found] == [
        (first, "The Harbour Gazette", "first"),
        (second, "Dnipro Ledger", "same_language"),
    ]
    assert findings(archive) == []


def test_the_reason_is_stored_in_words_and_codes(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    second = put(archive, "b", *OTHER_WORDS, hours=1)
    row = archive.rows(
        "SELECT resembles, shared, why, reason_code, decided_by FROM event_stories WHERE story_id = ?", second
    )[0]
    assert row[0] == first
    assert "Zorianske" in json.loads(row[1])
    assert row[2].startswith("shares ")
    assert row[3:] == ("same_language", "text")


def test_another_language_joins_by_names_and_figures(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    second = put(archive, "b", *UKRAINIAN, hours=1, language="uk")
    assert event(archive, first) == event(archive, second) is not None
    assert archive.value("SELECT reason_code FROM event_stories WHERE story_id = ?", second) == "across_languages"


def test_after_72_hours_it_is_another_event(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    near = put(archive, "b", *OTHER_WORDS, hours=71)
    late = put(archive, "c", *UKRAINIAN, hours=73, language="uk")
    assert event(archive, first) == event(archive, near) is not None
    assert event(archive, late) is None


def test_an_older_report_that_is_found_later_joins(archive: Archive) -> None:
    newer = put(archive, "a", *STRIKE, hours=30)
    older = put(archive, "b", *OTHER_WORDS, hours=1)
    found = event_reports(archive.store.db, event(archive, newer) or 0)
    assert [one.story_id for one in found] == [older, newer]
    (listed,) = latest_events(archive.store.db)
    assert listed.title == found[0].title


def test_copies_count_as_articles_of_their_story_not_as_stories_of_the_event(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    assert put(archive, "b", *STRIKE, hours=1, ledger=True) == first
    put(archive, "c", *OTHER_WORDS, hours=2)
    (listed,) = latest_events(archive.store.db)
    assert (listed.story_count, listed.article_count, listed.sources) == (2, 3, 2)


def test_a_decision_stays_when_the_text_changes(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    second = put(archive, "b", *OTHER_WORDS, hours=1)
    assert put(archive, "b", *FERRY, hours=2) == second
    assert event(archive, first) == event(archive, second) is not None


def test_a_stub_joins_when_its_text_arrives(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    stub = put(archive, "b", "More follows.", hours=1)
    assert event(archive, stub) is None
    assert put(archive, "b", *OTHER_WORDS, hours=2) == stub
    assert event(archive, stub) == event(archive, first) is not None
    assert findings(archive) == []


def test_a_story_that_was_split_by_hand_stays_apart(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    second = put(archive, "b", *OTHER_WORDS, hours=1)
    before = event(archive, first)
    with archive.store.transaction():
        assert split_event(archive.store.db, second, at=hour(2)) == before
    assert put(archive, "b", *OTHER_WORDS, "A third sentence.", hours=3) == second
    assert event(archive, second) is None
    assert archive.value("SELECT decided_by FROM event_stories WHERE story_id = ?", second) == "manual"
    with pytest.raises(ArchiveError, match="nothing to split"), archive.store.transaction():
        split_event(archive.store.db, second, at=hour(4))
    assert findings(archive) == []


def test_stories_are_joined_by_hand(archive: Archive) -> None:
    first, ferry = put(archive, "a", *STRIKE), put(archive, "b", *FERRY)
    with archive.store.transaction():
        made = group_stories(archive.store.db, first, ferry, at=hour(1))
    assert event(archive, first) == event(archive, ferry) == made
    third = put(archive, "c", *OTHER_WORDS, hours=2)
    with archive.store.transaction():
        if event(archive, third) is None:
            join_event(archive.store.db, third, made, at=hour(3))
    assert event(archive, third) == made
    with pytest.raises(ArchiveError, match="already"), archive.store.transaction():
        join_event(archive.store.db, ferry, made, at=hour(4))
    with pytest.raises(ArchiveError, match="no event 99"), archive.store.transaction():
        join_event(archive.store.db, ferry, 99, at=hour(4))
    with pytest.raises(ArchiveError, match="no story 99"), archive.store.transaction():
        join_event(archive.store.db, 99, made, at=hour(4))
    assert findings(archive) == []


def test_an_event_whose_last_story_moved_leads_to_the_other_event(archive: Archive) -> None:
    first, second, ferry = (
        put(archive, "a", *STRIKE),
        put(archive, "b", *OTHER_WORDS, hours=1),
        put(archive, "c", *FERRY),
    )
    made = event(archive, first)
    assert made is not None
    with archive.store.transaction():
        other = group_stories(archive.store.db, ferry, first, at=hour(2))
        join_event(archive.store.db, second, other, at=hour(3))
    assert current_event(archive.store.db, made) == other
    assert [one.story_count for one in latest_events(archive.store.db)] == [3]
    assert findings(archive) == []


def test_a_story_that_is_merged_into_another_leaves_its_event(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    second = put(archive, "b", *OTHER_WORDS, hours=1)
    moved = archive.value("SELECT first_article_id FROM stories WHERE id = ?", second)
    with archive.store.transaction():
        join(archive.store.db, moved, first, at=hour(2))
    assert event(archive, first) is None  # one story is no event
    assert latest_events(archive.store.db) == []
    assert findings(archive) == []


def test_a_fetch_that_fails_after_the_decision_leaves_no_event(archive: Archive) -> None:
    first = put(archive, "a", *STRIKE)
    tables = ("events", "event_stories", "event_features", "event_keys", "event_term_counts", "stories")
    before = {table: archive.value(f"SELECT count(*) FROM {table}") for table in tables}
    read = article(*OTHER_WORDS, title=None, published=None)
    with pytest.raises(sqlite3.OperationalError), archive.store.transaction():
        record_fetch(archive.store, record(read, page(f"{HOME}/news/b"), at=hour(1)))
        raise sqlite3.OperationalError("the disk is full")
    assert {table: archive.value(f"SELECT count(*) FROM {table}") for table in tables} == before
    assert event(archive, first) is None
    assert event(archive, put(archive, "b", *OTHER_WORDS, hours=2)) is not None


def test_rebuild_assigns_stories_that_were_never_compared(archive: Archive) -> None:
    first, second = put(archive, "a", *STRIKE), put(archive, "b", *OTHER_WORDS, hours=1)
    with archive.store.transaction():
        for table in ("event_stories", "events", "event_features", "event_keys"):
            archive.store.db.execute(f"DELETE FROM {table}")
    assert rebuild_events(archive.store.db) == (2, 1)
    assert event(archive, first) == event(archive, second) is not None
    assert rebuild_events(archive.store.db) == (0, 0)


def test_the_event_of_a_gallery_without_text_is_none(archive: Archive) -> None:
    read = Article(status=article().status, title=None)
    filed = archive.record_fetch(record(read, page(f"{HOME}/news/empty"), at=NOW))
    assert filed.article_id is None or archive.rows("SELECT * FROM event_features") == []


HOUSES = (
    "A drone strike on a power substation in Zorianske left 90,000 households in the dark on Monday night.",
    "Governor Olena Marchuk said that repair crews were at work.",
)
HOSPITALS = (
    "Two hospitals and many households near Zorianske are dark after drones hit the grid of the Hrim region.",
    "Enerhia needs three days, engineer Ivan Koval of the company said.",
)
BOTH = (
    "Drones hit the substation in Zorianske and cut the grid of the Hrim region: 90,000 households are dark, said Governor Olena"
    " Marchuk.",
    "Two hospitals depend on generators. Enerhia needs three days, Ivan Koval said.",
)


def test_a_report_of_both_merges_two_events(archive: Archive) -> None:
    houses = put(archive, "a", *HOUSES)
    put(archive, "b", "Some 90,000 homes in Zorianske are dark since drones hit the substation.",
        "Governor Olena Marchuk spoke of one wounded technician.", hours=1)  # fmt: skip
    hospitals = put(archive, "c", *HOSPITALS, hours=2)
    put(archive, "d", "Near Zorianske, two hospitals and many dark households depend on generators: drones hit the Hrim grid.",
        "Ivan Koval of Enerhia promised light in three days.", hours=3)  # fmt: skip
    one, other = event(archive, houses), event(archive, hospitals)
    assert None is not one != other is not None
    put(archive, "e", *BOTH, hours=4)
    assert event(archive, houses) == event(archive, hospitals) is not None
    assert [found.story_count for found in latest_events(archive.store.db)] == [5]
    assert {current_event(archive.store.db, one or 0), current_event(archive.store.db, other or 0)} == {
        event(archive, houses)
    }
    moved = [
        found for found in event_reports(archive.store.db, event(archive, houses) or 0) if found.reason_code == "merged"
    ]
    assert len(moved) == 1
    assert "merged because story 5 belongs to both" in (moved[0].why or "")
    assert findings(archive) == []


def test_a_report_of_both_joins_two_stories_that_stood_alone(archive: Archive) -> None:
    houses, hospitals = put(archive, "a", *HOUSES), put(archive, "b", *HOSPITALS, hours=1)
    assert event(archive, houses) is event(archive, hospitals) is None
    put(archive, "c", *BOTH, hours=2)
    (listed,) = latest_events(archive.store.db)
    assert listed.story_count == 3
    assert all((found.why or "shares").startswith("shares") for found in event_reports(archive.store.db, listed.id))


def test_events_that_people_decided_about_are_not_merged(archive: Archive) -> None:
    houses, hospitals = put(archive, "a", *HOUSES), put(archive, "b", *HOSPITALS, hours=1)
    ferry = put(archive, "f", *FERRY, hours=1)
    with archive.store.transaction():
        group_stories(archive.store.db, houses, ferry, at=hour(1))
        split_event(archive.store.db, ferry, at=hour(1))
    put(archive, "c", *BOTH, hours=2)
    assert event(archive, houses) is None or event(archive, hospitals) is None


def test_events_more_than_72_hours_apart_are_not_merged(archive: Archive) -> None:
    houses, hospitals = put(archive, "a", *HOUSES), put(archive, "b", *HOSPITALS, hours=73)
    put(archive, "c", *BOTH, hours=40)
    assert event(archive, houses) is None or event(archive, hospitals) is None
