"""A digest says in a line where a figure moved that the same speaker claimed before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from schedules.digest.collect import collect
from schedules.digest.render import render
from tests.schedules.digest.test_collect import MORNING
from tests.support.archives.figures import FEBRUARY, empty_archive, strip_report

LINE = "killed (health ministry): 55,297 → 55,432"


def test_a_figure_that_moved_is_a_line_below_its_sentence_in_all_three_forms(tmp_path: Path) -> None:
    archive = empty_archive(tmp_path)
    archive.publish(strip_report(55_297), at=FEBRUARY, title="Day 1")
    archive.publish(strip_report(55_432), at=FEBRUARY + timedelta(days=1), title="Day 2")
    now = FEBRUARY + timedelta(days=1, hours=2)
    found = collect(archive.store.db, MORNING, [1, 2], period_start=now - timedelta(days=2), now=now, late=False)
    archive.store.close()
    shown = [part for entry in found.stories for part in (entry, *entry.parts)]
    assert {entry.title: entry.moved_figures for entry in shown} == {"Day 2": (LINE,), "Day 1": ()}
    rendered = render(found)
    for text in (rendered.text, rendered.html, rendered.chat):
        assert text.count(LINE) == 1
        assert text.index("55,432") < text.index(LINE)


def test_a_first_figure_and_an_unchanged_one_are_no_moves(tmp_path: Path) -> None:
    archive = empty_archive(tmp_path)
    for day in range(2):
        archive.publish(strip_report(55_297), at=FEBRUARY + timedelta(days=day), title=f"Day {day}")
    now = FEBRUARY + timedelta(days=1, hours=2)
    found = collect(archive.store.db, MORNING, [1, 2], period_start=now - timedelta(days=2), now=now, late=False)
    archive.store.close()
    shown = [part for entry in found.stories for part in (entry, *entry.parts)]
    assert [entry.moved_figures for entry in shown] == [(), ()]
