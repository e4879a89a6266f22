"""Which texts a topic matches, and the matched sentences and words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.config.topics import Topic
from crawler.exceptions import WorkerError
from crawler.search.query_ast import expand_terms, to_fts5
from crawler.search.query_parser import parse_query
from crawler.text.sentences import split_paragraphs, split_sentences
from crawler.text.tokenizer import TOKENIZER, to_index_form
from crawler.topics.match import MATCHED_COLUMNS, Match, MatchableText
from crawler.topics.matcher import match
from crawler.topics.regex_sandbox import pattern_check
from tests.support.query_strategies import queries, texts


def no_pattern(pattern: str, text: str) -> bool:
    raise AssertionError("no pattern expected")


def topic(query: str, **others: Any) -> Topic:
    terms = {"troops": ["troops", "soldier*", "військов*", "兵士"], "sent": ["sent", "deploy*", "transfer*"]}
    return Topic(**{"id": "t", "title": "T", "query": query, "node": expand_terms(parse_query(query), terms), **others})


def found(one: Topic, *texts: MatchableText, pattern: Any = no_pattern) -> dict[int, Match]:
    return {text: match for (_, text), match in match_all([one], texts, pattern).items()}


def match_all(topics: list[Topic], texts: Any, pattern: Any = no_pattern) -> dict[tuple[str, int], Match]:
    return match(topics, list(texts), found_by_pattern=pattern)


STORY = MatchableText(
    id=7,
    source="harbour-gazette",
    language="en",
    title="Island garrison grows",
    lead="More soldiers arrive.",
    byline="Ada Soldier",
    text="About 1,500 troops were deployed to the north pier on Nov. 4, Gen. Marsh said. The weather was fine.\n\n"
    "Residents were sent home. Troops marched past.",
)


def test_all_words_must_be_in_one_sentence_paragraph_or_article_according_to_the_scope() -> None:
    assert [s.text for s in found(topic("$troops AND $sent"), STORY)[7].sentences] == [
        "About 1,500 troops were deployed to the north pier on Nov. 4, Gen. Marsh said."
    ]
    assert [s.text for s in found(topic("$troops AND home", scope="paragraph"), STORY)[7].sentences] == [
        "Residents were sent home.",
        "Troops marched past.",
    ]
    assert 7 not in found(topic("weather AND home", scope="paragraph"), STORY)
    assert [s.text for s in found(topic("garrison AND home", scope="article"), STORY)[7].sentences] == [
        "Island garrison grows",
        "Residents were sent home.",
    ]


def test_spans_are_the_matching_words_as_written() -> None:
    (sentence,) = found(topic("NEAR($troops $sent, 3)"), STORY)[7].sentences
    assert sentence.hits == ("troops", "deployed")
    assert sentence.column == "text"


def test_case_and_diacritics_are_ignored_and_prefixes_find_forms() -> None:
    text = MatchableText(id=1, title="ŽÍŽKOV DÉPLOYMENT")
    assert found(topic("zizkov AND deploy*"), text)[1].sentences[0].hits == ("ŽÍŽKOV", "DÉPLOYMENT")


def test_scripts_without_spaces_are_found_inside_a_run_of_characters() -> None:
    text = MatchableText(id=1, language="ja", text="昨日、北朝鮮の兵士が配備された。天気は良かった。")
    (sentence,) = found(topic("$troops AND 配備*"), text)[1].sentences
    assert sentence.text == "昨日、北朝鮮の兵士が配備された。"
    assert sentence.hits == ("兵士", "配備")


def test_a_word_excluded_from_the_sentence_may_occur_elsewhere() -> None:
    assert [s.hits for s in found(topic("$troops NOT deploy*"), STORY)[7].sentences] == [("soldiers",), ("Troops",)]
    assert not found(topic("$troops NOT deploy*", scope="article"), STORY)


def test_case_sensitive_acronyms_match_only_as_written() -> None:
    text = MatchableText(id=1, text="The ice melts on the lake. ICE agents wait. Ice cream was sold.")
    assert [s.text for s in found(topic("ice", case_sensitive=("ICE",)), text)[1].sentences] == ["ICE agents wait."]
    assert not found(topic("ice", case_sensitive=("ICE",), scope="article"), MatchableText(id=1, text="The ice melts."))
    both = found(topic("ice", case_sensitive=("ICE", "Ice")), text)[1].sentences
    assert [s.text for s in both] == ["ICE agents wait.", "Ice cream was sold."]
    lake = found(topic("lake NOT ice", case_sensitive=("ICE",)), text)[1].sentences
    assert [s.hits for s in lake] == [("lake",)]


def test_filters_select_articles() -> None:
    for others in (
        {"sources": frozenset({"other"})},
        {"except_sources": frozenset({"harbour-gazette"})},
        {"languages": frozenset({"uk"})},
        {"sections": frozenset({"sport"})},
        {"min_sentences": 4},
        {"min_words": 3},
    ):
        assert not found(topic("$troops", **others), STORY), others
    assert found(topic("$troops", sections=frozenset({"world"})), MatchableText(id=1, section="World", text="troops"))
    assert found(topic("$troops", languages=frozenset({"uk"})), MatchableText(id=1, text="troops"))
    assert found(topic("$troops", min_sentences=3, min_words=2), STORY)


def test_a_pattern_must_match_in_the_same_scope() -> None:
    with pattern_check() as check:
        assert found(topic("$troops", pattern=r"\d,\d{3} troops"), STORY, pattern=check)[7].sentences[0].hits == (
            "troops",
        )
        assert not found(topic("$troops AND soldiers", pattern=r"\d,\d{3}"), STORY, pattern=check)
        assert found(topic("marched", pattern=r"\d,\d{3}", scope="article"), STORY, pattern=check)


def test_a_pattern_that_takes_too_long_is_stopped_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.topics.regex_sandbox.PATTERN_SECONDS", 0.3)
    with pattern_check() as check:
        with pytest.raises(WorkerError, match=r"took longer than 0\.3 s"):
            found(topic("aaa*", pattern=r"(a+)+$"), MatchableText(id=1, text="a" * 60 + "!"), pattern=check)
        monkeypatch.setattr("crawler.topics.regex_sandbox.PATTERN_SECONDS", 20)
        assert check("b+", "abc"), "the next pattern gets a new child"


def test_private_use_characters_in_a_text_are_not_taken_for_markers() -> None:
    (sentence,) = found(topic("troops"), MatchableText(id=1, text="\ue001troops\ue002 wait, troops \u200bgo"))[
        1
    ].sentences
    assert sentence.text.count("troops") == 2
    assert all(end - start >= 6 for start, end in sentence.spans)


@settings(max_examples=80)
@given(
    st.lists(queries, min_size=1, max_size=4), st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=5)
)
def test_matches_equal_those_of_sqlite_in_rows_of_that_scope(
    written: list[str], rows: list[tuple[str, str, str, str]]
) -> None:
    from crawler.sqlite.connection import memory

    many = [MatchableText(id=place, **dict(zip(MATCHED_COLUMNS, row, strict=True))) for place, row in enumerate(rows)]
    for scope in ("article", "paragraph", "sentence"):
        topics = [topic(query, id=str(place), scope=scope) for place, query in enumerate(written)]
        ours = set(match_all(topics, many))
        db = memory()
        db.execute(
            f'CREATE VIRTUAL TABLE t USING fts5(id UNINDEXED, title, lead, byline, text, tokenize="{TOKENIZER}")'
        )
        for text in many:
            units = (
                [(text.id, text.title, text.lead, text.byline, text.text)]
                if scope == "article"
                else [
                    (text.id, *(unit if column == name else "" for name in MATCHED_COLUMNS))
                    for column, _, unit in text.units(scope)
                ]
            )
            db.executemany(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?)", [tuple(map(to_index_form, map(str, unit))) for unit in units]
            )
        theirs = {
            (one.id, int(row[0]))
            for one in topics
            for row in db.execute("SELECT id FROM t WHERE t MATCH ?", (one.query,))
        }
        assert ours == theirs
        assert all(to_fts5(one.node) for one in topics)


@settings(max_examples=80)
@given(st.text(alphabet=st.sampled_from("ab. !?\n“”…兵。\u200bж,é"), max_size=60))
def test_sentences_and_paragraphs_have_their_stated_positions(text: str) -> None:
    for start, part in (*split_sentences(text), *split_paragraphs(text)):
        assert text[start : start + len(part)] == part


def test_a_very_long_paragraph_is_split_into_its_sentences() -> None:
    one = "The ferry will not sail on Monday, the council of the island said. "
    text = (one * 700).strip()
    assert [part for _, part in split_sentences(text)] == [one.strip()] * 700
    assert all(text[start : start + len(part)] == part for start, part in split_sentences(text))
    unbroken = "“" * 60_000 + "the end"
    assert "".join(part for _, part in split_sentences(unbroken)).endswith("the end")
