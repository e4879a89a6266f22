from __future__ import annotations

from datetime import datetime, timezone

import pytest

from crawler.models import Article, ExtractionHints, Link, Timestamp
from tests.support.news_pages import FETCHED, article_page, jsonld, markup, meta, news, read

KYIV = ExtractionHints(timezone="Europe/Kyiv")


def at(article: Article) -> str:
    return article.published.at.strftime("%Y-%m-%dT%H:%M:%SZ") if article.published else ""


def test_json_ld_comes_first_and_keeps_the_publishers_offset() -> None:
    head = jsonld(news(datePublished="2026-03-04T13:11:05+02:00")) + meta(
        "article:published_time", "2026-03-01T00:05:00Z"
    )
    article = read(article_page(head=head))
    assert article.published == Timestamp(
        at=datetime(2026, 3, 4, 11, 11, 5, tzinfo=timezone.utc),
        offset_minutes=120,
        precision="second",
        raw="2026-03-04T13:11:05+02:00",
        provenance="json-ld",
    )


def test_a_time_without_an_offset_is_read_in_the_sources_timezone() -> None:
    article = read(article_page(head=meta("article:published_time", "2026-03-04 13:11:00")), KYIV)
    assert (at(article), article.published and article.published.offset_minutes) == ("2026-03-04T11:11:00Z", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("March 4, 2026 1:11 PM", "2026-03-04T11:11:00Z"),
        ("4 March 2026, 13:11", "2026-03-04T11:11:00Z"),
        ("4. März 2026, 13:11 Uhr", "2026-03-04T11:11:00Z"),
        ("04.03.2026 13:11", "2026-03-04T11:11:00Z"),
        ("le 4 mars 2026 à 13h11", "2026-03-04T11:11:00Z"),
        ("4 de marzo de 2026 13:11", "2026-03-04T11:11:00Z"),
        ("4 березня 2026, 13:11", "2026-03-04T11:11:00Z"),
        ("13:11, 4 березня 2026", "2026-03-04T11:11:00Z"),
        ("2026年3月4日 13:11", "2026-03-04T11:11:00Z"),
    ],
)
def test_a_visible_time_is_in_the_sources_timezone(line: str, expected: str) -> None:
    article = read(article_page(before=f'<div class="date">{line}</div>'), KYIV)
    assert (at(article), article.field_sources["published"]) == (expected, "visible")


COMMENT = '<div class="comment"><span class="date">6 March 2020 at 10:25</span></div>'
DATELINE = '<p class="subline">4 March 2020 // Jane Doe</p>'


@pytest.mark.parametrize(
    "page",
    [
        article_page(before=DATELINE, after=COMMENT),
        article_page(after=COMMENT).replace("<h1>", f"{DATELINE}<h1>"),
        article_page(before=DATELINE).replace("<main>", '<div id="header"><span class="date">5 March 2020</span></div><main>'
                                              + "<p>Words of a menu. </p>" * 40),
        article_page(before=DATELINE).replace("<main>", '<nav><ul><li>Fair of 2 March 2020</li></ul></nav><main>'),
        article_page(before="<p>Updated on 7 March 2020</p><p>Published on 4 March 2020</p>"),
        article_page(before="<p>On 1 March 2020 the council had called for a report from its engineers.</p>" + DATELINE),
        article_page(before='<div class="stamp"><span>4</span> <span>March</span> <span>2020</span></div>'),
    ],
    ids=["comment", "above", "today", "menu", "update", "event", "parts"],
)  # fmt: skip
def test_the_date_next_to_the_headline_is_the_articles(page: str) -> None:
    assert at(read(page)) == "2020-03-04T00:00:00Z"


def test_the_time_of_day_may_be_in_another_line_of_that_day() -> None:
    page = article_page(before='<p class="date">4 March 2026</p><p class="date">4 March 2026, 13:11</p>')
    assert at(read(page)) == "2026-03-04T13:11:00Z"


def test_a_visible_time_in_summer_is_read_in_summer_time() -> None:
    page = article_page(before="<time>July 4, 2025 1:11 PM</time>")
    assert at(read(page, KYIV)) == "2025-07-04T10:11:00Z"


