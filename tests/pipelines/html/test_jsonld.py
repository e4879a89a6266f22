from __future__ import annotations

import pytest

from pipelines.html import jsonld as reader
from tests.support.news_pages import URL, article_page, jsonld, names, news, read


def chosen(*scripts: str, url: str = URL, headings: tuple[str, ...] = ()) -> str:
    nodes = [node for script in scripts for node in reader.nodes(script)]
    return reader.text(reader.choose_article(nodes, url, headings).get("headline"))


def test_an_article_is_found_in_a_graph() -> None:
    assert chosen('{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", "headline": "Pier"}]}') == "Pier"


def test_an_article_is_found_in_an_array() -> None:
    assert chosen('[{"@type": "BreadcrumbList"}, {"@type": ["Article"], "headline": "Pier"}]') == "Pier"


def test_of_several_articles_the_one_with_this_pages_address_is_chosen() -> None:
    related = '{"@type": "NewsArticle", "headline": "Other", "url": "https://www.harbour-gazette.example/other"}'
    assert chosen(related, f'{{"@type": "NewsArticle", "headline": "Pier", "mainEntityOfPage": "{URL}"}}') == "Pier"


def test_of_several_articles_without_addresses_the_one_whose_headline_the_page_shows_is_chosen() -> None:
    nodes = '[{"@type": "NewsArticle", "headline": "Other"}, {"@type": "NewsArticle", "headline": "Pier closes"}]'
    assert chosen(nodes, headings=("Pier closes",)) == "Pier closes"


@pytest.mark.parametrize(
    "script",
    [
        '{"@type": "NewsArticle", "headline": "Pier",}',
        '<!-- {"@type": "NewsArticle", "headline": "Pier"} -->',
        '{"@type": "NewsArticle", "headline": "Pier"};',
        '{"@type": "NewsArticle", "headline": "Pier", "description": "said "no" twice"}',
        '{"@type": "NewsArticle", "headline": "Pier"}{"@type": "WebSite"}',
        '{"@type": "NewsArticle", "articleBody": "a line\nbreak", "headline": "Pier"}',
    ],
    ids=["trailing comma", "in a comment", "semicolon", "bare quotes", "two values", "line break"],
)
def test_broken_json_is_read(script: str) -> None:
    assert chosen(script) == "Pier"


def test_an_author_given_by_reference_is_looked_up() -> None:
    person = {"@type": "Person", "@id": "#jane", "name": "Jane Moor"}
    graph = {"@graph": [news(headline="Pier", author={"@id": "#jane"}), person]}
    assert names(read(article_page(head=jsonld(graph)))) == ["Jane Moor"]


def test_a_page_without_an_article_in_json_gives_none() -> None:
    assert chosen('{"@type": "Organization", "name": "Gazette"}') == ""


@pytest.mark.parametrize("script", ["[" * 100_000, '{"a":' * 50_000, "\x00", "null", "17", '"text"'])
def test_hostile_json_gives_no_objects_and_no_error(script: str) -> None:
    assert reader.nodes(script) == []


def test_of_several_articles_the_one_whose_headline_is_on_the_page_is_taken() -> None:
    other = news(headline="Fair opens", author="John Roe", datePublished="2026-03-01T00:10:00Z")
    own = news(headline="Northern pier closes in June", author="Jane Doe", datePublished="2026-03-04T10:10:00Z")
    assert names(read(article_page(head=jsonld([other, own])))) == ["Jane Doe"]


def test_all_authors_of_broken_json_are_read() -> None:
    broken = (
        '{"@type":"NewsArticle","headline":"Pier "closes"","author":[{"@type":"Person","name":"Jane Doe"},'
        '{"@type":"Person","name":"Ali Khan"}]}'
    )
    assert names(read(article_page(head=jsonld(broken)))) == ["Jane Doe", "Ali Khan"]


OTHER = '"url": "https://www.harbour-gazette.example/fair", "headline": "Fair opens with music", "author": "John Roe"'


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (OTHER, ""),
        (OTHER.replace("/fair", "/3-95-207").replace("Fair opens with music", "Northern pier shut from June"), "Northern pier shut from June"),
        (OTHER.replace("https://www.harbour-gazette.example/fair", URL), "Fair opens with music"),
        (OTHER.replace('"url": "https://www.harbour-gazette.example/fair", ', ""), "Fair opens with music"),
        (OTHER.replace("https://www.harbour-gazette.example/fair", "https://www.harbour-gazette.example/"), "Fair opens with music"),
    ],
    ids=["another", "another address", "another headline", "no address", "home page"],
)  # fmt: skip
def test_a_json_ld_article_with_another_address_and_headline_is_another_article(fields: str, expected: str) -> None:
    assert chosen(f'{{"@type": "NewsArticle", {fields}}}', headings=("Northern pier closes in June",)) == expected


def test_names_and_times_of_another_article_are_ignored() -> None:
    other = news(
        url="https://www.harbour-gazette.example/fair",
        headline="Fair opens",
        author="John Roe",
        datePublished="2026-03-01T00:10:00Z",
    )
    article = read(article_page(head=jsonld(other), before='<p class="byline">By Jane Moor</p>'))
    assert (names(article), article.field_sources.get("published")) == (["Jane Moor"], None)
