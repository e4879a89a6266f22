"""Whether a sentence occurs in other texts: equal, reworded, or with other facts."""

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
        LEAD.replace("ministry said", "ministry of defence said to reporters"),
        LEAD.replace(" near the lighthouse", ""),
        LEAD.replace("three", "3"),
        f"{LEAD[:-1]}, and divers looked for a fourth man until it grew dark.",
        "Nobody claimed the attack.",
    ],
)
def test_an_equal_or_reworded_sentence_is_known(sentence: str) -> None:
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
def test_a_sentence_with_other_content_is_new(sentence: str) -> None:
    assert not STORY.has_paraphrase(sentence)
    assert not STORY.has(sentence)


@pytest.mark.parametrize(
    "headline", ["Drone over Kurland", "Three soldiers killed near the lighthouse", "A night of fear"]
)
def test_a_differently_worded_headline_has_no_other_facts(headline: str) -> None:
    assert not KnownSentences(["Three soldiers were killed near the lighthouse", LEAD]).contradicts(headline)


def test_a_headline_with_another_figure_has_other_facts() -> None:
    assert KnownSentences(["Three soldiers killed near the lighthouse"]).contradicts(
        "Seven soldiers killed near the lighthouse"
    )


def test_added_sentences_include_those_with_another_figure() -> None:
    other = LEAD.replace("three", "30")
    assert novel_sentences(f"{other} {REST}", [f"{LEAD} {REST}"]) == (other,)
    assert novel_sentences(f"{LEAD} {REST}", [f"{LEAD} {REST}"]) == ()


def test_without_texts_no_sentence_is_known_or_contradicted() -> None:
    assert not KnownSentences([]).has_paraphrase(LEAD)
    assert not KnownSentences([]).contradicts(LEAD)