def test_a_day_alone_is_marked_as_such_and_stands_at_midnight_of_the_source() -> None:
    article = read(article_page(before='<p class="date">4 March 2026</p>'), KYIV)
    assert article.published is not None
    assert (at(article), article.published.precision) == ("2026-03-03T22:00:00Z", "day")


def test_a_day_yields_to_a_later_candidate_with_the_time_of_that_day() -> None:
    head = jsonld(news(datePublished="2026-03-04")) + meta("article:published_time", "2026-03-04T09:30:00Z")
    assert at(read(article_page(head=head))) == "2026-03-04T09:30:00Z"


def test_a_day_does_not_yield_to_a_time_of_another_day() -> None:
    head = jsonld(news(datePublished="2026-03-04")) + meta("article:published_time", "2026-02-04T09:30:00Z")
    assert at(read(article_page(head=head))) == "2026-03-04T00:00:00Z"


def test_dates_in_the_future_are_ignored() -> None:
    head = jsonld(news(datePublished="2026-03-06T00:00:01Z")) + meta("article:published_time", "2026-03-04T09:30:00Z")
    assert at(read(article_page(head=head))) == "2026-03-04T09:30:00Z"


def test_a_time_a_few_minutes_ahead_is_accepted() -> None:
    head = jsonld(news(datePublished="2026-03-05T12:05:00Z"))
    assert at(read(article_page(head=head), fetched_at=FETCHED)) == "2026-03-05T12:05:00Z"


def test_a_date_before_the_web_is_ignored_as_a_default_value() -> None:
    page = article_page(head=jsonld(news(datePublished="1970-01-01T00:00:00Z")))
    assert read(page, url="https://x.example/a").published is None


def test_published_and_modified_are_distinguished() -> None:
    article = read(article_page(head=jsonld(news(datePublished="2026-03-04T09:00Z", dateModified="2026-03-04T10:00Z"))))
    assert article.published is not None
    assert article.modified is not None
    assert (article.published.at.hour, article.modified.at.hour) == (9, 10)


def test_a_modification_before_the_publication_is_dropped() -> None:
    article = read(article_page(head=jsonld(news(datePublished="2026-03-04T09:00Z", dateModified="2026-03-03T10:00Z"))))
    assert article.modified is None


def test_a_page_with_only_a_modification_is_dated_by_it() -> None:
    article = read(article_page(head=jsonld(news(dateModified="2026-03-03T10:00:00Z"))))
    assert (at(article), article.field_sources["published"]) == ("2026-03-03T10:00:00Z", "json-ld (modified)")


def test_microdata_is_read() -> None:
    page = article_page(before='<span itemprop="datePublished" content="2026-03-04T13:11:00+02:00">Wednesday</span>')
    assert at(read(page)) == "2026-03-04T11:11:00Z"


def test_a_time_element_of_a_teaser_is_not_the_articles() -> None:
    teaser = '<aside><time datetime="2026-02-01T10:00:00Z">1 Feb</time></aside>'
    page = article_page(before='<time datetime="2026-03-04T10:00:00Z">today</time>').replace(
        "<main>", f"<main>{teaser}"
    )
    assert at(read(page)) == "2026-03-04T10:00:00Z"


def test_the_feeds_time_is_taken_where_the_page_gives_none() -> None:
    reported = Timestamp(
        at=datetime(2026, 3, 4, 8, 0, tzinfo=timezone.utc), raw="Wed, 04 Mar 2026 08:00:00 GMT", provenance="feed"
    )
    article = read(article_page(), link=Link(url="https://x.example/a", published=reported), url="https://x.example/a")
    assert (at(article), article.field_sources["published"]) == ("2026-03-04T08:00:00Z", "feed")


def test_the_day_in_the_address_is_the_last_candidate() -> None:
    article = read(article_page(), url="https://www.harbour-gazette.example/2026/03/04/pier")
    assert article.published is not None
    assert (at(article), article.published.precision, article.published.provenance) == (
        "2026-03-04T00:00:00Z",
        "day",
        "url",
    )


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("4 March 2026, 13:11", "2026-03-04T13:11:00Z"), ("5 March 2026, 08:20", "2026-03-04T00:00:00Z")],
)
def test_the_visible_date_gives_the_time_of_the_day_in_the_address_only(shown: str, expected: str) -> None:
    page = article_page(before=f'<div class="date">{shown}</div>')
    assert at(read(page, url="https://www.harbour-gazette.example/2026/03/04/pier")) == expected


