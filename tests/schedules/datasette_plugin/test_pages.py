"""The pages of the archive in Datasette: contents, errors, permissions, and hostile text."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click import ClickException
from lxml import etree, html

from crawler.archive.db.open import open_existing
from crawler.archive.stories.assignment import split
from crawler.clock import utc_now
from crawler.models import Block, Byline, Timestamp
from crawler.sqlite.connection import connect, transaction
from crawler.sqlite.values import format_utc
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.pages import stories
from schedules.datasette_plugin.pages.article import MAX_RAW_PAGES, MAX_VERSIONS
from schedules.datasette_plugin.rendering import sql_functions
from schedules.datasette_plugin.rendering.cells import UNITS
from schedules.datasette_plugin.table_metadata import HIDDEN, LOOKS
from tests.support.corpus import corpus_or_skip
from tests.support.datasette_client import DatasetteClient, datasette_client, fill
from tests.support.factories import HOME, NOW, Archive, article, hour, page, record

PAGES = ("/", "/alerts", "/topics", "/topic/pier", "/stories", "/story/1", "/events", "/sources", "/source/gazette", "/search?q=pier",
         "/search", "/article/1", "/article/1/2?compare", "/desk", "/archive")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("archive")
    fill(made)
    return made


@pytest.fixture(scope="module")
def reader(folder: Path) -> Iterator[DatasetteClient]:
    with datasette_client(folder) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_a_title_one_heading_and_only_the_script_of_this_server(reader: DatasetteClient, path: str) -> None:
    response = reader.get(path)
    assert response.status_code == 200
    tree = html.fromstring(response.text)
    assert tree.findtext(".//title").strip()
    assert len(tree.findall(".//main//h1")) == 1
    (script,) = tree.findall(".//script")
    assert (script.get("src"), script.text) == ("/-/static-plugins/wirewatch/desk.js", None)
    assert "default-src 'none'; script-src 'self';" in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_works(reader: DatasetteClient, path: str) -> None:
    tree = html.fromstring(reader.text(path))
    links = {link for link in tree.xpath("//main//a/@href") if link.startswith("/")}
    broken = {
        link: status for link in links if (status := reader.get(link.split("#")[0]).status_code) not in (200, 302)
    }
    assert broken == {}


def test_the_home_page_shows_alerts_problems_and_gaps(reader: DatasetteClient) -> None:
    text = " ".join(html.fromstring(reader.text("/")).text_content().split())
    assert "Council closes northern pier" in text
    assert "The Harbour Gazette: silent since" in text
    assert "no article in 26 hours" in text
    assert "1 open gap: articles possibly missed" in text


def test_the_sentence_of_an_alert_is_marked_in_the_article(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/article/1"))
    marks = [mark.text_content() for mark in tree.xpath("//div[@class='text']//span[@class='match']/mark")]
    assert {"pier", "close"} <= set(marks)
    assert tree.xpath("//div[@class='text']//span[@id='alert-2']")
    assert "14 July" in tree.xpath("string(//div[@class='text'])")
    assert "Coastline Wire" in tree.xpath("string(//section[@aria-labelledby='story'])")


def test_two_versions_are_side_by_side_with_removed_and_added_words(reader: DatasetteClient) -> None:
    table = html.fromstring(reader.text("/article/1/2?compare")).find(".//table[@class='compare']")
    assert [one.text_content() for one in table.findall(".//tbody//del")] == ["1 June"]
    assert [one.text_content() for one in table.findall(".//tbody//ins")] == ["14 July"]
    assert "paragraph" in table.xpath("string(.//summary)")


def test_an_alert_redirects_to_its_sentence_in_its_version(reader: DatasetteClient) -> None:
    assert reader.get("/alert/1").headers["location"] == "/article/1/1#alert-1"
    assert reader.get("/alert/2").headers["location"] == "/article/1/2#alert-2"
    assert 'id="alert-2"' in reader.text("/article/1/2")


def test_a_removed_sentence_is_shown_in_the_version_before(folder: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    db.execute("UPDATE alerts SET kind = 'removed' WHERE id = 2")
    db.close()
    with datasette_client(tmp_path) as found:
        assert found.get("/alert/2").headers["location"] == "/article/1/1#alert-2"


def test_a_topic_has_a_chart_of_days_and_a_source_charts_of_its_week_and_coverage(reader: DatasetteClient) -> None:
    assert 'aria-label="Alerts per day' in reader.text("/topic/pier")
    source = reader.text("/source/gazette")
    assert "by hour of the week: most on Monday at 23:00" in source
    assert 'aria-label="feed https://harbour-gazette.example/rss: ' in source


@pytest.mark.parametrize(
    ("words", "found"),
    [("pier", True), ("pier*", True), ('"northern pier"', True), ("pier -cargo", False), ("submarine", False), ('"', False),
     ("NEAR(", False), ("x AND OR NOT", False), ("title:pier", True), ("pier'", True), ("\x00", False)],
)  # fmt: skip
def test_any_text_is_a_valid_search(reader: DatasetteClient, words: str, found: bool) -> None:
    tree = html.fromstring(reader.get("/search", params={"q": words}).text)
    assert bool(tree.xpath("//article[@class='hit']")) == found


def test_a_search_is_narrowed_to_one_outlet(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/search?q=pier&source=wire"))
    assert {line.split()[0] for line in tree.xpath("//article[@class='hit']/p[1]/bdi[1]/text()")} == {"Coastline"}
    assert tree.xpath("//ul[contains(@class,'facet')]//a[@aria-current]//text()") == ["Coastline Wire"]


@pytest.mark.parametrize(
    "path",
    ["/article/999", "/article/1/9", "/article/99999999999999999999", "/alert/999", "/story/999", "/topic/nothing", "/source/nothing",
     "/page/999", "/topic/nothing.atom", "/desk/judge", "/alerts?before=x", "/search?q=pier&before=1e9",
     f"/article/{'1' * 5_000}", f"/alerts?before={'9' * 5_000}", f"/stories?before=2026~{'9' * 5_000}", f"/article/1/{'1' * 5_000}"],
)  # fmt: skip
def test_errors_are_shown_in_the_same_layout(reader: DatasetteClient, path: str) -> None:
    response = reader.get(path)
    assert response.status_code == 404
    tree = html.fromstring(response.text)
    assert tree.xpath("string(//main/h1)") == "Not found"
    assert tree.xpath("//header//form[@role='search']")


def test_a_raw_page_is_plain_text(reader: DatasetteClient) -> None:
    response = reader.get("/page/1")
    assert response.text.startswith("The harbour council voted")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_damaged_raw_page_is_reported(tmp_path: Path) -> None:
    fill(tmp_path)
    for file in (tmp_path / "warc").iterdir():
        file.write_bytes(b"\x00" * file.stat().st_size)
    with datasette_client(tmp_path) as found:
        response = found.get("/page/1")
    assert response.status_code == 404
    assert "Raw page 1 is missing or damaged" in response.text
    assert str(tmp_path) not in response.text


def test_a_copy_without_raw_pages_says_so(tmp_path: Path) -> None:
    fill(tmp_path)
    shutil.rmtree(tmp_path / "warc")
    with datasette_client(tmp_path) as found:
        response = found.get("/page/1")
    assert response.status_code == 404
    assert "This copy of the archive has no raw pages" in response.text
    assert str(tmp_path) not in response.text


def test_a_story_shows_its_near_misses_with_the_reason(tmp_path: Path) -> None:
    fill(tmp_path)
    db = open_existing(tmp_path / "archive.db")
    with transaction(db):
        (article_id,) = db.execute("SELECT max(article_id) FROM story_articles WHERE story_id = 1").fetchone()
        split(db, article_id, at=NOW)
    db.close()
    with datasette_client(tmp_path) as found:
        tree = html.fromstring(found.text("/story/1"))
    (item,) = tree.xpath("//h2[@id='near-misses']/following-sibling::ul/li")
    assert f"/article/{article_id}" in item.xpath(".//a/@href")[0]
    assert "split by hand" in " ".join(item.text_content().split())


def test_a_story_names_the_compared_article_and_what_it_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "MAX_COMPARED", 1)
    monkeypatch.setattr(stories, "MAX_ALERTS", 0)
    fill(tmp_path)
    db = open_existing(tmp_path / "archive.db")
    with transaction(db):
        db.execute("UPDATE story_articles SET resembles = article_id, reason = 'the same text' WHERE role <> 'first'")
    db.close()
    with datasette_client(tmp_path) as found:
        text = " ".join(html.fromstring(found.text("/story/1")).text_content().split())
    assert "the same text (compared with article " in text
    assert "not compared; scrapy stories 1 compares all." in text
    assert "older alert" in text


@pytest.mark.parametrize("path", ["/alerts.atom", "/topic/pier.atom"])
def test_a_feed_is_valid_atom_with_the_newest_alert_first(reader: DatasetteClient, path: str) -> None:
    response = reader.get(path)
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = etree.fromstring(response.content)
    atom = "{http://www.w3.org/2005/Atom}"
    for needed in ("id", "title", "updated"):
        assert feed.findtext(atom + needed)
    made = [entry.findtext(f"{atom}updated") for entry in feed.iter(f"{atom}entry")]
    assert made == ["2026-03-01T15:00:00Z", "2026-03-01T13:00:00Z"]


@pytest.mark.parametrize("name", [name for name in LOOKS if name not in HIDDEN])
def test_every_table_has_its_title_and_explains_every_column(reader: DatasetteClient, name: str) -> None:
    tree = html.fromstring(reader.text(f"/archive/{name}"))
    assert tree.xpath("string(//h1)").replace("(view)", "").strip() == LOOKS[name]["title"]
    explained = set(tree.xpath("//dl[@class='column-descriptions']/dt/text()"))
    columns = set(tree.xpath("//th/@data-column"))
    assert columns - explained - {"Link"} == set()
    assert all(text.strip() for text in tree.xpath("//dl[@class='column-descriptions']/dd/text()"))


def test_table_metadata_names_existing_columns(folder: Path) -> None:
    db = connect(folder / "archive.db", read_only=True)
    named = set()
    for name, look in LOOKS.items():
        columns = {row["name"] for row in db.execute(f"PRAGMA table_info({name})")}
        named |= columns
        used = {look.get(key) for key in ("label_column", "sort", "sort_desc")} - {None} | {*look.get("facets", ())}
        assert used <= columns, name
    db.close()
    assert set(UNITS) <= named


def test_no_visible_table_has_recipients(reader: DatasetteClient) -> None:
    assert not re.search("digest_recipients|outbox|deliveries", reader.text("/archive"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_canned_query_runs_with_and_without_parameters(reader: DatasetteClient, query: Any) -> None:
    for values in ({}, dict.fromkeys(query.params, ""), query.example, {"topic": "pier"}, {"source": "gazette"}):
        params = {key: value for key, value in values.items() if key in query.params}
        response = reader.get(f"/archive/{query.name}.json", params={**params, "_shape": "array"})
        assert response.status_code == 200, response.text
    assert reader.text(f"/archive/{query.name}")
    assert all(f"{name}:" in query.description for name in query.params)


def test_stealth_edits_show_removed_and_added_words(reader: DatasetteClient) -> None:
    tree = html.fromstring(reader.text("/archive/stealth_edits"))
    assert tree.xpath("//td[contains(@class,'col-changed')]//del/text()") == ["1", "June"]
    assert tree.xpath("//td[contains(@class,'col-changed')]//ins/text()") == ["14", "July"]


def test_current_matches_of_a_topic_use_the_query_of_the_flag_job(reader: DatasetteClient) -> None:
    rows = json.loads(reader.text("/archive/topic_now.json?topic=pier&_shape=array"))
    assert {row["article_id"] for row in rows} == {1, 2}


def test_the_search_box_of_a_table_accepts_any_text(reader: DatasetteClient) -> None:
    for words in ("pier", '"northern', "pier AND (", "'", "*"):
        response = reader.get("/archive/revisions.json", params={"_search": words, "_shape": "array"})
        assert response.status_code == 200
    assert len(json.loads(reader.text("/archive/articles_latest.json?_search=pier&_shape=array"))) == 2


def test_a_view_is_not_counted_and_a_search_counts_no_facets(reader: DatasetteClient) -> None:
    assert json.loads(reader.text("/archive/articles_latest.json"))["filtered_table_rows_count"] is None
    assert json.loads(reader.text("/archive/revisions.json?_search=pier"))["facet_results"] == {}
    assert json.loads(reader.text("/archive/revisions.json"))["facet_results"].keys() == {"language", "status"}


def naughty() -> list[str]:
    return [
        text
        for text in json.loads(corpus_or_skip("hostile/naughty_strings.json").read_text(encoding="utf-8"))
        if text.strip()
    ]


HOSTILE = ["<script>document.title='run'</script>", "\"><img src=x onerror=alert(1)>", "{{ 7 * 7 }}", "</title><script>1</script>",
           "javascript:alert(1)", "<svg onload=alert(1)>", "' onmouseover='alert(1)", "\u202eevil\u2066", "<!--", "]]>"]  # fmt: skip


def stored(folder: Path, articles: list[list[str]]) -> int:
    """An article with each list of strings: as title, bylines, tags and text."""
    archive = Archive(folder)
    for number, texts in enumerate(articles):
        joined = " ".join(texts)
        read = article(*texts, f"Paragraph {number} says more than that, and in whole sentences.", title=joined,
                       bylines=tuple(Byline(name=text[:200]) for text in texts), section=joined[:50],
                       tags=tuple(text[:50] for text in texts))  # fmt: skip
        archive.record_fetch(
            record(read, page(f"{HOME}/news/{number}", joined.encode("utf-8", "replace")), at=hour(number / 100))
        )
    archive.store.close()
    return len(articles)


def active(tree: Any) -> list[str]:
    """Elements that a browser would run or load."""
    found = tree.xpath("//main//script | //main//iframe | //main//object | //main//embed | //main//img | //main//*[@onerror or @onload"
                       " or @onmouseover or @onclick] | //main//a[starts-with(@href, 'javascript:')]")  # fmt: skip
    return [html.tostring(one).decode()[:200] for one in found]


def test_text_of_outlets_is_text_on_every_page(tmp_path: Path) -> None:
    number = stored(tmp_path, [[text] for text in HOSTILE])
    with datasette_client(tmp_path) as found:
        paths = ["/", "/source/gazette", "/search?q=paragraph", "/archive/articles_latest", "/archive/revisions", "/archive/bylines",
                 *(f"/article/{n}" for n in range(1, number + 1)), *(f"/archive/revisions/{n}" for n in range(1, number + 1))]  # fmt: skip
        for path in paths:
            assert active(html.fromstring(found.text(path))) == [], path
        title = html.fromstring(found.text("/article/3")).xpath("string(//main//h1)")
    assert title == "{{ 7 * 7 }}"


def test_the_known_naughty_strings_are_text_on_every_page(tmp_path: Path) -> None:
    strings = naughty()
    assert len(strings) > 400
    number = stored(tmp_path, [strings[n : n + 20] for n in range(0, len(strings), 20)])
    with datasette_client(tmp_path) as found:
        for path in ("/", "/source/gazette", "/archive/articles_latest?_size=500", "/archive/bylines?_size=500",
                     *(f"/article/{n}" for n in range(1, number + 1))):  # fmt: skip
            assert active(html.fromstring(found.text(path))) == [], path


def test_kinds_of_paragraphs_have_their_elements(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kinds = ("h", "quote", "li", "pre", "entry", "p")
    blocks = tuple(Block(text=f"A block of kind {kind} with words enough.", kind=kind) for kind in kinds)
    read = replace(article(), blocks=blocks)
    archive.record_fetch(record(read, page()))
    archive.store.close()
    with datasette_client(tmp_path) as found:
        text = html.fromstring(found.text("/article/1")).find(".//div[@class='text']")
    assert [one.tag for one in text] == ["h2", "blockquote", "p", "pre", "p", "p"]


def test_an_empty_archive_says_what_to_do(tmp_path: Path) -> None:
    Archive(tmp_path, sources=()).store.close()
    with datasette_client(tmp_path) as found:
        assert "scrapy crawl all" in found.text("/")
        for path in ("/alerts", "/topics", "/stories", "/sources", "/search?q=x", "/archive", "/alerts.atom"):
            found.text(path)


def test_the_folder_of_the_project_opens_as_datasette_data_does(tmp_path: Path) -> None:
    fill(tmp_path)
    for name in ("metadata.yaml", "settings.json"):
        (tmp_path / name).write_text((Path(__file__).parents[3] / "data" / "starter" / name).read_text())
    with datasette_client(tmp_path, config=True) as found:
        assert "What is new" in found.text("/")
        assert found.datasette.setting("allow_download") is False
        assert "Relevant</button>" not in found.text("/alerts")


def test_a_folder_without_an_archive_says_how_to_create_one(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text("")
    with (
        pytest.raises(ClickException, match="no archive yet; `scrapy crawl all` creates one"),
        datasette_client(tmp_path, config=True),
    ):
        pass


def test_an_archive_of_a_newer_wirewatch_says_what_to_do(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    db.execute("UPDATE _sqlite_migrations SET name = 'second' WHERE name = 'initial'")
    db.close()
    with pytest.raises(ClickException, match="upgrade Wirewatch, or open an older backup"), datasette_client(tmp_path):
        pass


def test_another_database_is_shown_by_datasette(tmp_path: Path) -> None:
    import sqlite3

    db = sqlite3.connect(tmp_path / "archive.db")
    db.execute("CREATE TABLE plain (id INTEGER PRIMARY KEY, article_id INTEGER)")
    db.commit()
    db.close()
    with datasette_client(tmp_path) as found:
        assert "What is new" not in found.text("/")
        assert "plain" in found.text("/archive")
        assert found.get("/alerts").status_code == 404
        assert "content-security-policy" not in found.get("/archive/plain").headers


def test_all_pages_are_forbidden_without_permission_for_the_archive(folder: Path) -> None:
    with datasette_client(folder, metadata={"databases": {"archive": {"allow": False}}}) as found:
        for path in ("/", "/alerts", "/article/1", "/page/1", "/alerts.atom", "/search?q=pier", "/archive"):
            assert found.get(path).status_code == 403, path


def test_metadata_yaml_overrides_our_metadata(folder: Path) -> None:
    local = {"databases": {"archive": {"tables": {"articles": {"title": "Stücke"}}}}}
    with datasette_client(folder, metadata=local) as found:
        assert "Stücke" in found.text("/archive/articles")
        assert "Revisions" in found.text("/archive/revisions")


def test_reading_writes_nothing(folder: Path) -> None:
    with datasette_client(folder) as found:
        for path in PAGES:
            found.text(path)
        response = found.get("/archive.json", params={"sql": "DELETE FROM articles"})
    assert response.status_code == 400


def test_pages_are_readable_during_a_write(tmp_path: Path) -> None:
    fill(tmp_path)
    writer = connect(tmp_path / "archive.db")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE articles SET fetch_count = fetch_count + 1")
    with datasette_client(tmp_path) as found:
        for path in PAGES:
            found.text(path)
    writer.execute("ROLLBACK")
    writer.close()


@pytest.mark.parametrize("base", ["/news/", "/archive/"])
def test_all_pages_work_under_a_base_url(tmp_path: Path, base: str) -> None:
    fill(tmp_path)
    with datasette_client(tmp_path, base_url=base, metadata={"plugins": {"wirewatch": {"judging": True}}}) as found:
        for path in PAGES:
            links = html.fromstring(found.text(path)).xpath("//@href | //@action")
            assert [link for link in links if link.startswith("/") and not link.startswith(base)] == [], path
        assert "Canned queries" in found.text("/archive"), "our page of the database, not Datasette's own"
        assert html.fromstring(found.text("/alerts")).xpath("//header//a[@aria-current]/text()") == ["Alerts"]
        feed = etree.fromstring(found.get("/alerts.atom").content)
        assert feed.findtext("{http://www.w3.org/2005/Atom}id") == f"http://localhost{base}alerts.atom"
        assert "facet-results" not in found.text("/archive/revisions?_search=pier")
        page = found.get("/topic/pier?before=9")
        token = page.cookies["ds_csrftoken"]
        (back,) = {one.get("value") for one in html.fromstring(page.text).xpath("//input[@name='back']")}
        form = {"csrftoken": token, "alert": "1", "relevant": "1", "back": back, "anchor": "alert-1"}
        sent = found.post("/desk/judge", form, cookies={"ds_csrftoken": token})
    assert sent.headers["location"] == f"{base}topic/pier?before=9#alert-1"


def another_alert(db: Any, at: str) -> None:
    """Adds a version of the first article, with an alert."""
    number = db.execute("SELECT max(number) FROM revisions WHERE article_id = 1").fetchone()[0] + 1
    copied(db, "revisions", {"number": number})
    copied(db, "alerts", {"revision_id": db.execute("SELECT max(id) FROM revisions").fetchone()[0], "created_at": at})


def copied(db: Any, table: str, values: dict[str, Any]) -> None:
    """Copies the first row with other values."""
    columns = [row["name"] for row in db.execute(f"PRAGMA table_info({table})") if row["name"] not in ("id", *values)]
    db.execute(
        f"INSERT INTO {table} ({', '.join([*values, *columns])})"
        f" SELECT {', '.join([*'?' * len(values), *columns])} FROM {table} WHERE id = 1",
        tuple(values.values()),
    )


def paged(found: DatasetteClient, path: str, meanwhile: Callable[[], None]) -> list[int]:
    """The IDs of all alerts, page by page."""
    seen: list[int] = []
    link: str | None = path
    while link:
        tree = html.fromstring(found.text(link))
        seen += [int(one.removeprefix("alert-")) for one in tree.xpath("//div[@class='alert-part']/@id")]
        link = next(iter(tree.xpath("//p[@class='older']/a[@rel='next']/@href")), None)
        meanwhile()
    return seen


@pytest.mark.parametrize("path", ["/alerts", "/topic/pier"])
def test_no_alert_is_lost_between_pages_if_the_clock_is_set_back_and_new_ones_arrive(tmp_path: Path, path: str) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    for number in range(80):
        another_alert(db, at="2026-03-03T12:00:00Z" if number < 40 else "2026-03-01T12:00:00Z")
    known = [row[0] for row in db.execute("SELECT id FROM alerts ORDER BY id DESC")]
    with datasette_client(tmp_path) as found:
        seen = paged(found, path, lambda: another_alert(db, at="2026-03-01T16:00:00Z"))
    db.close()
    assert seen == known


def live_article(folder: Path, texts: int) -> None:
    """An article that changes every minute."""
    archive = Archive(folder)
    for number in range(texts):
        read = article(f"Minute {number}: the pier will close at {number} o'clock, says the harbour.", title="Live")
        archive.record_fetch(record(read, page(f"{HOME}/live", f"page {number}".encode()), at=hour(number / 60)))
    archive.store.close()


def test_an_article_with_many_versions_lists_the_shown_one_with_its_raw_page(
    tmp_path: Path,
) -> None:
    live_article(tmp_path, MAX_VERSIONS + 5)
    with datasette_client(tmp_path) as found:
        tree = html.fromstring(found.text("/article/1/3"))
        links = tree.xpath("//section[@aria-labelledby='versions' or @aria-labelledby='raw']/p/a")
        assert [one.text for one in links] == ["4 more versions", f"{MAX_VERSIONS + 5 - MAX_RAW_PAGES - 1} more pages"]
        for link in links:
            found.text(link.get("href"))
    assert tree.xpath("//ol//li[@aria-current]/a[1]/text()") == ["Version 3"]
    (mine,) = tree.xpath("//section[@aria-labelledby='raw']//li[span[text()='this version']]/a/@href")
    assert mine == "/page/3"


def test_a_canned_query_at_its_limit_links_to_the_next_rows(tmp_path: Path) -> None:
    live_article(tmp_path, 62)
    with datasette_client(tmp_path) as found:
        tree = html.fromstring(found.text("/archive/stealth_edits?from=&source=&skip="))
        assert "at most 50 rows; there may be more" in " ".join(tree.xpath("string(//p[@class='notice'])").split())
        (following,) = tree.xpath("//p[@class='notice']/a[@rel='next']/@href")
        second = html.fromstring(found.text(following))
    assert len(second.xpath("//table[contains(@class,'rows-and-columns')]/tbody/tr")) == 11
    assert second.xpath("//p[@class='notice']") == []


def test_an_edit_is_stealth_if_the_page_keeps_its_modified_time_or_has_none(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    old, new = Timestamp(at=hour(-9), offset_minutes=0), Timestamp(at=hour(3), offset_minutes=0)
    texts = [
        ("The mayor stays.", old),
        ("The mayor goes.", old),
        ("The mayor went.", new),
        ("The mayor is gone.", None),
    ]
    for number, (text, changed) in enumerate(texts):
        read = article(text, title="Mayor", modified=changed)
        archive.record_fetch(record(read, page(f"{HOME}/mayor", text.encode()), at=hour(number)))
    edits = [tuple(row) for row in archive.rows("SELECT number, stealth FROM edits ORDER BY number")]
    archive.store.close()
    with datasette_client(tmp_path) as found:
        lines = html.fromstring(found.text("/article/1")).xpath("//ol/li")
        rows = found.get("/archive/stealth_edits.json?_shape=array").json()
    assert edits == [(2, 1), (3, 0), (4, 1)]
    assert [line.xpath("span[@class='tag']/text()") for line in lines] == [["stealth edit"], [], ["stealth edit"], []]
    assert [row["version"] for row in rows] == [4, 2]


def test_sources_that_are_failing_or_not_polled_are_not_ok(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    for change in (
        "DELETE FROM problems",
        "DELETE FROM coverage",
        "UPDATE seeds SET polled_at = NULL",
        "UPDATE seeds SET polled_at = '2026-03-01T10:00:00Z', failures = 1, error = 'refused' WHERE source_id = 'gazette'",
    ):
        db.execute(change)
    with datasette_client(tmp_path) as found:
        texts = {
            path: " ".join(html.fromstring(found.text(path)).xpath("string(//main)").split())
            for path in ("/", "/sources")
        }
        db.execute("UPDATE seeds SET polled_at = '2026-03-01T10:00:00Z', failures = 0")
        healthy = [found.text(path) for path in ("/", "/sources")]
    db.close()
    assert all("0 of 2 sources OK, 1 failing, 1 never polled" in text for text in texts.values())
    assert "The Harbour Gazette: its feed failed at the last poll: refused" in texts["/"]
    assert all("All 2 sources OK" in text for text in healthy)


@pytest.mark.parametrize(
    ("words", "advice"),
    [("-submarine", "contains no word"), ('"', "contains no word"), ("submarine", "Try a prefix such as subma*"),
     ("xyz -pier", "Try fewer or different words")],
)  # fmt: skip
def test_a_search_without_results_gives_advice(reader: DatasetteClient, words: str, advice: str) -> None:
    text = html.fromstring(reader.get("/search", params={"q": words}).text).xpath("string(//main)")
    assert advice in " ".join(text.split())


def test_a_label_does_not_decide_the_direction_of_its_text(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number, title in enumerate(("المجلس يغلق الرصيف الشمالي", "المجلس يغلق الرصيف الجنوبي")):
        read = article("صوّت مجلس الميناء يوم الثلاثاء على إغلاق الرصيف.", title=title, language="ar")
        archive.record_fetch(record(read, page(f"{HOME}/ar", title.encode()), at=hour(number)))
    archive.store.close()
    with datasette_client(tmp_path) as found:
        tree = html.fromstring(found.text("/article/1/2?compare"))
    assert tree.xpath("//table//*[@class='field']/text()") == ["title", "title"]
    assert tree.xpath("//*[@dir='auto'][descendant-or-self::*[@class='field']]") == []


@pytest.mark.parametrize(
    "sql",
    ["SELECT length(hex(zeroblob(100000000)))", "SELECT search_query(hex(zeroblob(1000000)))",
     "SELECT segment(hex(zeroblob(2000000)))", "SELECT words_changed('', '', hex(zeroblob(2000000)), '', '', '')"],
)  # fmt: skip
def test_sql_with_long_values_is_refused(reader: DatasetteClient, sql: str) -> None:
    response = reader.get("/archive.json", params={"sql": sql})
    assert response.status_code == 400


def test_the_time_limit_holds_inside_sql_functions(reader: DatasetteClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_functions, "MAX_SECONDS", 0.0)
    sql = """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20),
        texts AS (SELECT replace(hex(zeroblob(500)), '0', ' a' || i) AS x, replace(hex(zeroblob(500)), '0', ' b' || i) AS y FROM n)
      SELECT sum(length(words_changed('', '', x, '', '', y))) FROM texts"""
    assert reader.get("/archive.json", params={"sql": sql}).status_code == 400
    monkeypatch.setattr(sql_functions, "MAX_SECONDS", 60.0)
    assert reader.get("/archive.json", params={"sql": sql}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/search?q=", "/archive/revisions?_search=", "/archive/articles_latest.json?_search="]
)
def test_a_search_that_is_too_long_is_a_bad_request(
    reader: DatasetteClient, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in ("x" * 50_001, "x " * 12_001, "%" * 20_001):
        assert reader.get(path + quote(words)).status_code == 400
    assert "too long" in reader.get("/search?q=" + "x" * 50_001).text
    assert capsys.readouterr().out == "", "a traceback with local variables takes seconds"


def test_a_page_with_too_many_facets_is_refused(reader: DatasetteClient) -> None:
    facets = ["source_id", "language", "status", "section", "words"]
    for path in ("/archive/articles", "/archive/articles.json"):
        assert reader.get(f"{path}?" + "&".join(f"_facet={facets[n % 5]}" for n in range(300))).status_code == 400
        assert reader.get(f"{path}?" + "&".join(f"_facet={facet}" for facet in facets)).status_code == 200


def test_teasers_empty_and_blocked_articles_are_not_counted_as_new_articles(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    now = format_utc(utc_now())
    copied(db, "articles", {"key": "another"})
    db.execute("UPDATE articles SET first_seen_at = ?", (now,))
    db.execute("UPDATE articles SET status = 'teaser' WHERE id = 2")
    db.execute("UPDATE articles SET status = 'empty' WHERE id = 3")
    for url in ("https://harbour-gazette.example/a", "https://harbour-gazette.example/b"):
        for _ in range(2):
            db.execute(
                "INSERT INTO fetches (source_id, url, at, outcome) VALUES ('gazette', ?, ?, 'blocked')", (url, now)
            )
    db.close()
    with datasette_client(tmp_path) as found:
        text = " ".join(html.fromstring(found.text("/")).xpath("string(//main)").split())
    assert "Last 24 hours: 1 new article," in text
    assert "Not read in full: 1 teaser, 1 without text, 2 blocked." in text


def test_the_next_check_of_an_article_is_named_as_such(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    db.execute("UPDATE articles SET next_check_at = '2027-01-01T08:00:00Z' WHERE id = 1")
    db.close()
    with datasette_client(tmp_path) as found:
        facts = html.fromstring(found.text("/article/1")).xpath("//dl[@class='facts']")[0]
    assert facts.xpath("string(dt[text()='Next check']/following-sibling::dd)") == "1 Jan 2027, 08:00 UTC"


def test_the_marked_headline_is_one_element(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    title, match = db.execute(
        "SELECT r.title, m.id FROM revisions r JOIN matches m ON m.revision_id = r.id WHERE r.article_id = 1 LIMIT 1"
    ).fetchone()
    db.execute(
        "UPDATE match_sentences SET field = 'title', sentence = ?, spans = '[[0, 7], [8, 14]]' WHERE match_id = ?"
        " AND position = 0",
        (title, match),
    )
    db.close()
    with datasette_client(tmp_path) as found:
        (headline,) = html.fromstring(found.text("/article/1/1")).xpath("//h1//span[@id='alert-1']")
    assert headline.text_content() == title
    assert len(headline.findall(".//mark")) == 2


def test_the_coverage_charts_of_a_new_archive_last_from_its_first_to_its_last_poll(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db")
    now = utc_now()
    last = now - timedelta(minutes=20)
    db.execute("DELETE FROM coverage WHERE state <> 'complete'")
    db.execute(
        "UPDATE coverage SET from_at = ?, until_at = ?", (format_utc(last - timedelta(hours=1)), format_utc(last))
    )
    db.execute(
        "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state)"
        " SELECT source_id, id, ?, ?, 'complete' FROM seeds WHERE source_id = 'wire'",
        (format_utc(last - timedelta(hours=2)), format_utc(last)),
    )
    db.execute("UPDATE seeds SET polled_at = ?", (format_utc(last),))
    db.close()
    with datasette_client(tmp_path) as found:
        (chart,) = html.fromstring(found.text("/source/gazette")).xpath(
            "//*[@class='chart timeline'][*[@class='complete']]"
        )
    whole, complete = (float(rect.get("width")) for rect in chart.xpath("*[@class='unknown' or @class='complete']"))
    assert complete == pytest.approx(whole / 2, rel=0.05)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", {1, 2}), ("source=gazette", {1, 2}), ("source=wire", set()), ("language=en", {1, 2}), ("language=uk", set()),
     ("since=2026-03-01&until=2026-03-01", {1, 2}), ("since=2026-03-02", set()), ("until=2026-02-28", set()),
     ("judged=-1", {1, 2}), ("judged=1", set()), ("source=&language=&since=&until=&judged=", {1, 2})],
)  # fmt: skip
def test_alerts_are_filtered(reader: DatasetteClient, query: str, found: set[int]) -> None:
    tree = html.fromstring(reader.text(f"/alerts?{query}"))
    assert {int(one.removeprefix("alert-")) for one in tree.xpath("//div[@class='alert-part']/@id")} == found


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 3),
        ("source=wire", 1),
        ("language=en", 3),
        ("language=uk", 0),
        ("until=2020-01-01", 0),
        ("since=2020-01-01", 3),
    ],
)
def test_search_results_are_filtered(reader: DatasetteClient, query: str, number: int) -> None:
    tree = html.fromstring(reader.text(f"/search?q=pier&{query}"))
    assert len(tree.xpath("//article[@class='hit']")) == number


@pytest.mark.parametrize(
    "path", ["/alerts?since=yesterday", "/search?q=pier&until=2026-13-01", "/alerts?until=20260301"]
)
def test_an_invalid_day_is_a_bad_request(reader: DatasetteClient, path: str) -> None:
    response = reader.get(path)
    assert response.status_code == 400
    assert "Invalid day" in response.text
