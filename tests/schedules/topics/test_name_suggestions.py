"""Spellings are proposed by their sound."""

from __future__ import annotations

from crawler.archive.articles.search import Term
from schedules.topics.query_advice import fts_of, suggested_spellings, words_of

NAMES = {"zelensky": ("Zelensky", "Зеленський"), "putin": ("Putin",), "wagner": ("Wagner Group",)}
WORDS = [
    Term(word, number)
    for word, number in (("zelensky", 90), ("zelenskyy", 40), ("зеленский", 30), ("зеленського", 20), ("путін", 9), ("питання", 8),
                         ("pier", 7), ("zelenskij", 5), ("wagner", 4), ("2026", 3))
]  # fmt: skip


def suggested(known: dict[str, frozenset[str]] | None = None) -> dict[str, list[str]]:
    found = suggested_spellings(NAMES, known or dict.fromkeys(NAMES, frozenset()), WORDS)
    return {name: [term.word for term in terms] for name, terms in found.items()}


def test_words_that_sound_alike_are_proposed_the_most_frequent_first() -> None:
    assert suggested()["zelensky"] == ["zelensky", "zelenskyy", "зеленский", "зеленського", "zelenskij"]


def test_words_with_the_same_consonants_only_are_not_proposed() -> None:
    assert suggested()["putin"] == ["путін"]


def test_known_forms_are_not_proposed() -> None:
    known = {
        name: frozenset(word for one in spellings for word in words_of(one, ["uk"]))
        for name, spellings in NAMES.items()
    }
    assert suggested(known)["zelensky"] == ["zelenskyy", "зеленский", "zelenskij"]


def test_phrases_get_no_suggestions() -> None:
    assert suggested()["wagner"] == []


def test_a_spelling_is_counted_in_all_its_forms() -> None:
    assert '"Зеленського"' in fts_of("Зеленський", ["uk"]) or '"зеленського"' in fts_of("Зеленський", ["uk"])
    assert fts_of("젤렌스키*", ["en"]) == '"젤렌스키" *'