def test_an_instant_in_utc_gets_the_offset_of_another_candidate() -> None:
    head = jsonld(news(datePublished="2026-03-03T22:04:00Z")) + meta("date", "Wed, 04 Mar 2026 00:04:00 +0200")
    article = read(article_page(head=head))
    assert article.published is not None
    assert (at(article), article.published.offset_minutes, article.published.provenance) == (
        "2026-03-03T22:04:00Z",
        120,
        "json-ld",
    )


@pytest.mark.parametrize(
    ("labelled", "with_offset", "expected"),
    [
        ("2026-03-04T17:15:23Z", "2026-03-04T17:15:23+02:00", "2026-03-04T15:15:23Z"),
        ("2026-03-04T17:15:00.000Z", "2026-03-04T17:15:00+05:30", "2026-03-04T11:45:00Z"),
        ("2026-03-04T17:15:00Z", "2026-03-04T15:15:00Z", "2026-03-04T17:15:00Z"),  # two different times
    ],
)
def test_a_local_time_labelled_as_utc_is_corrected_by_a_meta_tag(
    labelled: str, with_offset: str, expected: str
) -> None:
    head = jsonld(news(datePublished=labelled)) + meta("article:published_time", with_offset)
    assert at(read(article_page(head=head))) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-04T23:15:0Z", "2026-03-04T23:15:00Z"),
        ("2026-03-04T9:15:00+02:00", "2026-03-04T07:15:00Z"),
        ("Wed Mar 04 2026 10:15:00 GMT+0200 (Eastern European Standard Time)", "2026-03-04T08:15:00Z"),
    ],
)
def test_a_time_written_by_a_script_is_read(written: str, expected: str) -> None:
    assert at(read(article_page(before=f'<time datetime="{written}">today</time>'))) == expected


def test_a_date_in_a_list_named_nav_below_the_headline_is_the_articles() -> None:
    line = '<ul class="nav meta"><li>By Ann Reed</li><li>March 4, 2026 9:05 am</li></ul>'
    assert at(read(article_page(before=line))) == "2026-03-04T09:05:00Z"


@pytest.mark.parametrize("month", ["دی", "دي"])
def test_persian_months_are_read_with_the_persian_and_the_arabic_yeh(month: str) -> None:
    page = article_page(before=f'<div class="date">۱۳ {month} ۱۴۰۴ - ۱۰:۱۵</div>').replace('lang="en"', 'lang="fa"')
    assert at(read(page)) == "2026-01-03T10:15:00Z"


def test_a_relative_time_after_the_fetch_is_ignored() -> None:
    assert read(article_page(before='<span class="date">Today, 23:11</span>')).published is None


def test_an_unknown_timezone_is_read_as_utc() -> None:
    head = meta("article:published_time", "2026-03-04 13:11:00")
    assert at(read(article_page(head=head), ExtractionHints(timezone="Mars/Olympus"))) == "2026-03-04T13:11:00Z"


@pytest.mark.parametrize("raw", ["soon", "0000-00-00T00:00:00", "2026-13-45", "9" * 40, "−1", "10000-01-01"])
def test_other_text_is_not_a_date(raw: str) -> None:
    page = markup("<p>Nothing here says when.</p>", head=meta("article:published_time", raw))
    assert read(page, url="https://x.example/a").published is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("March 4, 2026 1:11 PM EST", "2026-03-04T18:11:00Z"), ("March 4, 2026 1:11 PM CET", "2026-03-04T12:11:00Z")],
)
def test_a_half_day_clock_with_a_zones_name_is_read_in_that_zone(raw: str, expected: str) -> None:
    assert at(read(article_page(head=meta("article:published_time", raw)))) == expected


@pytest.mark.parametrize(
    "path",
    [
        "2026/03/04/pier",
        "2026/3/4/pier",
        "news/2026/mar/04/pier",
        "news/20260304/pier",
        "world/pier-closes-2026-03-04/",
        "world/pier-closes-2026-03-04.html",
    ],
)
def test_the_day_in_the_address_is_read_in_the_forms_that_outlets_use(path: str) -> None:
    article = read(article_page(), url=f"https://www.harbour-gazette.example/{path}")
    assert (at(article), article.field_sources.get("published")) == ("2026-03-04T00:00:00Z", "url")


