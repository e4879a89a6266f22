from __future__ import annotations

import pytest

from crawler.models import Status
from pipelines.content import trafilatura_fallback
from tests.support.news_pages import PARAGRAPHS, article_page, document, jsonld, markup, news, read

LONG = [f"{text} That was said at hour {hour} of the meeting." for hour in range(4) for text in PARAGRAPHS]


def test_a_page_that_scripts_would_fill_is_read_from_json_ld() -> None:
    head = jsonld(news(headline="Pier closes", articleBody="\n\n".join(LONG)))
    article = read(markup("<h1>Pier closes</h1><div id=app></div>", head=head))
    assert (article.status, article.text, article.field_sources["text"]) == (Status.OK, "\n\n".join(LONG), "json-ld")


def test_a_page_that_is_not_free_stays_the_part_that_was_shown() -> None:
    head = jsonld(news(isAccessibleForFree=False, articleBody="\n\n".join(LONG)))
    article = read(article_page(head=head))
    assert (article.status, article.text) == (Status.TEASER, "\n\n".join(PARAGRAPHS))


def test_a_short_article_whose_json_ld_says_the_same_is_read_from_the_page() -> None:
    article = read(article_page(head=jsonld(news(articleBody="\n".join(PARAGRAPHS)))))
    assert article.field_sources["text"] == "dom"


def test_what_only_trafilatura_finds_is_taken_with_its_kinds() -> None:
    hidden = "".join(f"<p>{text}</p>" for text in LONG)
    page = document(markup(f'<article><h1>Pier</h1><div style="display:none"><h2>Hour</h2>{hidden}</div></article>'))
    found = trafilatura_fallback.trafilatura_blocks(page, 0, 10_000)
    assert found is not None
    assert found[1] == "trafilatura"
    assert {block.kind for block in found[0]} <= {"p", "h"}


@pytest.mark.parametrize("name", ["comments", "discussion", "kommentare", "disqus_thread"])
@pytest.mark.parametrize("frame", ["<main><article>{}</article>{}</main>", "<div>{}{}</div>"])
def test_a_long_discussion_below_a_short_article_is_not_the_article(name: str, frame: str) -> None:
    posts = "".join(
        f'<div class="post"><p>Nobody asked us who live here, wrote reader {number}, and the ships need that pier.</p></div>'
        for number in range(40)
    )
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[:2])
    article = read(markup(frame.format(f"<h1>Pier closes</h1>{text}", f'<div class="{name}">{posts}</div>')))
    assert article.text == "\n\n".join(PARAGRAPHS[:2])


def test_nothing_is_read_again_where_the_page_has_no_more() -> None:
    assert trafilatura_fallback.trafilatura_blocks(document(article_page()), 400, 500) is None
