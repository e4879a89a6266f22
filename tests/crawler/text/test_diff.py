"""The comparison of two texts: unchanged and changed paragraphs of short and long texts are shown correctly."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.diff import MAX_PAIRS, ParagraphChange, diff_paragraphs


def kinds(before: list[str], after: list[str]) -> list[str]:
    return [change.kind for change in diff_paragraphs(before, after)]


def test_equal_texts_have_no_change() -> None:
    assert kinds(["One.", "Two."], ["One.", "Two."]) == ["same", "same"]


def test_a_changed_number_is_shown_within_its_paragraph() -> None:
    (change,) = diff_paragraphs(
        ["At least 11 people were hurt in the blast."], ["At least 14 people were hurt in the blast."]
    )
    assert change.kind == "changed"
    assert [(piece.kind, piece.text) for piece in change.inline] == [
        ("same", "At least "),
        ("removed", "11"),
        ("added", "14"),
        ("same", " people were hurt in the blast."),
    ]


def test_a_new_paragraph_is_added_and_a_missing_one_removed() -> None:
    before = ["The pier closes in June.", "The mayor was not available for comment."]
    after = ["The pier closes in June.", "Dockers announced a strike for Friday morning."]
    assert kinds(before, after) == ["same", "added", "removed"]


def test_an_edited_paragraph_between_new_ones_is_paired_with_its_old_text() -> None:
    before = ["The council voted to close it on Tuesday.", "Ferries run as usual."]
    after = [
        "Update: dockers walked out.",
        "The council voted to close it on Wednesday.",
        "Ferries run as usual.",
    ]
    assert kinds(before, after) == ["added", "changed", "same"]


def test_the_parts_of_a_change_form_both_texts() -> None:
    before, after = "Nine of 12 crew survived, he said.", "Ten of the 12 crew survived, officials said."
    (change,) = diff_paragraphs([before], [after])
    assert "".join(piece.text for piece in change.inline if piece.kind != "added") == before
    assert "".join(piece.text for piece in change.inline if piece.kind != "removed") == after


ENTRIES = [f"Entry {number} says what ship {number * 7} brought to the harbour." for number in range(1_200)]


def changes(before: list[str], after: list[str]) -> list[tuple[str, str, str]]:
    """Rows other than "same", as (kind, before, after)."""
    rows = diff_paragraphs(before, after)
    return [(row.kind, row.before_text, row.after_text) for row in rows if row.kind != "same"]


def test_entries_added_on_top_of_a_long_live_blog_remove_nothing_at_its_end() -> None:
    new = ["The ferry is back.", "The fog has lifted."]
    assert changes(ENTRIES, [*new, *ENTRIES]) == [("added", "", text) for text in new]


def test_an_edit_far_down_a_long_text_is_found() -> None:
    after = [*ENTRIES[:900], "Entry 900 says what the mayor brought to the harbour.", *ENTRIES[901:]]
    assert changes(ENTRIES, after) == [("changed", ENTRIES[900], after[900])]


def test_entries_on_top_and_edits_below_are_each_found() -> None:
    after = ["The fog has lifted.", *ENTRIES]
    after[700] = after[700].replace("brought", "took")
    del after[1_000]
    assert changes(ENTRIES, after) == [
        ("added", "", "The fog has lifted."),
        ("changed", ENTRIES[699], after[700]),
        ("removed", ENTRIES[999], ""),
    ]


@pytest.mark.parametrize("count", [100, 5_000])
@pytest.mark.parametrize(
    "filler", ["word ", "Ships came in and went out again, and the fog stayed where it was. ", "港口"]
)
def test_one_word_of_a_very_long_paragraph_is_found(filler: str, count: int) -> None:
    before, after = (
        f"{filler * count}The mayor stays. {filler * count}",
        f"{filler * count}The mayor resigns. {filler * count}",
    )
    (row,) = diff_paragraphs([before], [after])
    assert (row.kind, row.before_text, row.after_text, row.is_coarse) == ("changed", before, after, False)
    assert [piece.text for piece in row.before if piece.kind == "removed"] == ["stays"]
    assert [piece.text for piece in row.after if piece.kind == "added"] == ["resigns"]


def test_paragraphs_too_long_to_compare_are_shown_whole_and_flagged() -> None:
    before = [f"Old paragraph {n} about {n * 3} gulls." for n in range(100)]
    after = [f"New paragraph {n} about {n * 5} terns." for n in range(100)]
    assert len(before) * len(after) > MAX_PAIRS
    rows = diff_paragraphs(["It begins.", *before], ["It begins.", *after])
    assert [row.before_text for row in rows if row.kind == "removed"] == before
    assert [row.after_text for row in rows if row.kind == "added"] == after
    assert [row.is_coarse for row in rows] == [False] + [True] * 200
    (row,) = diff_paragraphs(
        ["It rains. " * 400 + "gull " * 700 + "Fog."], ["It rains. " * 400 + "tern " * 700 + "Mist."]
    )
    assert (row.kind, row.is_coarse) == ("changed", True)


def test_a_long_paragraph_among_changed_ones_is_compared_with_its_earlier_form() -> None:
    long = "Ships came in and went out again. " * 300
    rows = diff_paragraphs(
        ["One gull.", long + "It rains.", "Two terns sat."], ["A seal swam by.", long + "It snows.", "Two terns flew."]
    )
    (found,) = [row for row in rows if "Ships" in row.before_text]
    assert [piece.text for piece in found.inline if piece.kind != "same"] == ["rains", "snows"]


words = st.sampled_from(["a b", "a c", "b c d", "港口关闭", "a" * 10, "x " * 1_600, "x " * 1_600 + "y"])


@given(st.lists(words, max_size=30), st.lists(words, max_size=30))
def test_each_side_has_the_complete_text(before: list[str], after: list[str]) -> None:
    rows = diff_paragraphs(before, after)
    assert [row.before_text for row in rows if row.before] == before
    assert [row.after_text for row in rows if row.after] == after
    assert all(row.before_text == row.after_text for row in rows if row.kind == "same")
    assert all(row.before_text != row.after_text for row in rows if row.kind != "same")


def test_texts_with_repeated_paragraphs_keep_every_paragraph() -> None:
    chance = random.Random(7)
    before = [f"Line {chance.randrange(900)}." for _ in range(1_500)]
    after = [line for line in before if chance.random() > 0.1]
    rows: tuple[ParagraphChange, ...] = diff_paragraphs(before, after)
    assert [row.after_text for row in rows if row.after] == after
    assert sum(row.kind == "same" for row in rows) > 1_000


def test_texts_of_two_alternating_paragraphs_are_compared_in_bounded_time() -> None:
    rows = diff_paragraphs(["a", "b"] * 4_000, ["b", "b", "a"] * 4_000)
    assert {row.kind for row in rows} >= {"removed", "added"}
    assert any(row.is_coarse for row in rows)
