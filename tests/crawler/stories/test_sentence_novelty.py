"""Whether a sentence stands in other texts: as it is, in like words, or with something else in its place."""

from __future__ import annotations

import pytest

from crawler.stories.sentence_novelty import KnownSentences, novel_sentences

LEAD = "The Kurland ministry said on Tuesday that three soldiers were killed near the lighthouse by a drone."
REST = "Divers looked for a fourth man until it grew dark, and will go on at daybreak. Nobody claimed the attack."
STORY = KnownSentences([f"{LEAD} {REST}"])


@pytest.mark.parametrize(
    "sentence",
    [
        LEAD,
        LEAD.upper(),
        LEAD.replace("ministry said", "ministry of defence told reporters"),
        LEAD.replace(" near the lighthouse", ""),
        LEAD.replace("three", "3"),
        f"{LEAD[:-1]}, and divers looked for a fourth man until it grew dark.",
        "Nobody claimed the attack.",
    ],
)
def test_a_sentence_that_is_there_or_reworded_is_known(sentence: str) -> None:
    assert STORY.has_paraphrase(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        LEAD.replace("three", "seven"),
        LEAD.replace("three", "30"),
        LEAD.replace("Kurland", "Belgrave"),
        LEAD.replace("were killed", "were not killed"),
        LEAD.replace("killed", "wounded"),
        LEAD.replace("said", "denied"),
        LEAD.replace("Tuesday", "Friday"),
        "Four ships left the harbour at noon.",
        "Somebody claimed it.",
    ],
)
def test_a_sentence_that_says_something_else_is_not(sentence: str) -> None:
    assert not STORY.has_paraphrase(sentence)
    assert not STORY.has(sentence)


@pytest.mark.parametrize(
    "headline", ["Drone over Kurland", "Three soldiers killed near the lighthouse", "A night of fear"]
)
def test_a_headline_of_its_own_says_nothing_else(headline: str) -> None:
    assert not KnownSentences(["Three soldiers were killed near the lighthouse", LEAD]).contradicts(headline)


def test_a_headline_with_another_figure_does() -> None:
    assert KnownSentences(["Three soldiers killed near the lighthouse"]).contradicts(
        "Seven soldiers killed near the lighthouse"
    )


def test_what_a_text_adds_has_another_figure_too() -> None:
    other = LEAD.replace("three", "30")
    assert novel_sentences(f"{other} {REST}", [f"{LEAD} {REST}"]) == (other,)
    assert novel_sentences(f"{LEAD} {REST}", [f"{LEAD} {REST}"]) == ()


def test_without_texts_nothing_is_known() -> None:
    assert not KnownSentences([]).has_paraphrase(LEAD)
    assert not KnownSentences([]).contradicts(LEAD)
