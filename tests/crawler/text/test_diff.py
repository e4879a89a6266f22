"""What changed between two texts."""

from __future__ import annotations

from crawler.text.diff import diff_paragraphs


def kinds(before: list[str], after: list[str]) -> list[str]:
    return [change.kind for change in diff_paragraphs(before, after)]


def test_equal_texts_have_no_change() -> None:
    assert kinds(["One.", "Two."], ["One.", "Two."]) == ["same", "same"]


def test_a_changed_number_is_shown_within_its_paragraph() -> None:
    (change,) = diff_paragraphs(
        ["At least 11 people were hurt in the blast."], ["At least 14 people were hurt in the blast."]
    )
    assert change.kind == "changed"
    assert [(piece.kind, piece.text) for piece in change.pieces] == [
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
    assert "".join(piece.text for piece in change.pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in change.pieces if piece.kind != "removed") == after
