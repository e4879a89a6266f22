"""Corpus in the archive: hostile strings are returned unchanged, and real URL forms are one article each."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.polls import record_poll
from crawler.archive.maintenance.integrity import check_archive
from crawler.models import Byline, Link
from crawler.sqlite.values import clean_text
from tests.support.corpus import corpus_or_skip
from tests.support.factories import SOURCE, Archive, article, configured, link, page, poll, record


def strings(folder: Path) -> list[str]:
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".json":
            found += _strings_of(json.loads(path.read_text("utf-8")))
        elif path.is_file() and path.suffix in (".txt", ".dat"):
            found += (
                path.read_bytes().decode("latin-1").split("\n")
            )  # bytes of any encoding; each byte becomes a character
    return list(dict.fromkeys(text for text in found if text))


def _strings_of(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for child in children for text in _strings_of(child)]


def test_each_hostile_string_is_stored_and_read_back_unchanged(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    hostile = strings(corpus_or_skip("hostile"))
    assert len(hostile) > 400
    with archive.store.transaction():
        for number, text in enumerate(hostile):
            url = f"https://harbour-gazette.example/news/{number}"
            read = article(text, title=text, lead=text, bylines=(Byline(name=text),), section=text, tags=(text,))
            record_poll(
                archive.store, poll(link(f"/news/{number}", title=text, guid=text, summary=text, content_html=text))
            )
            record_fetch(archive.store, record(read, page(url, text.encode("utf-8", "surrogatepass"))))
    rows = archive.rows(
        "SELECT r.title, r.lead, r.text, r.byline, r.section, json_extract(r.tags, '$[0]'), b.name, l.title, l.guid,"
        " l.summary, l.content_html FROM revisions r JOIN bylines b ON b.revision_id = r.id"
        " JOIN articles a ON a.id = r.article_id JOIN links l ON l.url = a.url ORDER BY r.id"
    )
    assert len(rows) == len(hostile)
    for text, row in zip(hostile, rows, strict=True):
        # UTF-8 has no lone surrogates, and SQLite's functions stop at a NUL: both become U+FFFD
        assert set(row) == {clean_text(text)}
    assert sum(clean_text(text) == text for text in hostile) > len(hostile) - 5
    assert [str(finding) for finding in check_archive(archive.store.db, archive.warc)] == []


def test_the_kyiv_independents_url_forms_are_one_article_each(tmp_path: Path) -> None:
    path = corpus_or_skip("links/kyiv_independent_url_forms.tsv")
    with path.open(encoding="utf-8") as file:
        groups = [[cell for cell in row if cell.startswith("http")] for row in csv.reader(file, delimiter="\t")]
    groups = [group for group in groups if group]
    assert len(groups) == 1623
    archive = Archive(tmp_path, [SOURCE.model_copy(update={"slug_identity": True})])
    ours = configured(slug_identity=True)
    articles: dict[int, set[int]] = defaultdict(set)
    with archive.store.transaction():
        for number, group in enumerate(groups):
            for url in group:
                found = Link(url=url, via="https://harbour-gazette.example/rss")
                recorded = record_fetch(
                    archive.store, record(article(f"Text {number}."), page(url), source=ours, link=found)
                )
                assert recorded.article_id is not None
                articles[recorded.article_id].add(number)
    assert len(articles) == len(groups)
    assert all(len(numbers) == 1 for numbers in articles.values())
