"""Answers of the setup: all invalid or missing options in one go; on a terminal each question until the answer is valid."""

from __future__ import annotations

import pytest

from crawler.search.query_parser import parse_query
from schedules.setup.answers import (
    AnswerError,
    NewTopic,
    Question,
    answers_to,
    checked_address,
    checked_contact,
    checked_mail_server,
    checked_outlet,
    checked_time,
    checked_topic,
    checked_zone,
)

QUESTIONS = [
    Question(option="recipient", prompt="Recipient", check=checked_address),
    Question(option="at", prompt="Time", check=checked_time, default="07:30"),
]


def test_all_invalid_and_missing_options_are_reported_at_once() -> None:
    with pytest.raises(AnswerError) as raised:
        answers_to(QUESTIONS, {"recipient": None, "at": "quarter past"}, None)
    assert str(raised.value).splitlines() == [
        "--at: 'quarter past' is not a time; write hours and minutes such as \"07:30\"",
        "give --recipient, or run `scrapy setup` in a terminal, which asks for them",
    ]


def test_a_question_is_repeated_until_the_answer_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    typed = iter(["nobody", "desk@example.org", ""])
    shown: list[str] = []

    def prompt(text: str) -> str:
        shown.append(text)
        return next(typed)

    assert answers_to(QUESTIONS, {}, prompt) == {"recipient": "desk@example.org", "at": "07:30"}
    assert shown == ["Recipient: ", "Recipient: ", "Time [07:30]: "]
    assert "'nobody' is not a mail address" in capsys.readouterr().err


def test_own_words_become_a_query_for_all_their_forms() -> None:
    topic = checked_topic('prisoner  swap, troops, "F-16"', ["energy"])
    assert isinstance(topic, NewTopic)
    assert topic.query == '~"prisoner swap" OR ~troops OR ~"F-16"'
    assert (
        topic.toml == f"[prisoner-swap-troops-f-16]\ntitle = \"Prisoner swap, troops, F-16\"\nquery = '{topic.query}'\n"
    )
    parse_query(topic.query)
    assert checked_topic("energy", ["energy"]) == "energy"
    assert isinstance(checked_topic("війська", []), NewTopic)


@pytest.mark.parametrize(
    ("check", "written"),
    [
        (checked_contact, "nobody"),
        (checked_outlet, "two words"),
        (checked_address, "desk"),
        (checked_mail_server, "smtp://127.0.0.1"),
        (checked_mail_server, "mail.example.org"),
        (checked_time, "25:00"),
        (checked_zone, "Europe/Nowhere"),
    ],
)
def test_an_invalid_answer_is_one_line(check: object, written: str) -> None:
    with pytest.raises(AnswerError) as raised:
        check(written)  # type: ignore[operator]
    assert len(str(raised.value).splitlines()) == 1
