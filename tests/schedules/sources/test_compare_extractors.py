from __future__ import annotations

from crawler.models import ExtractionHints
from schedules.sources.compare_extractors import as_lines, compare_extractors
from tests.support.news_pages import PARAGRAPHS, article_page, page

BOX = "The council published the minutes of its meeting on the pier and the votes of all of its nine members."
LONG = [f"{text} That was said at hour {hour} of the meeting." for hour in range(3) for text in PARAGRAPHS]
TEXT = "".join(f"<p>{text}</p>" for text in LONG)


def test_the_paragraphs_that_only_one_extractor_has_are_listed() -> None:
    box = f'<div class="infobox"><p>{BOX}</p></div>'
    compared = compare_extractors(page(article_page(inside=f"{TEXT}{box}")), ExtractionHints())
    assert list(compared) == ["wirewatch", "trafilatura"]
    ours, other = compared.values()
    assert (ours.provenance, other.provenance) == ("dom", "trafilatura")
    assert (ours.only, other.only) == ((), (BOX,))
    assert ours.shared == 1.0
    assert round(other.shared, 6) == round(1 - len(BOX) / other.characters, 6)
    assert other.characters > sum(map(len, LONG))


def test_selectors_of_the_source_do_not_hide_the_extractors() -> None:
    hints = ExtractionHints(selectors={"text": "h1"})
    compared = compare_extractors(page(article_page(inside=TEXT)), hints)
    assert compared["wirewatch"].provenance == "dom"


def test_a_page_without_text_has_nothing_to_compare() -> None:
    compared = compare_extractors(page("<html><body></body></html>"), ExtractionHints())
    assert {(one.characters, one.shared, one.only) for one in compared.values()} == {(0, 0.0, ())}


def test_the_comparison_is_printed_with_the_paragraphs() -> None:
    one = {"characters": 100, "paragraphs": 2, "shared": 0.5, "only": ["Only here."]}
    lines = as_lines({"wirewatch": one, "trafilatura": {**one, "only": []}})
    assert lines[0] == "wirewatch:     100 characters in 2 paragraphs; 50% also in the other text"
    assert lines[lines.index("only wirewatch: 1 paragraphs") + 1] == "  Only here."
