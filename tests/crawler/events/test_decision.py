from __future__ import annotations

from crawler.events.decision import (
    JOIN,
    MIN_FACTS_ACROSS,
    ComparedStory,
    decide_event,
    is_one_event,
)
from crawler.events.features import event_features
from crawler.events.similarity import (
    EventSimilarity,
    EventVector,
    WeightedFeatures,
    event_similarity,
    rarity,
    shared_terms,
    unpack_vector,
    weigh,
)

STRIKE = (
    "A drone strike on a substation in Kupiansk left 90,000 households without power, said Governor Oleh Syniehubov."
)
OTHER_WORDS = "In Kupiansk 90,000 customers lost electricity when drones hit a substation, Syniehubov reported."
UKRAINIAN = "У Куп'янську дрони влучили у підстанцію, без світла 90 тисяч осель, повідомив Олег Синєгубов."
FERRY = "The ferry Aurora ran aground off Skerry Point with 212 passengers, and the coast guard of Grauport came."


def weighted(text: str, language: str = "en") -> WeightedFeatures:
    return weigh(event_features(None, text, language), lambda _: rarity(0, 0))


def stored(text: str, language: str = "en") -> EventVector:
    unpacked = unpack_vector(weighted(text, language).vector.packed())
    assert unpacked is not None
    return unpacked


def similarity(newer: str, older: str, languages: tuple[str, str] = ("en", "en")) -> EventSimilarity:
    one, other = weighted(newer, languages[0]).vector, stored(older, languages[1])
    return event_similarity(one, other, across_languages=languages[0] != languages[1])


def compared(story: int, event: int, value: float, *, across: bool = False, facts: int = 5) -> ComparedStory:
    return ComparedStory(
        story_id=story,
        event=event,
        similarity=EventSimilarity(value=value, shared_facts=facts),
        across_languages=across,
    )


def test_the_same_happening_in_other_words_is_similar() -> None:
    assert similarity(OTHER_WORDS, STRIKE).value > JOIN > similarity(FERRY, STRIKE).value


def test_the_reason_names_what_is_shared() -> None:
    shared = shared_terms(weighted(OTHER_WORDS), stored(STRIKE), across_languages=False)
    assert {"Kupiansk", "90,000"} <= set(shared)
    shared = shared_terms(weighted(UKRAINIAN, "uk"), stored(STRIKE), across_languages=True)
    assert "90,000" in shared


def test_another_language_is_compared_by_names_and_figures() -> None:
    found = similarity(UKRAINIAN, STRIKE, ("uk", "en"))
    assert found.value > JOIN
    assert found.shared_facts >= MIN_FACTS_ACROSS


def test_a_text_is_most_similar_to_itself_and_packing_keeps_it() -> None:
    vector = weighted(STRIKE).vector
    assert similarity(STRIKE, STRIKE) == event_similarity(vector, vector, across_languages=False)
    assert similarity(STRIKE, STRIKE).value > 0.85 > similarity(OTHER_WORDS, STRIKE).value


def test_one_common_figure_and_the_same_weekday_are_weak_evidence_in_short_texts() -> None:
    mayor = "The mayor resigned on Monday, 2 members of the council said."
    talks = "Talks resume on Monday with 2 lists on the table."
    assert similarity(mayor, talks).value < 0.9 * JOIN


def test_features_of_another_version_are_not_read() -> None:
    assert unpack_vector(b"\xff" + bytes(30)) is None
    assert unpack_vector(b"") is None


def test_a_story_joins_the_most_similar_event() -> None:
    decision = decide_event([compared(1, 10, JOIN + 0.01), compared(2, 20, JOIN + 0.1)])
    assert decision is not None
    assert (decision.event, decision.closest.story_id, decision.closest.reason) == (20, 2, "same_language")


def test_nothing_similar_leaves_a_story_alone() -> None:
    assert decide_event([]) is None
    assert decide_event([compared(1, -1, JOIN - 0.01)]) is None


def test_one_similar_story_of_a_large_event_is_not_enough() -> None:
    large = [compared(number, 10, 0.0) for number in range(1, 8)]
    assert decide_event([compared(9, 10, JOIN + 0.02), *large]) is None


def test_half_of_an_event_decides_whatever_the_others_are_like() -> None:
    stories = [compared(1, 10, JOIN), compared(2, 10, JOIN + 0.1), compared(3, 10, 0.0)]
    assert decide_event(stories) is not None
    assert decide_event([*stories, compared(4, 10, 0.0), compared(5, 10, 0.0)]) is None


def test_across_languages_a_few_common_facts_are_not_enough() -> None:
    assert decide_event([compared(1, -1, 0.9, across=True, facts=MIN_FACTS_ACROSS - 1)]) is None
    decision = decide_event([compared(1, -1, 0.9, across=True, facts=MIN_FACTS_ACROSS)])
    assert decision is not None
    assert decision.closest.reason == "across_languages"


def test_other_events_that_a_story_could_have_joined_are_named() -> None:
    decision = decide_event(
        [compared(1, 10, JOIN + 0.1), compared(2, 20, JOIN + 0.2), compared(3, -3, JOIN), compared(4, 30, 0.1)]
    )
    assert decision is not None
    assert (decision.event, decision.rivals) == (20, (10, -3))


def test_two_events_are_one_if_their_stories_are_similar_on_average() -> None:
    assert is_one_event([1.5, 0.6])
    assert not is_one_event([1.5, 0.4])
    assert not is_one_event([])
