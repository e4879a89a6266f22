"""Two crawls of the demo outlets, configured in sources.toml, and the archive that they write."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from crawler.config.sources import load_sources
from crawler.urls import url_key
from schedules.demo.outlets import DEMO_OUTLETS, GAZETTE, LEDGER
from schedules.demo.pages import AUDIO_NOTICE
from schedules.demo.server import DemoWeb
from tests.support.cli import archive_rows, scrapy

pytestmark = pytest.mark.xdist_group("demo crawl")  # all of these tests use the same two crawls

DEMO_SEED = LEDGER.stories[0]


@dataclass
class TwoCrawls:
    """The data folder after two crawls, and their output."""

    web: DemoWeb
    folder: Path
    printed: list[str]
    statuses: list[int]

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return archive_rows(self.folder, sql, *values)


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCrawls]:
    folder = tmp_path_factory.mktemp("data")
    with DemoWeb(now=datetime.now(timezone.utc)) as web:
        web.write_sources(folder / "sources.toml")
        first = scrapy("crawl", "all", data=folder)
        web.publish(2)
        second = scrapy("crawl", "all", "--force", data=folder)
        yield TwoCrawls(
            web=web,
            folder=folder,
            printed=[first.stdout + first.stderr, second.stdout + second.stderr],
            statuses=[first.returncode, second.returncode],
        )


def test_both_crawls_succeed_and_log_no_error(crawls: TwoCrawls) -> None:
    assert crawls.statuses == [0, 0], crawls.printed
    assert [
        line for text in crawls.printed for line in text.splitlines() if "ERROR" in line or "Traceback" in line
    ] == []


def test_every_published_story_is_an_article_or_has_a_reason_why_not(crawls: TwoCrawls) -> None:
    known = {key for (key,) in crawls.rows("SELECT key FROM article_urls")}
    known |= {key for key, reason in crawls.rows("SELECT key, reason FROM queue WHERE state <> 'done'") if reason}
    rules = {source.id: source.key_rules for source in load_sources(crawls.folder / "sources.toml")}
    missing = []
    for outlet in DEMO_OUTLETS:
        for story in outlet.printed(2):
            url = crawls.web.url(outlet, story)
            if url_key(url, slug_identity=rules[outlet.id].slug_identity) not in known:
                missing.append(url)
    assert missing == []


def test_the_news_desk_page_has_the_correct_title_byline_time_and_text(crawls: TwoCrawls) -> None:
    ((article,),) = crawls.rows("SELECT id FROM articles WHERE url LIKE ?", f"%{DEMO_SEED.slug}%")
    title, text, published, offset, precision, language = crawls.rows(
        "SELECT title, text, published_at, published_offset, published_precision, language FROM revisions"
        " WHERE article_id = ? AND number = 1",
        article,
    )[0]
    names = crawls.rows(
        "SELECT b.name, b.kind FROM bylines b JOIN revisions r ON r.id = b.revision_id WHERE r.article_id = ? AND r.number = 1",
        article,
    )
    assert title == DEMO_SEED.title
    assert names == [("The Dnipro Ledger news desk", "organisation")]
    assert published == DEMO_SEED.published(crawls.web.now).strftime(
        "%Y-%m-%dT%H:%M:00Z"
    )  # the page shows the time in Europe/Kyiv
    assert (offset, precision) == (0, "second")  # of the feed, which is more precise than the page
    assert language == "en"
    assert text.split("\n\n") == list(DEMO_SEED.paragraphs)
    assert DEMO_SEED.card is not None
    for unrelated in (DEMO_SEED.caption, AUDIO_NOTICE, DEMO_SEED.card.title, "News Feed", "Enter your email"):
        assert unrelated not in text


def test_an_edited_story_has_two_revisions_each_with_its_own_page(crawls: TwoCrawls) -> None:
    rows = crawls.rows(
        "SELECT r.number, r.page_id, r.text LIKE '%4,700 casualties%' FROM revisions r JOIN articles a ON a.id = r.article_id"
        " WHERE a.url LIKE ? ORDER BY number",
        f"%{DEMO_SEED.slug}%",
    )
    assert [(number, corrected) for number, _, corrected in rows] == [(1, 0), (2, 1)]
    assert rows[0][1] != rows[1][1]


def test_a_page_that_changes_outside_its_article_has_one_revision(crawls: TwoCrawls) -> None:
    changing = [story.slug for outlet in DEMO_OUTLETS for story in outlet.stories if story.restless]
    for slug in changing:
        assert crawls.rows("SELECT DISTINCT revision_count FROM articles WHERE url LIKE ?", f"%{slug}%") == [(1,)], slug


def test_variants_of_a_url_are_one_article(crawls: TwoCrawls) -> None:
    slug = LEDGER.stories[2].slug
    assert len(crawls.rows("SELECT id FROM articles WHERE url LIKE ? AND merged_into IS NULL", f"%{slug}%")) == 1
    forms = {url for (url,) in crawls.rows("SELECT url FROM article_urls WHERE url LIKE ?", f"%{slug}%")}
    assert len(forms) >= 2


def test_a_bot_wall_is_reported_and_its_page_is_stored(crawls: TwoCrawls) -> None:
    walled = next(story for story in LEDGER.stories if story.kind == "walled")
    states = crawls.rows("SELECT state, reason FROM unfetched WHERE url LIKE ?", f"%{walled.slug}%")
    assert states
    assert all(reason for _, reason in states)
    assert crawls.rows("SELECT http_status FROM pages WHERE url LIKE ?", f"%{walled.slug}%") == [(403,)]


def test_a_page_that_declares_a_wrong_encoding_is_decoded(crawls: TwoCrawls) -> None:
    wrong = next(story for outlet in DEMO_OUTLETS for story in outlet.stories if story.kind == "wrong-charset")
    ((text,),) = crawls.rows("SELECT text FROM articles_latest WHERE url LIKE ?", f"%{wrong.slug}%")
    assert text.split("\n\n")[-1] == wrong.paragraphs[-1]


def test_the_first_poll_is_unconditional_and_the_second_conditional(crawls: TwoCrawls) -> None:
    feeds = [request for request in crawls.web.requests if request.path == LEDGER.feeds[0]]
    assert [request.conditional for request in feeds] == [False, True]


def test_archive_check_finds_no_problem(crawls: TwoCrawls) -> None:
    done = scrapy("archive", "check", data=crawls.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().endswith("OK, no problems found")


def test_a_syndicated_report_is_one_story_of_three_outlets(crawls: TwoCrawls) -> None:
    found = crawls.rows("SELECT title, article_count, sources FROM story_list")
    assert found == [("Allies pledge three air defence batteries before winter", 3, 3)]
    listed = scrapy("stories", data=crawls.folder)
    assert "Allies pledge three air defence batteries" in listed.stdout, listed.stderr


def test_diff_shows_the_correction(crawls: TwoCrawls) -> None:
    ((url,),) = crawls.rows("SELECT url FROM articles WHERE url LIKE ?", f"%{DEMO_SEED.slug}%")
    done = scrapy("diff", url, data=crawls.folder)
    assert done.returncode == 0
    assert "have suffered about [-4,000-]{+4,700+} casualties" in " ".join(done.stdout.split())


def test_an_export_has_every_article(crawls: TwoCrawls, tmp_path: Path) -> None:
    done = scrapy("archive", "export", str(tmp_path / "a.ndjson"), data=crawls.folder)
    rows = [json.loads(line) for line in (tmp_path / "a.ndjson").read_text().splitlines()]
    assert done.stdout.strip().endswith(f"{len(rows)} articles")
    assert DEMO_SEED.title in {row["title"] for row in rows}


def test_replaying_the_stored_pages_into_an_empty_archive_gives_the_same_revisions(
    crawls: TwoCrawls, tmp_path: Path
) -> None:
    (tmp_path / "sources.toml").write_text((crawls.folder / "sources.toml").read_text())
    files = sorted(map(str, (crawls.folder / "warc").iterdir()))
    done = scrapy("replay", *files, data=tmp_path)
    assert done.returncode == 0, done.stderr
    again = scrapy("replay", *files, data=tmp_path)
    assert again.stdout.splitlines()[0] == "0 pages processed"
    texts = "SELECT count(*), count(DISTINCT article_id) FROM revisions WHERE page_id IS NOT NULL"
    db = sqlite3.connect(tmp_path / "archive.db")
    replayed = db.execute(texts).fetchone()
    seed = "SELECT published_at, published_offset, published_precision, published_source FROM revisions WHERE title = ?"
    from_the_page = db.execute(seed, (DEMO_SEED.title,)).fetchone()
    db.close()
    assert replayed == crawls.rows(texts)[0]
    published = DEMO_SEED.published(crawls.web.now).strftime("%Y-%m-%dT%H:%M:00Z")  # "1:11 PM" in Europe/Kyiv
    assert from_the_page == (published, None, "minute", "visible")


def test_reextraction_with_the_same_extractor_changes_nothing(crawls: TwoCrawls) -> None:
    done = scrapy("reextract", data=crawls.folder)
    assert done.returncode == 0, done.stderr
    assert "changed fields: 0" in done.stdout


def test_every_outlet_has_articles(crawls: TwoCrawls) -> None:
    found = dict(crawls.rows("SELECT source_id, count(*) FROM articles_latest GROUP BY 1"))
    assert set(found) == {outlet.id for outlet in DEMO_OUTLETS}
    assert found["harbour-gazette"] >= len([story for story in GAZETTE.stories if story.since == 1]) - 1
