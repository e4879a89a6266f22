"""All forms of a word are found by dictionary or by ending."""

from __future__ import annotations

import pytest

from crawler.text.dictionaries import forms_of
from crawler.text.tokenizer import normalize_token
from crawler.text.word_forms import by_ending, phrase_forms, word_forms


@pytest.mark.parametrize(
    ("language", "word", "forms"),
    [
        ("en", "deploy", {"deploy", "deploys", "deployed", "deploying"}),
        ("uk", "полонений", {"полоненого", "полоненим", "полонених"}),
        ("uk", "обміном", {"обмін", "обміну", "обміни"}),
        ("ru", "удар", {"удара", "ударом", "ударов"}),
    ],
)
def test_a_dictionary_gives_all_forms_of_a_word_from_any_of_them(language: str, word: str, forms: set[str]) -> None:
    assert forms <= set(forms_of(word, language))


def test_forms_of_another_word_with_the_same_beginning_are_not_included() -> None:
    assert "ударение" not in forms_of("удар", "ru")


def test_a_name_that_no_dictionary_has_is_inflected_by_its_ending() -> None:
    assert {"Зеленського".lower(), "зеленським"} <= set(by_ending("зеленський", "uk"))
    assert "киева" in by_ending("киев", "ru")
    assert by_ending("zelensky", "en") == []


def test_a_regular_verb_that_no_dictionary_has_is_inflected_by_its_ending() -> None:
    assert {"дезертирувала", "дезертирують"} <= set(by_ending("дезертирувати", "uk"))
    assert "обмінялися" in by_ending("обмінятися", "uk")
    assert "верифицировали" in by_ending("верифицировать", "ru")


def test_a_feminine_noun_has_its_own_forms_although_the_dictionary_has_it_under_the_masculine() -> None:
    assert {"журналістки", "журналісток"} <= set(word_forms(["журналістка"], ["uk"])["журналістка"])


def test_the_word_itself_comes_first_and_forms_that_the_index_does_not_distinguish_are_listed_once() -> None:
    (forms,) = word_forms(["Полонені"], ["uk"]).values()
    assert forms[0] == "Полонені"
    keys = [normalize_token(form) for form in forms]
    assert len(keys) == len(set(keys))


def test_a_phrase_has_each_combination_of_the_forms_of_its_words() -> None:
    phrases = phrase_forms("Північна Корея", ["uk"])
    assert {"північної кореї", "північну корею"} <= {phrase.lower() for phrase in phrases}


def test_languages_of_another_script_do_not_count_and_the_usual_ones_of_the_script_do() -> None:
    assert "полоненим" in word_forms(["полонений"], ["en"])["полонений"]
    assert word_forms(["deploy"], ["uk"]) == word_forms(["deploy"], ["en"])


def test_a_name_gets_endings_only_if_no_dictionary_has_it() -> None:
    assert "полоненийом" not in word_forms(["полонений"], ["ru", "uk"])["полонений"]
    assert "Курщині".lower() in {form.lower() for form in word_forms(["Курщина"], ["uk"])["Курщина"]}


def test_a_language_without_a_dictionary_adds_nothing() -> None:
    assert word_forms(["word"], ["xx"]) == {"word": ("word",)}
