"""The pure parts behind the pages: drawings, comparisons, searches, cells, and what Datasette is not asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.archive.db.open import open_archive
from crawler.sqlite.connection import connect
from crawler.text.tokenizer import SEPARATOR
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.pages.search import search
from schedules.datasette_plugin.rendering.cells import edit
from schedules.datasette_plugin.rendering.side_by_side import folded, side_by_side
from schedules.datasette_plugin.rendering.sql_functions import (
    MOST_WORDS,
    beginning,
    register,
    search_query,
    words_changed,
)
from schedules.datasette_plugin.rendering.svg_charts import Stretch, bar_chart, sparkline, timeline, week_chart
from schedules.datasette_plugin.rendering.template_filters import (
    language_tag,
    marked_paragraphs,
    time_ago,
    web_link,
    when,
)
from schedules.datasette_plugin.security import affordable, label_form_fields, within
from tests.support.datasette_client import fill

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def texts(markup: str) -> list[str]:
    return [title.text or "" for title in etree.fromstring(markup).iter("title")]


def test_a_bar_is_as_high_as_its_day_and_says_so() -> None:
    drawn = bar_chart(
        [(date(2026, 3, 1), 2), (date(2026, 3, 2), 0), (date(2026, 3, 3), 4)], title="Alerts", noun="alert"
    )
    assert texts(drawn) == ["Sun 1 Mar 2026: 2 alerts", "Tue 3 Mar 2026: 4 alerts"]
    heights = [float(bar.get("height", "0")) for bar in etree.fromstring(drawn).iter("rect")]
    assert heights[1] == pytest.approx(2 * heights[0])
    assert 'aria-label="Alerts: 6 in 3 days, at most 4 on one day"' in drawn


def test_a_drawing_of_nothing_is_none() -> None:
    assert (
        bar_chart([], title="x", noun="y"),
        week_chart([None] * 168, title="x"),
        sparkline([0.0] * 168, title="x"),
    ) == ("", "", "")


def test_a_week_tells_hours_without_articles_from_hours_never_watched() -> None:
    pace: list[float | None] = [0.0] * 168
    pace[30], pace[31] = 2.0, None
    drawn = week_chart(pace, title="Gazette")
    assert "Tuesday 06:00: 2.00 an hour" in texts(drawn)
    assert "Tuesday 07:00: not watched yet" in texts(drawn)
    assert "most on Tuesday at 06:00, 2.0 articles an hour" in sparkline(pace, title="Gazette")


def test_a_gap_of_a_minute_is_still_seen_and_complete_intervals_are_joined() -> None:
    def stretch(start: float, end: float, state: str) -> Stretch:
        return Stretch(
            start=NOW + timedelta(hours=start),
            end=NOW + timedelta(hours=end),
            state=state,
            words=f"{start} to {end} UTC",
        )

    drawn = timeline(
        [stretch(-300, -200, "complete"), stretch(-200, -100, "complete"), stretch(-100, -99.98, "open")],
        start=NOW - timedelta(days=14), end=NOW, title="feed",
    )  # fmt: skip
    found = [(one.get("class"), float(one.get("width", "0"))) for one in etree.fromstring(drawn).iter("rect")]
    assert [name for name, _ in found] == ["unknown", "complete", "open"]
    assert found[2][1] == 3
    assert "feed: 1 gap" in drawn


HOSTILE = "<script>\"'&"


def test_words_of_outlets_are_escaped_in_drawings() -> None:
    drawn = timeline(
        [Stretch(start=NOW, end=NOW, state="open", words=HOSTILE)], start=NOW - timedelta(1), end=NOW, title=HOSTILE
    )
    assert etree.fromstring(drawn).get("aria-label") == f"{HOSTILE}: 1 gap"
    assert texts(drawn) == [HOSTILE]


def test_paragraphs_that_stayed_are_folded_but_for_those_next_to_a_change() -> None:
    before = [f"Paragraph {number} says something of its own." for number in range(8)]
    after = [*before[:5], "Paragraph 5 says another thing of its own.", *before[6:]]
    shown = folded(side_by_side(before, after))
    assert [row.kind for row in shown] == ["fold", "same", "changed", "same", "fold"]


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    (row,) = side_by_side(["北朝鮮の兵士が配備された"], ["北朝鮮の兵士が追加配備された"])
    assert row.after_text == "北朝鮮の兵士が追加配備された"
    assert [piece.text for piece in row.after if piece.kind == "added"] == ["追加"]
    assert SEPARATOR not in row.after_text


@given(st.text())
def test_whatever_is_typed_is_a_query_that_fts5_takes(text: str) -> None:
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
def test_what_is_typed_means_what_people_expect(typed: str, query: str) -> None:
    assert search_query(typed) == query


def test_a_search_of_a_thousand_words_is_cut() -> None:
    assert search_query(" ".join(f"w{n}" for n in range(1_000))).count(" AND ") == MOST_WORDS - 1


def test_an_edit_is_shown_with_what_was_struck_and_added() -> None:
    changed = words_changed(
        "Title", None, "One stays.\n\nFour men died here.", "Title", None, "One stays.\n\nFive men died here."
    )
    assert changed == "[-Four-][+Five+] men died here."
    assert edit(changed) == "<del>Four</del><ins>Five</ins> men died here."
    assert edit("[-<b>-]") == "<del>&lt;b&gt;</del>"


@pytest.mark.parametrize(
    ("path", "query", "asked"),
    [
        ("/archive/articles_latest", "", "_nosuggest=1&_nocount=1"),
        ("/archive/revisions", "_search=x", "_search=x&_nosuggest=1&_nocount=1&_nofacet=1"),
        ("/archive/revisions", "_search=x&_facet=language", "_search=x&_facet=language&_nosuggest=1&_nocount=1"),
        ("/archive/revisions.json", "", ""),
        ("/other/articles_latest", "_search=x", "_search=x"),
        ("/archive", "sql=select", "sql=select"),
    ],
)
def test_what_would_read_the_whole_archive_is_not_asked(path: str, query: str, asked: str) -> None:
    assert affordable(path, query, "archive") == asked


@pytest.mark.parametrize(
    ("path", "base", "inside"),
    [("/alerts", "/", "/alerts"), ("/news/alerts", "/news/", "/alerts"), ("/archive/archive/pages", "/archive/", "/archive/pages"),
     ("/archive", "/archive/", "/archive"), ("/newsroom", "/news/", "/newsroom")],
)  # fmt: skip
def test_a_path_is_known_without_that_under_which_all_is_served(path: str, base: str, inside: str) -> None:
    assert within(path, base) == inside


@pytest.mark.parametrize(
    ("words", "tried"),
    [("troops", "troop*"), ("-troops", None), ('"', None), ("troo*", None), ("a deployment", "deplo*"), ('"special forces" -parade', "speci*"),
     ("pier", None), ("", None)],
)  # fmt: skip
def test_what_to_try_instead_is_the_beginning_of_a_word_that_was_looked_for(words: str, tried: str | None) -> None:
    assert beginning(words) == tried


def test_a_ready_made_query_knows_how_many_rows_it_gives_at_most() -> None:
    most = {query.name: query.most for query in QUERIES}
    assert (most["gap_list"], most["silent_edits"], most["source_health"]) == (500, 50, None)


def test_controls_get_names_and_explanations_are_folded() -> None:
    page = '<select name="_filter_column_1"><input type="text" name="_filter_value" class="x"><dl class="column-descriptions"><dt>a</dt></dl>'
    made = label_form_fields(page)
    assert 'aria-label="Column to filter by" name="_filter_column_1"' in made
    assert 'aria-label="Value to compare with" name="_filter_value"' in made
    assert "<summary>What the columns mean</summary><dl" in made


def test_times_are_told_by_the_publishers_clock_and_by_their_age() -> None:
    assert when("2026-03-01T11:05:00Z", 120) == '<time datetime="2026-03-01T11:05:00Z">1 Mar 2026, 13:05 +02:00</time>'
    assert when("2026-03-01T11:05:00Z") == '<time datetime="2026-03-01T11:05:00Z">1 Mar 2026, 11:05 UTC</time>'
    assert ">55 minutes ago<" in time_ago("2026-03-01T11:05:00Z", NOW)
    assert ">20 Feb<" in time_ago("2026-02-20T11:05:00Z", NOW)
    assert (when(None), when("soon"), time_ago("<b>", NOW)) == ("", "soon", "&lt;b&gt;")


def test_only_web_addresses_become_links_and_only_languages_lang() -> None:
    assert web_link("https://harbour-gazette.example/a") == "https://harbour-gazette.example/a"
    assert [web_link(bad) for bad in ("javascript:alert(1)", "data:text/html,x", "//x", None, "")] == [None] * 5
    assert [language_tag(one) for one in ("uk", 'x" onload="', None)] == ["uk", "", ""]


def test_a_sentence_is_marked_where_it_stands_first_and_overlaps_are_kept_apart() -> None:
    one, two = marked_paragraphs(
        ["A pier closes. It rains.", "A pier closes."], [(1, "A pier closes.", ((2, 6),)), (2, "pier", ((0, 4),))]
    )
    assert [(run.text, run.alerts, run.hit) for run in one] == [
        ("A ", (1,), False), ("pier", (1, 2), True), (" closes.", (1,), False), (" It rains.", (), False),
    ]  # fmt: skip
    assert [run.text for run in two] == ["A pier closes."]


def test_a_search_finds_articles_and_names(tmp_path: Path) -> None:
    fill(tmp_path)
    db = connect(tmp_path / "archive.db", read_only=True)
    found = search(db, "pier")
    assert (found.count, len(found.found)) == (3, 3)
    assert {(source, n) for source, _, n in found.by_source} == {("gazette", 2), ("wire", 1)}
    assert found.topics[0]["title"] == "Pier"
    assert [one.is_newest for one in found.found] == [True, True, False]
    assert "<mark>pier</mark>" in found.found[0].snippet
    assert [one["name"] for one in search(db, "Mara").writers] == ["Mara Voss"]
    assert search(db, "pier", before=found.found[0].article["revision_id"]).found[0].article == found.found[1].article
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
def test_a_ready_made_query_reads_no_large_table_from_end_to_end(query, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    db = open_archive(tmp_path / "archive.db")
    register(db)
    plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {query.sql}", dict.fromkeys(query.params, ""))]
    db.close()
    scans = [line for line in plan for table in BIG if line == f"SCAN {table}"]
    assert scans == []
