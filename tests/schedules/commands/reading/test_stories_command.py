"""`scrapy stories` with an archive of two outlets."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.sources import Source
from tests.support.cli import scrapy
from tests.support.factories import HOME, SOURCE, Archive, article, hour, page, record

LANTERN = Source.model_validate(
    {
        "id": "lantern",
        "name": "Lantern Review",
        "home": "https://lantern.example/",
        "feeds": ["https://lantern.example/f"],
    }
)
REPORT = (
    "The lighthouse on Amity Rock will be lit again from Friday on, the harbour office said.",
    "It had been dark for seven years, since lightning melted the gears that turn its lens.",
    "A clockmaker from Velden made new ones by hand, of bronze, from drawings of the year 1871.",
    "Sailors had complained that the electric beacon beside it looks like the petrol station behind it.",
)
NEW = "The clockmaker will climb the tower each Sunday to oil them."


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archive = Archive(tmp_path, [SOURCE, LANTERN])
    archive.record_fetch(
        record(article(*REPORT, title="Amity Rock to be lit again", published=None), page(f"{HOME}/news/amity-rock"))
    )
    archive.record_fetch(
        record(
            article(*REPORT[:3], NEW, title="Light returns to [Amity]", published=None),
            page("https://lantern.example/news/light"), at=hour(2), source=LANTERN,
        )
    )  # fmt: skip
    archive.record_fetch(record(article(published=None), page(f"{HOME}/news/pier-closes"), at=hour(3)))
    archive.store.close()
    return tmp_path


def test_the_list_shows_a_story_of_several_articles_once(data: Path) -> None:
    listed = scrapy("stories", data=data)
    assert listed.returncode == 0, listed.stderr
    assert "Amity Rock to be lit again" in listed.stdout
    assert "northern pier" not in listed.stdout
    assert "No story has that many articles" in scrapy("stories", "--min-articles", "3", data=data).stdout


@pytest.mark.parametrize("columns", [80, 200])
def test_a_narrow_terminal_shortens_the_title_and_not_the_id(data: Path, columns: int) -> None:
    row = scrapy("stories", data=data, COLUMNS=str(columns)).stdout.splitlines()[1]
    assert row.split()[:3] == ["1", "2026-03-01", "12:00Z"]
    assert "Amity" in row
    assert len(row.rstrip()) <= columns


@pytest.mark.parametrize("options", [("--split", "4"), ("17", "--join", "4"), ("--rebuild",)])
def test_changing_a_story_without_an_archive_fails_and_creates_no_archive(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = scrapy("stories", *options, data=tmp_path)
    assert done.returncode == 3
    assert "no archive yet; `scrapy crawl all` creates one" in done.stderr
    assert not (tmp_path / "archive.db").exists()


def test_a_story_shows_the_first_outlet_and_the_sentences_each_article_adds_and_omits(data: Path) -> None:
    shown = scrapy("stories", "1", data=data).stdout
    lines = [line.strip() for line in shown.splitlines() if line.strip()]
    assert lines[:2] == [
        "Story 1: Amity Rock to be lit again",
        "first seen 2026-03-01 12:00Z at The Harbour Gazette; 2 articles from 2 outlets",
    ]
    assert "Light returns to [Amity]" in lines
    assert f"+ {NEW}" in lines
    assert [line for line in lines if line.startswith("-")] == [f"- {REPORT[3]}"]


def test_a_story_shows_its_near_misses_with_the_reason(data: Path) -> None:
    assert "Near misses" not in scrapy("stories", "1", data=data).stdout
    scrapy("stories", "--split", "2", data=data)
    shown = " ".join(scrapy("stories", "1", data=data).stdout.split())
    assert "Near misses (similar articles of other stories):" in shown
    assert "Lantern Review: Light returns to [Amity] (article 2, story 3;" in shown
    assert "kept apart: split by hand" in shown
    assert "scrapy stories 1 --join 2" in shown


def test_a_story_is_split_and_joined_again_by_hand(data: Path) -> None:
    split = scrapy("stories", "--split", "2", data=data)
    assert "split from story 1" in split.stdout, split.stderr
    assert "No story has that many" in scrapy("stories", data=data).stdout
    joined = scrapy("stories", "1", "--join", "2", data=data)
    assert "2 articles from 2 outlets" in joined.stdout, joined.stderr
    assert "Story 3 was merged into story 1." in scrapy("stories", "3", data=data).stdout
    check = scrapy("archive", "check", data=data)
    assert "OK, no problems found" in check.stdout, check.stdout


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (["stories", "77"], "no story 77"),
        (["stories", "--split", "3"], "article 3 is alone in story 2;"),
        (["stories", "--split", "88"], "article 88 is in no story"),
        (["stories", "--join", "2"], "--join needs a story ID"),
        (["stories", "amity"], "give one story ID"),
        (["stories", "--since", "yesterday"], "--since yesterday: write a date"),
    ],
)
def test_an_invalid_argument_is_reported_in_one_line(data: Path, words: list[str], reported: str) -> None:
    wrong = scrapy(*words, data=data)
    assert wrong.returncode != 0
    assert reported in wrong.stdout + wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_rebuild_changes_nothing_in_a_complete_archive(data: Path) -> None:
    assert "0 articles assigned to stories, 0 sketches computed" in scrapy("stories", "--rebuild", data=data).stdout
