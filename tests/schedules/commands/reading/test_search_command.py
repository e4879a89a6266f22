"""scrapy search and scrapy names, run as commands on an archive of two outlets and two languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler.archive.articles.search import article_query, search_articles
from crawler.archive.db.open import open_reader
from crawler.search.query_ast import QueryError
from tests.support.archives.event_reports import LEDGER, put_event
from tests.support.cli import scrapy
from tests.support.factories import SOURCE, Archive, hour


@pytest.fixture
def data(tmp_path: Path) -> Path:
    archive = Archive(tmp_path, [SOURCE, LEDGER])
    put_event(archive)
    archive.store.close()
    (tmp_path / "topics.toml").write_text('[terms]\nboats = ["ferry", "ship"]\n', encoding="utf-8")
    (tmp_path / "names.toml").write_text('zorianske = ["Zorianske", "Зорянське"]\n', encoding="utf-8")
    return tmp_path


def titles(data: Path, words: str, **limits: object) -> list[str]:
    db = open_reader(data / "archive.db")
    try:
        return [one.title for one in search_articles(db, article_query(db, words), **limits)]  # type: ignore[arg-type]  # of several types
    finally:
        db.close()


def test_words_operators_lists_and_names_find_articles_the_newest_first(data: Path) -> None:
    assert titles(data, "ferry harbour") == ["Ferry aground"]
    assert titles(data, "harbour OR customers") == ["Ferry aground", "Dark morning for 90,000"]
    assert titles(data, "$boats") == ["Ferry aground"]
    assert titles(data, "title : ferry") == ["Ferry aground"]
    assert "У Зорянському немає світла" in titles(data, "$zorianske")
    assert titles(data, "~customer") == ["Dark morning for 90,000"]


def test_source_language_time_and_number_limit_the_results(data: Path) -> None:
    assert titles(data, "$zorianske", language="uk") == ["У Зорянському немає світла"]
    assert titles(data, "harbour OR customers", source="ledger") == ["Dark morning for 90,000"]
    assert titles(data, "harbour OR customers", since=hour(0.75)) == ["Ferry aground"]
    assert len(titles(data, "$zorianske", limit=1)) == 1


def test_an_unknown_name_has_a_position(data: Path) -> None:
    with pytest.raises(QueryError) as error:
        titles(data, "ferry AND $zorianskee")
    assert error.value.position == 10
    assert "zorianske" in error.value.what


def test_the_commands_print_what_they_find(data: Path) -> None:
    found = scrapy("search", "harbour OR customers", "--json", data=data)
    assert [one["title"] for one in json.loads(found.stdout)] == ["Ferry aground", "Dark morning for 90,000"]
    fault = scrapy("search", "ferry AND", data=data)
    assert (fault.returncode, len(fault.stderr.strip().splitlines())) == (2, 1)
    assert "at character 7" in fault.stderr
    names = json.loads(scrapy("names", "--json", data=data).stdout)
    assert names["zorianske"]["Zorianske"] == 2
    assert "зорянському" not in json.loads(scrapy("names", "suggest", "--json", data=data).stdout)["zorianske"]
