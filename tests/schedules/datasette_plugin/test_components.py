"""The pure parts of the pages: charts, comparisons, searches, cells, and limited requests."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.archive.db.open import open_archive
from crawler.search.searches import MAX_SEARCH_WORDS, prefix_hint
from crawler.sqlite.connection import connect
from crawler.text.diff import diff_paragraphs
from crawler.text.tokenizer import SEPARATOR
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.pages.article import folded
from schedules.datasette_plugin.pages.search import search_context
from schedules.datasette_plugin.pages.source import merged_coverage
from schedules.datasette_plugin.reader import Reader
from schedules.datasette_plugin.rendering.cells import marked_change
from schedules.datasette_plugin.rendering.sql_functions import (
    register,
    search_query,
    words_changed,
)
from schedules.datasette_plugin.rendering.svg_charts import Stretch, bar_chart, sparkline, timeline, week_chart
from schedules.datasette_plugin.rendering.template_filters import (
    AlertMark,
    mark_sentences,
    time_ago,
    when,
)
from schedules.datasette_plugin.responses import PageRequest
from schedules.datasette_plugin.security import affordable, label_form_fields, within
from schedules.formatting.links import language_tag
from tests.support.datasette_client import fill

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def texts(markup: str) -> list[str]:
    return [title.text or "" for title in etree.fromstring(markup).iter("title")]


def test_a_bar_has_the_height_and_the_title_of_its_day() -> None:
    drawn = bar_chart(
        [(date(2026, 3, 1), 2), (date(2026, 3, 2), 0), (date(2026, 3, 3), 4)], title="Alerts", noun="alert"
    )
    assert texts(drawn) == ["Sun 1 Mar 2026: 2 alerts", "Tue 3 Mar 2026: 4 alerts"]
    heights = [float(bar.get("height", "0")) for bar in etree.fromstring(drawn).iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert 'aria-label="Alerts: 6 in 3 days, at most 4 on one day"' in drawn


def test_a_chart_without_data_is_empty() -> None:
    assert (
        bar_chart([], title="x", noun="y"),
        week_chart([None] * 168, title="x"),
        sparkline([0.0] * 168, title="x"),
    ) == ("", "", "")


def test_a_week_distinguishes_hours_without_articles_from_hours_without_polls() -> None:
    rates: list[float | None] = [0.0] * 168
    rates[30], rates[31] = 2.0, None
    drawn = week_chart(rates, title="Gazette")
    assert "Tuesday 06:00: 2.00 per hour" in texts(drawn)
    assert "Tuesday 07:00: no poll yet" in texts(drawn)
    assert "most on Tuesday at 06:00, 2.0 articles per hour" in sparkline(rates, title="Gazette")


def test_adjacent_complete_intervals_are_drawn_as_one() -> None:
    edges = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]
    states = ["complete", "complete", "open", "complete"]
    rows = [
        {"from_at": begin, "until_at": end, "state": state}
        for begin, end, state in zip(edges, edges[1:], states, strict=False)
    ]
    assert [(row["from_at"], row["until_at"], row["state"]) for row in merged_coverage(rows)] == [
        ("2026-03-01", "2026-03-03", "complete"),
        ("2026-03-03", "2026-03-04", "open"),
        ("2026-03-04", "2026-03-05", "complete"),
    ]


def test_a_gap_of_a_minute_is_visible() -> None:
    def stretch(start: float, end: float, state: str) -> Stretch:
        return Stretch(
            start=NOW + timedelta(hours=start),
            end=NOW + timedelta(hours=end),
            state=state,
            words=f"{start} to {end} UTC",
        )

    drawn = timeline(
        [stretch(-300, -100, "complete"), stretch(-100, -99.98, "open")],
        start=NOW - timedelta(days=14), end=NOW, title="feed",
    )  # fmt: skip
    found = [(one.get("class"), float(one.get("width", "0"))) for one in etree.fromstring(drawn).iter("rect")]
    assert [name for name, _ in found] == ["unknown", "complete", "open"]
    assert found[2][1] == 3
    assert "feed: 1 gap" in drawn


HOSTILE = "<script>\"'&"


def test_text_of_outlets_is_escaped_in_charts() -> None:
    drawn = timeline(
        [Stretch(start=NOW, end=NOW, state="open", words=HOSTILE)], start=NOW - timedelta(1), end=NOW, title=HOSTILE
    )
    assert etree.fromstring(drawn).get("aria-label") == f"{HOSTILE}: 1 gap"
    assert texts(drawn) == [HOSTILE]


def test_unchanged_paragraphs_are_folded_except_next_to_a_change() -> None:
    before = [f"Paragraph {number} says something of its own." for number in range(8)]
    after = [*before[:5], "Paragraph 5 says another thing of its own.", *before[6:]]
    shown = folded(diff_paragraphs(before, after))
    assert [row.kind for row in shown] == ["fold", "same", "changed", "same", "fold"]


ENTRIES = [f"Entry {number} says what ship {number * 7} brought to the harbour." for number in range(1_200)]


def test_the_changes_of_a_long_text_are_in_the_cell() -> None:
    after = "\n\n".join([*ENTRIES[:900], ENTRIES[900].replace("brought", "took"), *ENTRIES[901:]])
    changed = words_changed("Live", None, "\n\n".join(ENTRIES), "Live", None, after)
    assert "[-brought-][+took+]" in changed
    assert "Entry 899" not in changed


def test_a_cell_notes_that_a_change_is_too_large_to_compare() -> None:
    before = "\n\n".join(f"Old {n} gulls." for n in range(100))
    after = "\n\n".join(f"New {n} terns." for n in range(100))
    assert words_changed("Live", None, before, "Live", None, after).startswith("(too much to compare word by word) ")


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    (row,) = diff_paragraphs(["北朝鮮の兵士が配備された"], ["北朝鮮の兵士が追加配備された"])
    assert row.after_text == "北朝鮮の兵士が追加配備された"
    assert [piece.text for piece in row.after if piece.kind == "added"] == ["追加"]
    assert SEPARATOR not in row.after_text


@given(st.text())
def test_any_text_becomes_a_valid_fts5_query(text: str) -> None:
    db = open_memory()
    db.execute("SELECT rowid FROM words WHERE words MATCH ?", (search_query(text),)).fetchall()


def open_memory():  # type: ignore[no-untyped-def]
    from crawler.sqlite.connection import memory

    db = memory()
    db.execute("CREATE VIRTUAL TABLE words USING fts5(title, text)")
    return db


@pytest.mark.parametrize(
    ("typed", "query"),
    [("troops kursk", '"troops" AND "kursk"'), ('"special forces"', '"special forces"'), ("deploy*", '"deploy"*'),
     ("troops -parade", '"troops" NOT "parade"'), ("-parade", '""'), ("", '""'), ("兵士", f'"兵{SEPARATOR}士"'), ('say "hi', '"say" AND "hi"')],
)  # fmt: skip
def test_a_search_is_translated_to_fts5(typed: str, query: str) -> None:
    assert search_query(typed) == query


def test_a_search_of_a_thousand_words_is_cut() -> None:
    assert search_query(" ".join(f"w{n}" for n in range(1_000))).count(" AND ") == MAX_SEARCH_WORDS - 1


def test_an_edit_is_shown_with_removed_and_added_words() -> None:
    changed = words_changed(
        "Title", None, "One stays.\n\nFour men died here.", "Title", None, "One stays.\n\nFive men died here."
    )
    assert changed == "[-Four-][+Five+] men died here."
    assert marked_change(changed) == "<del>Four</del><ins>Five</ins> men died here."
    assert marked_change("[-<b>-]") == "<del>&lt;b&gt;</del>"


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/archive/articles_latest", "", "_nosuggest=1&_nocount=1&_nocol=lead&_nocol=text"),
        ("/archive/articles_latest", "_col=text", "_col=text&_nosuggest=1&_nocount=1"),
        ("/archive/matches", "", "_nosuggest=1&_nocol=row_sha256"),
        ("/archive/seeds", "_search=x", "_search=x&_nosuggest=1&_nocount=1&_nofacet=1"),
        ("/archive/seeds", "_search=x&_facet=kind", "_search=x&_facet=kind&_nosuggest=1&_nocount=1"),
        ("/archive/revisions.json", "", ""),
        ("/other/articles_latest", "_search=x", "_search=x"),
        ("/archive", "sql=select", "sql=select"),
    ],
)
def test_requests_do_not_read_the_whole_archive_and_hide_long_texts(path: str, query: str, expected: str) -> None:
    assert affordable(path, query, "archive") == expected


@pytest.mark.parametrize(
    ("path", "base", "inside"),
    [("/alerts", "/", "/alerts"), ("/news/alerts", "/news/", "/alerts"), ("/archive/archive/pages", "/archive/", "/archive/pages"),
     ("/archive", "/archive/", "/archive"), ("/newsroom", "/news/", "/newsroom")],
)  # fmt: skip
def test_the_base_url_is_removed_from_a_path(path: str, base: str, inside: str) -> None:
    assert within(path, base) == inside


@pytest.mark.parametrize(
    ("words", "tried"),
    [("troops", "troop*"), ("-troops", None), ('"', None), ("troo*", None), ("a deployment", "deplo*"), ('"special forces" -parade', "speci*"),
     ("pier", None), ("", None)],
)  # fmt: skip
def test_the_hint_is_the_beginning_of_a_word_of_the_search(words: str, tried: str | None) -> None:
    assert prefix_hint(words) == tried


def test_a_canned_query_knows_its_limit() -> None:
    limits = {query.name: query.limit for query in QUERIES}
    assert (limits["gap_list"], limits["stealth_edits"], limits["source_health"]) == (500, 50, None)


def test_form_fields_get_labels_and_columns_are_folded() -> None:
    page = '<select name="_filter_column_1"><input type="text" name="_filter_value" class="x"><dl class="column-descriptions"><dt>a</dt></dl>'
    page = label_form_fields(page)
    assert 'aria-label="Column to filter by" name="_filter_column_1"' in page
    assert 'aria-label="Value" name="_filter_value"' in page
    assert "<summary>Columns</summary><dl" in page


def test_times_are_shown_with_the_publishers_offset_and_as_age() -> None:
    assert when("2026-03-01T11:05:00Z", 120) == '<time datetime="2026-03-01T11:05:00Z">1 Mar 2026, 13:05 +02:00</time>'
    assert when("2026-03-01T11:05:00Z") == '<time datetime="2026-03-01T11:05:00Z">1 Mar 2026, 11:05 UTC</time>'
    assert ">55 minutes ago<" in time_ago("2026-03-01T11:05:00Z", NOW)
    assert ">20 Feb<" in time_ago("2026-02-20T11:05:00Z", NOW)
    assert (when(None), when("soon"), time_ago("<b>", NOW)) == ("", "soon", "&lt;b&gt;")


def test_only_languages_become_a_lang_attribute() -> None:
    assert [language_tag(one) for one in ("uk", 'x" onload="', None)] == ["uk", "", ""]


def test_a_sentence_is_marked_as_a_whole_where_it_occurs_first() -> None:
    one, two = mark_sentences(
        ["A pier closes. It rains.", "A pier closes."],
        [AlertMark(1, "A pier closes.", ((2, 6),)), AlertMark(2, "pier", ((0, 4),)), AlertMark(2, "It rains.", ())],
    )
    assert one == (
        '<span id="alert-2"><span id="alert-1"><span class="match">A <mark>pier</mark> closes.</span></span></span>'
        ' <span class="match">It rains.</span>'
    )
    assert two == "A pier closes."


def test_a_search_finds_articles_and_names(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db", read_only=True)

    def search(**args: str) -> dict[str, Any]:
        return search_context(
            db, PageRequest(key="", number=None, args=args, now=NOW, reader=Reader(zone=ZoneInfo("UTC")))
        )

    found = search(q="pier")
    hits = found["hits"]
    assert (found["count"], len(hits)) == (3, 3)
    assert {(one["id"], one["hits"]) for one in found["by_source"]} == {("gazette", 2), ("wire", 1)}
    assert found["topics"][0]["title"] == "Pier"
    assert [one["is_newest"] for one in hits] == [1, 1, 0]
    assert "<mark>pier</mark>" in hits[0]["snippet"]
    assert [one["name"] for one in search(q="Mara")["authors"]] == ["Mara Voss"]
    assert search(q="pier", before=str(hits[0]["revision_id"]))["hits"][0] == hits[1]
    db.close()


BIG = (
    "articles",
    "revisions",
    "alerts",
    "fetches",
    "links",
    "pages",
    "bylines",
    "queue",
    "article_urls",
    "story_articles",
    "stories",
)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_canned_query_scans_no_large_table(query, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    db = open_archive(tmp_path / "archive.db")
    register(db)
    plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {query.sql}", dict.fromkeys(query.params, ""))]
    db.close()
    scans = [line for line in plan for table in BIG if line == f"SCAN {table}"]
    assert scans == []
