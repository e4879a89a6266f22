from __future__ import annotations

import pytest

from crawler.events.features import LEAD_WORDS, MAX_TERMS, event_features, figures


def terms(text: str, language: str = "en", title: str | None = None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"name": set(), "figure": set(), "word": set(), "pair": set()}
    for term in event_features(title, text, language).terms:
        found[term.kind].add(term.text)
    return found


def test_names_figures_and_words_are_distinguished() -> None:
    found = terms("Some 90,000 households lost power after a strike on Kupiansk, said Oleh Syniehubov.")
    assert found["name"] == {"Kupiansk", "Oleh", "Syniehubov"}
    assert found["figure"] == {"90000"}
    assert "households" in found["word"] or "household" in found["word"]


def test_frequent_words_are_left_out() -> None:
    assert not {"the", "and", "after", "on"} & terms("The grid failed after the storm and on the day.")["word"]


def test_a_capital_at_the_beginning_of_a_sentence_makes_no_name() -> None:
    assert "Households" not in terms("Households wait. Many households have no power.")["name"]


@pytest.mark.parametrize(
    "written",
    ["90,000 homes", "90 000 homes", "90 thousand homes", "90 тисяч осель", "90 тыс. домов", "90\u00a0000 осель"],
)
def test_a_figure_is_the_same_in_every_notation(written: str) -> None:
    assert set(figures(written)) == {"90000"}


def test_millions_are_read() -> None:
    assert set(figures("worth 4.5 million euros")) == {"4500000"}
    assert set(figures("1,5 млрд гривень")) == {"1500000000"}


def test_the_lead_is_marked() -> None:
    late = " ".join(["word"] * (LEAD_WORDS + 5)) + " in Farrow"
    by_text = {term.text: term for term in event_features("Fire in Jarrow", late, "en").terms}
    assert by_text["Jarrow"].lead == 1
    assert by_text["Farrow"].lead == 0


def test_a_long_text_has_a_bounded_number_of_terms() -> None:
    text = " ".join(f"Name{chr(97 + n % 26)}{chr(97 + n // 26)} met {n}." for n in range(600))
    assert len(event_features(None, text, "en").terms) <= MAX_TERMS


def test_a_text_without_words_has_no_terms() -> None:
    assert event_features(None, "… — !", "en").terms == ()


def test_scripts_without_spaces_are_read_in_pairs_of_characters() -> None:
    assert {"変電", "電所"} <= terms("変電所が攻撃された", "ja")["word"]


def test_lines_that_are_no_sentences_and_agencies_are_not_read() -> None:
    text = "By Anna Roe · 30 November 2026, 10:41 GMT · 5 min read\n\nAARHUS (Coastline Wire) - Five batteries left on Monday."
    found = terms(text)
    assert "Aarhus" in {name.capitalize() for name in found["name"]}
    assert not {"Anna", "Roe", "GMT", "Coastline", "Wire"} & found["name"]
    assert "2026" not in found["figure"]


def test_a_text_of_one_line_without_an_end_is_read() -> None:
    assert "Kupiansk" in terms("Strike on Kupiansk")["name"] | terms("There was a strike on Kupiansk")["name"]
