from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.events.name_keys import name_key


@pytest.mark.parametrize(
    "spellings",
    [
        "Kyiv Kiev Київ Києва Києві Киев Киева Киеве",
        "Zelensky Zelenskyy Зеленський Зеленського Зеленському Зеленский Зеленским",
        "Kupiansk Kupyansk Куп'янськ Куп’янська Купянск Купянске Купянском",
        "Kharkiv Kharkov Харків Харкова Харкові Харьков Харькове",
        "Odesa Odessa Одеса Одеси Одессы",
        "Luhansk Lugansk Луганськ Луганск",
        "Moscow Москва Москві",
        "Zaporizhzhia Запоріжжя Запорожье",
        "Yermak Єрмак Ермак",
        "Gaza Газа Газі",
    ],
)
def test_spellings_and_cases_of_a_name_have_one_key(spellings: str) -> None:
    assert len({name_key(word) for word in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Iran", "Iraq"), ("Gaza", "Giza"), ("Iran", "Oran"), ("Kharkiv", "Kherson"), ("Odesa", "Lviv")]
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@given(st.text(st.characters(categories=["L", "M"]), min_size=1, max_size=20))
def test_every_word_has_a_key(word: str) -> None:
    assert name_key(word) == name_key(word.upper().lower()) or not word.isascii()
    assert isinstance(name_key(word), str)
