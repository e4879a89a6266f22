"""Muting stories and topics, and stars and notes on articles, also when stories and articles are merged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.desk.annotations import annotate, annotations_of, latest_annotations
from crawler.archive.desk.mutes import active_mutes, mute, mute_of, muted_alerts, unmute
from crawler.archive.desk.saved_searches import delete_search, save_search, saved_searches
from crawler.exceptions import NotFoundError
from tests.support.archives.flagged import Flagged, flagged_archive


@pytest.fixture
def found(tmp_path: Path) -> Iterator[Flagged]:
    with flagged_archive(tmp_path) as archive:
        yield archive


def test_a_muted_story_or_topic_mutes_its_alerts_until_it_ends_or_is_undone(found: Flagged) -> None:
    until = found.now + timedelta(days=1)
    for kind, target in (("story", "1"), ("topic", "pier")):
        one = mute(found.db, kind, target, until=until, now=found.now)  # type: ignore[arg-type]  # one of two literals
        assert (one.name, one.until_at) == (f"{kind}:{target}", until)
        assert set(muted_alerts(found.db, found.alerts, found.now)) == set(found.alerts)
        assert muted_alerts(found.db, found.alerts, until) == {}, (
            "alerts of before it was muted are reported afterwards"
        )
        assert unmute(found.db, one.kind, target)
        assert muted_alerts(found.db, found.alerts, found.now) == {}
        assert not unmute(found.db, one.kind, target)


def test_an_alert_of_the_muted_time_stays_muted_afterwards(found: Flagged) -> None:
    begin = found.now - timedelta(days=1)
    mute(found.db, "topic", "pier", until=found.now, now=begin)
    assert set(muted_alerts(found.db, found.alerts, found.now + timedelta(days=9))) == set(found.alerts)
    assert active_mutes(found.db, found.now) == []


def test_the_mute_of_a_story_holds_for_the_story_that_it_is_merged_into(found: Flagged) -> None:
    found.db.execute(
        "INSERT INTO stories (id, article_count, created_at, latest_at) VALUES (9, 0, '2026-03-01', '2026-03-01')"
    )
    mute(found.db, "story", "9", until=found.now + timedelta(days=1), now=found.now)
    found.db.execute("UPDATE stories SET merged_into = 1 WHERE id = 9")
    assert set(muted_alerts(found.db, found.alerts, found.now)) == set(found.alerts)
    assert mute_of(found.db, "story", "1", found.now) is not None
    assert unmute(found.db, "story", "1")
    assert active_mutes(found.db, found.now) == []


def test_an_unknown_story_or_topic_cannot_be_muted(found: Flagged) -> None:
    for kind, target in (("story", "99"), ("story", "x"), ("topic", "peer")):
        with pytest.raises(NotFoundError, match=f"no {kind} '{target}'"):
            mute(found.db, kind, target, until=found.now, now=found.now)  # type: ignore[arg-type]  # one of two literals


def test_a_star_and_a_note_are_kept_apart_and_removed_with_the_last_of_them(found: Flagged) -> None:
    annotate(found.db, 1, now=found.now, starred=True)
    annotate(found.db, 1, now=found.now, note="  call the mayor ")
    one = annotations_of(found.db, [1, 2])[1]
    assert (one.starred, one.note) == (True, "call the mayor")
    annotate(found.db, 1, now=found.now, starred=False)
    assert annotations_of(found.db, [1])[1].note == "call the mayor"
    annotate(found.db, 1, now=found.now, note=" ")
    assert latest_annotations(found.db, 9) == []
    with pytest.raises(NotFoundError):
        annotate(found.db, 99, now=found.now, starred=True)


def test_a_merged_article_has_the_annotation_of_the_article_it_was_merged_into(found: Flagged) -> None:
    found.db.execute("UPDATE articles SET merged_into = 1 WHERE id = 2")
    annotate(found.db, 2, now=found.now, starred=True)
    assert set(annotations_of(found.db, [1, 2])) == {1, 2}
    assert [one.article_id for one in latest_annotations(found.db, 9)] == [1]


def test_a_search_saved_under_the_same_name_replaces_the_first(found: Flagged) -> None:
    save_search(found.db, "Pier", "/search", "q=pier", now=found.now)
    save_search(found.db, "Pier", "/alerts", "topic=pier", now=found.now)
    (one,) = saved_searches(found.db)
    assert (one.path, one.query) == ("/alerts", "topic=pier")
    delete_search(found.db, one.id)
    assert saved_searches(found.db) == []
