"""Finding the next page of a listing."""

from __future__ import annotations

import pytest
from lxml import html

from spiders.listings.pagination import next_page

AT = "https://harbour-gazette.example/news/"


def find(markup: str, url: str = AT) -> str | None:
    return next_page(html.document_fromstring(f"<html><body>{markup}</body></html>"), base=url, url=url)


@pytest.mark.parametrize(
    "markup",
    [
        '<link rel="next" href="/news/page/2/">',
        '<a rel="next nofollow" href="/news/page/2/">x</a>',
        '<a href="/news/page/2/">Older posts</a>',
        '<div class="pagination"><a href="/news/page/2/">Nächste Seite »</a></div>',
        '<a href="/news/page/1/">1</a><a href="/news/page/2/">2</a><a href="/news/page/9/">9</a>',
        '<a class="next" href="/news/page/2/">›</a>',
        '<a aria-label="Next page" href="/news/page/2/"><svg></svg></a>',
    ],
)
def test_the_next_page_is_found(markup: str) -> None:
    assert find(markup) == "https://harbour-gazette.example/news/page/2/"


def test_the_next_page_follows_the_current_page_parameter() -> None:
    markup = '<a href="?page=1">1</a><a href="?page=2">2</a><a href="?page=4">4</a><a href="?page=3">3</a>'
    assert find(markup, f"{AT}?page=2") == f"{AT}?page=3"


@pytest.mark.parametrize(
    "markup",
    [
        "",
        '<a href="/next/">Next</a>',
        '<a href="https://elsewhere.example/page/2/">Next page</a>',
        '<a rel="next" href="#">Next</a>',
        '<a rel="next" href="/news/">Next</a>',
        '<a href="/other/page/2/">2</a>',
        '<a class="next" href="javascript:go()">Next page</a>',
    ],
)
def test_other_links_are_not_the_next_page(markup: str) -> None:
    assert find(markup) is None
