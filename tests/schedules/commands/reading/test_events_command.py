"""scrapy events, run as a command on an archive of two outlets and two languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archives.event_reports import LEDGER, put_event
from tests.support.cli import scrapy
from tests.support.factories import SOURCE, Archive


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archive = Archive(tmp_path, [SOURCE, LEDGER])
    put_event(archive)
    archive.store.close()
    return tmp_path


def test_the_list_shows_an_event_once_with_its_languages(data: Path) -> None:
    listed = scrapy("events", data=data, COLUMNS="120")
    assert listed.returncode == 0, listed.stderr
    assert "Strike cuts power in Zorianske" in listed.stdout
    assert "en, uk" in listed.stdout
    assert "Ferry" not in listed.stdout
    assert "No event has that many stories" in scrapy("events", "--min-stories", "4", data=data).stdout


def test_an_event_shows_who_followed_when_why_and_what_each_adds(data: Path) -> None:
    shown = scrapy("events", "1", data=data, COLUMNS="200").stdout
    assert "3 stories from 2 outlets" in shown
    assert "+30 min" in shown
    assert "+2 h" in shown
    assert "shares " in shown
    assert "Полтави" in shown
    assert "До ремонту залучено 14 бригад із Полтави." in shown


def test_a_story_is_split_and_joined_by_hand(data: Path) -> None:
    split = scrapy("events", "--split", "4", data=data)
    assert split.returncode == 0, split.stderr
    assert "Story 4 is no longer in event 1" in split.stdout
    assert "2 stories" in scrapy("events", "1", data=data).stdout
    assert "3 stories" in scrapy("events", "1", "--join", "4", data=data).stdout
    assert "4 stories" in scrapy("events", "--join", "3", "--with-story", "1", data=data).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x",), "give one event ID"),
        (("--join", "3"), "--join needs an event ID or another story"),
        (("1", "--join", "3", "--with-story", "1"), "--join needs an event ID or another story"),
        (("--with-story", "1"), "--with-story needs --join"),
        (("--split", "1", "--rebuild"), "cannot be combined"),
    ],
)
def test_bad_arguments_end_with_status_2_and_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = scrapy("events", *arguments, data=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def test_unknown_ids_are_one_line(data: Path) -> None:
    for arguments, message in (
        (("99",), "no event 99; `scrapy events` lists them"),
        (("99", "--join", "3"), "no event 99"),
        (("1", "--join", "99"), "no story 99; `scrapy stories` lists them"),
        (("--split", "3"), "story 3 is in no event with other stories"),
    ):
        done = scrapy("events", *arguments, data=data)
        assert done.returncode != 0
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_rebuild_finds_nothing_to_do_where_all_stories_were_compared(data: Path) -> None:
    assert "0 stories indexed, 0 assigned to events" in scrapy("events", "--rebuild", data=data).stdout
