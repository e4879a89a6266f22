"""Plain words and queries are distinguished, and both become FTS5."""

from __future__ import annotations

import pytest

from crawler.search.query_ast import QueryError
from crawler.search.searches import is_query, prefix_hint, searched_query


def searched(text: str) -> str:
    return searched_query(text, {"troops": ("soldiers", "marines")}, lambda word: (word, f"{word}ed"))


@pytest.mark.parametrize(
    "text",
    ["convoy OR stoves", "NEAR(troops sent, 8)", "~deploy", '~"two words"', "$troops moved", "title : kursk", "{title lead} : x", "^kursk",
     "(convoy AND stoves) NOT pier"],
)  # fmt: skip
def test_the_language_of_topics_is_recognised(text: str) -> None:
    assert is_query(text)


@pytest.mark.parametrize(
    "text",
    ["convoy stoves", "war or peace", '"convoy OR stoves"', "$5 billion", "-parade", "deploy*", "front-line", "U.S. (Texas)", "12:30",
     "ORLANDO", "O'Neill ~5"],
)  # fmt: skip
def test_plain_words_stay_plain_words(text: str) -> None:
    assert not is_query(text)


def test_either_of_two_words_is_found() -> None:
    assert searched("convoy OR stoves") == '"convoy" OR "stoves"'


def test_lists_and_forms_are_expanded() -> None:
    assert searched("$troops") == '"soldiers" OR "marines"'
    assert searched("~deploy") == '"deploy" OR "deployed"'


def test_all_plain_words_must_occur() -> None:
    assert searched("convoy stoves -parade") == '"convoy" AND "stoves" NOT "parade"'


def test_a_mistake_has_its_position() -> None:
    with pytest.raises(QueryError) as error:
        searched("convoy OR")
    assert error.value.position == 7


def test_a_query_gets_no_prefix_as_a_hint() -> None:
    assert prefix_hint("deployment OR stoves") is None
    assert prefix_hint("deployment") == "deplo*"
