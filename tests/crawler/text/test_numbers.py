"""Figures are read in any script, and in words if the word has no other meaning."""

from __future__ import annotations

import pytest

from crawler.text.numbers import numbers, numbers_changed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,200 boats", "1200 boats"),
        ("3.50 crowns", "3.5 crowns"),
        ("three boats", "3 boats"),
        ("загинуло п'ять людей", "загинуло 5 людей"),
        ("двох поранено", "2 поранено"),
        ("ранены четверо", "ранены 4"),
        ("zginęło trzech", "zginęło 3"),
        ("١٢ قتيلا", "12 قتيلا"),
        ("۱۲ کشته", "12 کشته"),
        ("२१ लोग", "21 लोग"),
        ("٣٫٥ في المئة", "3.5 في المئة"),
        ("三人死亡", "3人死亡"),
        ("三百二十人", "320人"),
        ("约十二人", "约12人"),
    ],
)
def test_figures_with_the_same_value_are_equal(one: str, other: str) -> None:
    assert numbers(one).total() == 1
    assert numbers_changed(one, other) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("造成12人死亡，25人受伤。", {"12", "25"}),
        ("上证指数收报3012.45点", {"3012.45"}),
        ("東京の最高気温は25度", {"25"}),
        ("약12명이 다쳤다", {"12"}),
        ("قتيلا و25 جريحا", {"25"}),
        ("ב12 בדצמבר", {"12"}),
        ("flights of the F16 and cases of H5N1", set()),
        ("一起事故，七上八下", set()),
        ("un homme et une femme", set()),
    ],
)
def test_a_figure_after_a_letter_of_a_script_without_capitals_is_found(text: str, expected: set[str]) -> None:
    assert set(numbers(text)) == expected


def test_the_word_one_is_a_figure_next_to_another_figure() -> None:
    assert numbers_changed("One soldier was killed", "Three soldiers were killed") == 1
    assert numbers_changed("One of the soldiers spoke", "A soldier spoke") == 0