@pytest.mark.parametrize("path", ["2026/foo/04/pier", "2026/13/04/pier", "pier-2026-03-04-closes", "2026/3/40/pier"])
def test_other_numbers_in_the_address_are_not_a_day(path: str) -> None:
    article = read(article_page(), url=f"https://www.harbour-gazette.example/{path}")
    assert article.field_sources.get("published") != "url"


def test_a_year_alone_is_not_a_date() -> None:
    page = article_page(after="<footer><p>© 2013 Harbour Gazette</p></footer>")
    assert read(page, url="https://www.harbour-gazette.example/pier").published is None


def test_a_date_between_two_elements_is_seen() -> None:
    line = "<div class='info'><h3>The council has voted on the northern pier at last</h3> by Jane Moor / March 4, 2026 / <a href='/c'>Leave a comment</a> or write to the editor of these pages</div>"
    other = "<div class='side'><a href='/x'>Piet Duin</a> / December 18, 2004</div>"
    page = article_page(before=line, after=other)
    assert at(read(page, url="https://www.harbour-gazette.example/pier")) == "2026-03-04T00:00:00Z"


def test_a_visible_time_with_a_zone_is_of_the_day_in_the_address_by_the_publishers_clock() -> None:
    page = article_page(before='<p class="date">March 4, 2026</p><p class="date">March 4, 2026, 10:15 p.m. EST</p>')
    article = read(page, url="https://www.harbour-gazette.example/2026/03/04/pier")
    assert article.published is not None
    assert (at(article), article.published.offset_minutes) == ("2026-03-05T03:15:00Z", -300)


@pytest.mark.parametrize(
    ("tag", "head", "expected"),
    [
        ("en-US", "", "2026-02-03"),
        ("en", meta("og:locale", "en_US"), "2026-02-03"),
        ("en-GB", meta("og:locale", "en_US"), "2026-03-02"),
        ("en", "", "2026-03-02"),
    ],
)
def test_an_american_page_gives_the_month_first(tag: str, head: str, expected: str) -> None:
    page = article_page(head=head, before='<p class="date">02/03/2026</p>').replace('lang="en"', f'lang="{tag}"')
    assert at(read(page, url="https://x.example/a"))[:10] == expected


def test_midnight_is_a_day_without_a_time() -> None:
    page = article_page(before='<p class="date">March 4, 2026 12:00AM EST</p>')
    article = read(page, url="https://x.example/a")
    assert article.published is not None
    assert article.published.precision == "day"


def test_a_time_in_the_footer_of_an_article_belongs_to_it() -> None:
    meta_line = (
        '<footer class="node__meta"><time datetime="2026-03-04T13:11:00+02:00">Wed, 04/03/2026 - 13:11</time></footer>'
    )
    article = read(article_page(inside=meta_line))
    assert article.published is not None
    assert (at(article), article.published.offset_minutes) == ("2026-03-04T11:11:00Z", 120)
    outside = '<footer><time datetime="2026-03-05T09:11:00+02:00">today</time></footer>'
    assert read(article_page(after=outside), url="https://x.example/a").field_sources.get("published") != "time"


@pytest.mark.parametrize("marked", ['class="published" itemprop="datePublished"', 'class="published"'])
def test_the_title_of_an_hatom_abbreviation_is_its_time(marked: str) -> None:
    article = read(article_page(before=f'<abbr {marked} title="2026-03-04T10:15:00-07:00">10:15 AM</abbr>'))
    assert article.published is not None
    assert (at(article), article.published.offset_minutes) == ("2026-03-04T17:15:00Z", -420)


def test_an_instant_in_utc_gets_the_offset_of_the_time_that_readers_see() -> None:
    head = meta("article:published_time", "2026-03-04T07:15:00+00:00")
    article = read(article_page(head=head, before='<time datetime="2026-03-04T10:15:00+03:00">4 March</time>'))
    assert article.published is not None
    assert (at(article), article.published.offset_minutes) == ("2026-03-04T07:15:00Z", 180)
