"""Two texts side by side: paragraph by paragraph, with the words that were struck and added. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.words import SEPARATOR, segment
from pipelines.diff import Kind, Piece, compare

MOST_PARAGRAPHS = 400
"""A text of more, as a live blog of days, is compared as far as that: its time grows with the square."""
MOST_CHARACTERS = 20_000
"""Characters of a paragraph that are compared word by word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph before and after, each in pieces; empty where there was none."""

    kind: Kind
    before: tuple[Piece, ...] = ()
    after: tuple[Piece, ...] = ()
    inline: tuple[Piece, ...] = ()
    """Both in one: words that went before those that came."""

    @property
    def before_text(self) -> str:
        return "".join(piece.text for piece in self.before)

    @property
    def after_text(self) -> str:
        return "".join(piece.text for piece in self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Paragraphs that stayed, of which only the number is shown."""

    rows: tuple[Row, ...]
    kind: Literal["fold"] = "fold"


def paragraphs(text: str) -> list[str]:
    """A text of the archive in its paragraphs."""
    return [paragraph for paragraph in text.split("\n\n") if paragraph]


def compare_texts(before: Sequence[str], after: Sequence[str]) -> tuple[Row, ...]:
    """In the order of the second. Scripts written without spaces are compared character by character."""
    one = [segment(text[:MOST_CHARACTERS]) for text in before[:MOST_PARAGRAPHS] if text]
    other = [segment(text[:MOST_CHARACTERS]) for text in after[:MOST_PARAGRAPHS] if text]
    return tuple(
        Row(
            kind=change.kind,
            before=_side(change.before, change.pieces, "removed", whole=change.kind == "removed"),
            after=_side(change.after, change.pieces, "added", whole=change.kind == "added"),
            inline=tuple(_joined(change.pieces)),
        )
        for change in compare(one, other)
    )


def _side(text: str, pieces: Sequence[Piece], keeps: Literal["added", "removed"], *, whole: bool) -> tuple[Piece, ...]:
    if pieces:
        return tuple(_joined([piece for piece in pieces if piece.kind in ("same", keeps)]))
    clean = text.replace(SEPARATOR, "")
    return (Piece(kind=keeps if whole else "same", text=clean),) if clean else ()


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Without the separators, and with single spaces between changed words drawn into the change."""
    joined: list[Piece] = []
    for number, piece in enumerate(pieces):
        text = piece.text.replace(SEPARATOR, "")
        kind = piece.kind
        last = joined[-1] if joined else None
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        if (
            kind == "same" and text == " " and last is not None and following is not None
            and last.kind == following.kind != "same"
        ):  # fmt: skip
            kind = last.kind
        if not text:
            continue
        if last is not None and last.kind == kind:
            joined[-1] = Piece(kind=kind, text=last.text + text)
        else:
            joined.append(Piece(kind=kind, text=text))
    return joined


def folded(rows: Sequence[Row], *, around: int = 1) -> list[Row | Fold]:
    """Runs of paragraphs that stayed, but for those next to a change, as one fold."""
    near = {
        index
        for number, row in enumerate(rows)
        if row.kind != "same"
        for index in range(number - around, number + around + 1)
    }
    shown: list[Row | Fold] = []
    hidden: list[Row] = []
    for number, row in enumerate(rows):
        if number in near:
            if hidden:
                shown.append(Fold(rows=tuple(hidden)))
                hidden = []
            shown.append(row)
        else:
            hidden.append(row)
    if hidden:
        shown.append(Fold(rows=tuple(hidden)))
    return shown
