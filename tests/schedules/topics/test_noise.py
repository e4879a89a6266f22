"""Which matched words cause articles that are not relevant, and what the topic would be without them."""

from __future__ import annotations

from crawler.config.topics import Topic
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from crawler.topics.match import MatchableText
from schedules.topics.backtest import noisy_words

STRIKES = Topic(
    id="strikes", title="Strikes", query="strike* OR walkout", node=expand_terms(parse_query("strike* OR walkout"), {})
)


def judged(*lines: tuple[str, bool]) -> list[tuple[MatchableText, bool]]:
    return [(MatchableText(id=number, text=text), relevant) for number, (text, relevant) in enumerate(lines, start=1)]


def noise(*lines: tuple[str, bool]) -> list[str]:
    return [str(one) for one in noisy_words(STRIKES, judged(*lines), found_by_pattern=lambda *_: True)]


def test_a_word_is_named_with_what_it_causes_and_what_would_be_lost_without_it() -> None:
    assert noise(
        ("An air strike hit the depot.", False),
        ("A second strike hit the port.", False),
        ("A strike at the docks.", True),
        ("Dockers strike; the walkout began at noon.", True),
        ("A walkout at the docks.", True),
        ("A walkout of the cast in the film.", False),
        ("No such word here.", False),
    ) == ["'strike' causes 2 of 3 that were not relevant; without it precision 50 → 67 %, loses 1"]


def test_a_word_that_makes_the_topic_no_better_or_empty_is_not_named() -> None:
    assert noise(("An air strike.", False), ("Another strike.", False)) == []
    assert noise(("One strike.", False), ("A walkout.", True), ("A strike.", True)) == []
