from __future__ import annotations

import pytest

from crawler.models import Byline, ExtractionHints, Status
from tests.support.news_pages import PARAGRAPHS, article_page, jsonld, names, news, read


def hints(**selectors: str) -> ExtractionHints:
    return ExtractionHints(timezone="Europe/Kyiv", selectors=selectors)


ODD = article_page(
    head=jsonld(
        news(headline="Wrong", author="Wrong Name", datePublished="2026-01-01T00:00:01Z", articleSection="Wrong")
    ),
    before="""<div id="t">Right title</div><div id="l">Right lead of the article, in a few words.</div>
    <div id="b">By Jane Moor</div>
    <div id="p">4 March 2026 13:11</div><time id="m" datetime="2026-03-04T14:00:00+02:00">later</time><div id="s">Town</div>""",
    after='<div id="x"><p>The right text of the article, which stands in an odd place of its own.</p></div>',
)


@pytest.mark.parametrize(
    ("field", "css", "expected"),
    [
        ("title", "#t", "Right title"),
        ("lead", "#l", "Right lead of the article, in a few words."),
        ("section", "#s", "Town"),
    ],
)
def test_a_selector_wins_over_every_candidate_and_is_recorded(field: str, css: str, expected: str) -> None:
    article = read(ODD, hints(**{field: css}))
    assert (getattr(article, field), article.field_sources[field]) == (expected, "selector")


def test_a_byline_selector_gives_cleaned_names() -> None:
    assert read(ODD, hints(byline="#b")).bylines == (Byline(name="Jane Moor"),)


def test_a_published_selector_is_read_in_the_sources_timezone() -> None:
    reported = read(ODD, hints(published="#p")).published
    assert reported is not None
    assert (reported.at.isoformat(), reported.provenance) == ("2026-03-04T11:11:00+00:00", "selector")


def test_a_modified_selector_reads_the_datetime_of_the_element() -> None:
    reported = read(ODD, hints(modified="#m")).modified
    assert reported is not None
    assert reported.at.isoformat() == "2026-03-04T12:00:00+00:00"


def test_a_text_selector_is_the_whole_text() -> None:
    article = read(ODD, hints(text="#x"))
    assert (article.text, article.field_sources["text"]) == (
        "The right text of the article, which stands in an odd place of its own.",
        "selector",
    )


def test_several_elements_of_a_text_selector_follow_one_another_and_nested_ones_count_once() -> None:
    article = read(article_page(), hints(text="div.article-body, div.article-body p"))
    assert article.text == "\n\n".join(PARAGRAPHS)


def test_removed_elements_go_and_the_text_after_them_stays() -> None:
    inside = (
        '<p>The ferry <span class="ad">Buy boats now!</span>sails again from the southern quay on Monday morning.</p>'
    )
    text = read(article_page(inside=inside), hints(remove=".ad")).text
    assert "The ferry sails again from the southern quay on Monday morning." in text


def test_a_selector_without_a_match_leaves_the_field_to_the_general_rules() -> None:
    article = read(ODD, hints(title="#gone", text="#gone", byline="#gone", published="#gone"))
    assert names(article) == ["Wrong Name"]
    assert article.text.startswith(PARAGRAPHS[0])


def test_a_bad_selector_is_named_in_the_reason() -> None:
    article = read(ODD, hints(title="div["))
    assert article.status is Status.FAILED
    assert "selectors.title: 'div[' is not a valid CSS selector" in article.reason
