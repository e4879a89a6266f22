"""Figures are stored by the flag job with the match, once for each sentence of an article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.topics.figures import figures_of_topic
from crawler.archive.topics.versions import Restart, active_topics, sync_topics
from crawler.figures.ledger import FigurePoint, ledger_of
from schedules.topics.flagger import flag
from tests.support.archives.figures import (
    FEBRUARY,
    LOSSES,
    NIS_RIGHT,
    NIS_WRONG,
    TOPIC,
    FiguresArchive,
    empty_archive,
    strip_report,
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[FiguresArchive]:
    made = empty_archive(tmp_path)
    yield made
    made.store.close()


def points(archive: FiguresArchive) -> tuple[FigurePoint, ...]:
    return figures_of_topic(archive.store.db, "troops").points


def test_the_figures_of_a_report_are_stored_with_speakers_and_the_conflict_is_marked(archive: FiguresArchive) -> None:
    archive.publish(*LOSSES, at=FEBRUARY)
    series = {one.title: one for one in ledger_of(points(archive))}
    found = {
        (title, line.speaker, point.modifier, round(point.low or 0), round(point.high or 0))
        for title, one in series.items()
        for line in one.lines
        for point in line.points
    }
    assert found >= {
        ("troops casualties", "Zelensky", None, 4000, 4000),
        ("troops killed", "Zelensky", None, 2667, 2667),
        ("troops deployed", None, "up_to", 12_000, 12_000),
        ("troops killed", "NIS", "at_least", 300, 300),
        ("troops wounded", "NIS", None, 2700, 2700),
        ("troops deployed", "Zelensky", None, 2000, 3000),
    }
    (conflict,) = series["troops killed"].conflicts
    assert (conflict.smaller.speaker_name, conflict.larger.speaker_name) == ("NIS", "Zelensky")
    assert conflict.larger.written == "two-thirds"
    assert all(one.sentence in " ".join(LOSSES) and one.page_sha256 and one.alert_id for one in points(archive))


def test_a_new_version_stores_only_the_figures_of_sentences_that_it_added(archive: FiguresArchive) -> None:
    url = "https://harbour-gazette.example/news/losses"
    archive.publish(*LOSSES, at=FEBRUARY, url=url)
    before = len(points(archive))
    archive.publish(*LOSSES, "Another paragraph has no number.", at=FEBRUARY + timedelta(hours=1), url=url)
    assert len(points(archive)) == before
    archive.publish(*LOSSES, "Five North Korean soldiers were captured.", at=FEBRUARY + timedelta(hours=2), url=url)
    assert len(points(archive)) == before + 1


def test_flagging_again_does_not_double_the_figures(archive: FiguresArchive) -> None:
    archive.publish(*LOSSES, at=FEBRUARY)
    before = archive.rows("SELECT match_id, position, number, written FROM figures")
    db, later = archive.store.db, FEBRUARY + timedelta(days=1)
    sync_topics(
        db,
        [TOPIC],
        now=later,
        restart=Restart(since=FEBRUARY - timedelta(days=9), topics=frozenset({"troops"}), silently=True),
    )
    for _ in flag(
        db,
        lambda: active_topics(db, [TOPIC]),
        now=lambda: later,
        queue_deliveries=lambda *_: None,
        found_by_pattern=lambda *_: True,
    ):
        pass
    assert archive.rows("SELECT match_id, position, number, written FROM figures") == before


def test_an_edit_that_changes_a_number_is_a_correction(archive: FiguresArchive) -> None:
    url = "https://harbour-gazette.example/news/nis"
    archive.publish(NIS_WRONG, at=FEBRUARY, url=url)
    archive.publish(NIS_RIGHT, at=FEBRUARY + timedelta(hours=1), url=url)
    (series,) = ledger_of(points(archive))
    assert [(point.written, point.corrects) for point in series.points] == [
        ("At least 200", None), ("At least 300", "at least 200"),
    ]  # fmt: skip


def test_a_sentence_that_an_edit_removed_is_marked_as_withdrawn(archive: FiguresArchive) -> None:
    url = "https://harbour-gazette.example/news/nis"
    rest = "The agency in Seoul watches North Korean movements."
    archive.publish(rest, NIS_WRONG, at=FEBRUARY, url=url)
    archive.publish(rest, at=FEBRUARY + timedelta(hours=1), url=url)
    found = figures_of_topic(archive.store.db, "troops")
    (series,) = ledger_of(found.points, found.removed)
    assert [point.is_withdrawn for point in series.points] == [True]


def test_a_copy_at_another_outlet_is_the_same_claim(archive: FiguresArchive) -> None:
    body = (strip_report(55_297), *("The outlet adds nothing else to this long report of the day in the strip.",) * 3)
    archive.publish(*body, at=FEBRUARY)
    archive.publish(*body, at=FEBRUARY + timedelta(hours=2), wire=True)
    (series,) = ledger_of(points(archive))
    assert [(point.written, point.also_in) for point in series.points] == [("55,297", ("Coastline Wire",))]


def test_numbers_that_were_not_understood_are_stored_with_their_sentence(archive: FiguresArchive) -> None:
    sentence = "Losses in the strip grew: the strike destroyed 40 pylons."
    archive.publish(sentence, at=FEBRUARY)
    found = figures_of_topic(archive.store.db, "troops")
    assert [(one.written, one.sentence) for one in found.not_understood] == [("40", sentence)]


def test_the_stored_spans_point_at_the_words_of_the_sentence(archive: FiguresArchive) -> None:
    archive.publish(*LOSSES, at=FEBRUARY)
    for point in points(archive):
        assert point.sentence[slice(*point.spans["number"])] == point.written
        if "speaker" in point.spans:
            assert point.sentence[slice(*point.spans["speaker"])] == point.speaker
