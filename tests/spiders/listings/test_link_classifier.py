"""The classifier of article links."""

from __future__ import annotations

import pytest

from spiders.listings.link_classifier import (
    FIXED,
    POSITION_WEIGHTS,
    WEIGHTS,
    LinkPosition,
    features,
    is_article_link,
    score,
    slug_words,
)

HOME = "https://harbour-gazette.example/"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/news-feed/ferry-rams-the-old-pier-in-dense-fog/", "Ferry rams the old pier in dense fog"),
        ("/ferry-rams-the-old-pier-in-dense-fog", "Read more"),
        ("/2026/05/01/pier/", "Ferry rams the old pier in dense fog"),
        ("/world/europe/article-71982264", "Ferry hits pier"),
        ("/story?id=87486021", "Ferry rams the old pier in dense fog, nobody hurt"),
        ("/a/3f2b8c1e-99aa-4b1c-8d2e-1234567890ab.html", "Ferry hits pier"),
        ("/novyny/parom-vrizavsia-v-pirs-cherez-tuman/", "Паром врізався в пірс через туман"),
        ("/news/html/20260501/k10014789.html", "港の古い桟橋に連絡船が衝突、けが人なし"),
        ("/ferry-rams-the-old-pier-in-dense-fog/", ""),
    ],
)
def test_article_links_are_accepted(url: str, text: str) -> None:
    assert is_article_link(url, text, HOME)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("/", "Harbour Gazette"),
        ("#", "Close"),
        ("", ""),
        ("?page=2", "Load more"),
        ("/news-archive/page/17/", "17"),
        ("/politics", "Politics"),
        ("/tag/fishing-quotas-and-the-sea/", "Fishing quotas"),
        ("/author/ada-quill/", "Ada Quill"),
        ("/about-us/", "About us"),
        ("/privacy-policy/", "Privacy policy"),
        ("/uploads/2026/05/report-on-the-state-of-the-pier.pdf", "Report on the state of the pier"),
        ("mailto:desk@harbour-gazette.example", "Write to the news desk about what you saw"),
        ("javascript:void(0)", "Ferry rams the old pier in dense fog"),
        ("https://jobs.harbour-gazette.example/open/", "Jobs"),
        ("http://[broken", "Ferry rams the old pier in dense fog"),
    ],
)
def test_other_links_are_rejected(url: str, text: str) -> None:
    assert not is_article_link(url, text, HOME)


def test_the_position_decides_for_a_doubtful_url() -> None:
    url, text = "/news/fog-returns-tonight/", "Fog returns tonight"
    heading = score(url, text, HOME, LinkPosition(heading=True, card=True, dated=True))
    footer = score(url, text, HOME, LinkPosition(furniture=True))
    assert footer < score(url, text, HOME) < heading
    assert footer <= 0 < heading


def test_a_clear_article_url_in_a_sidebar_is_accepted() -> None:
    url = "/2026/05/01/ferry-rams-the-old-pier-in-dense-fog-nobody-hurt/"
    assert is_article_link(url, "Ferry rams the old pier in dense fog, nobody hurt", HOME, LinkPosition(furniture=True))


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("storm-hits-coast-8-dead-12345", 4),
        ("politics", 1),
        ("1234567", 0),
        ("", 0),
        ("слово-друге-третє", 3),
        ("桟橋に連絡船が衝突", 4),
    ],
)
def test_slug_words_do_not_include_numbers(segment: str, words: int) -> None:
    assert slug_words(segment) == words


def test_script_code_counts_as_no_text() -> None:
    assert "text_none" in features("/a", "!function(){if (!document.hidden) {x()}}();")


def test_weights_are_finite_and_not_defined_twice() -> None:
    assert not WEIGHTS.keys() & FIXED.keys()
    assert all(abs(weight) < 30 for weight in (*WEIGHTS.values(), *FIXED.values(), *POSITION_WEIGHTS.values()))
    assert set(POSITION_WEIGHTS) == {"furniture", "heading", "card", "dated"}
