"""Two texts side by side: paragraph by paragraph, with the words that were struck and added. Pure.

However long the texts are, no paragraph that stayed is called changed for their length, and none that changed is called
the same. What would take too long to be set side by side is shown whole, and says so (`Row.is_coarse`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.text.diff import DiffKind, DiffSpan, ParagraphChange, diff_paragraphs
from crawler.text.tokenizer import SEPARATOR, segment

MOST_PAIRS = 4_000
"""Paragraphs before times paragraphs after, between two that stayed, up to which each is looked at as an edit of each
other: some 60 that were all rewritten, which takes a third of a second (60 words each, 0.08 ms a pair)."""
MAX_COMPARED_WORDS = 500
"""Words, of scripts written without spaces characters, that are compared in one go: 0.3 s, and it grows with their square."""
LETTERS = 6
"""Characters that count as a word where nothing parts them."""
LONGEST_WORD = 60
"""Characters: what is longer is a script written without spaces, or no word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A paragraph before and after, each in pieces; empty where there was none."""

    kind: DiffKind
    before: tuple[DiffSpan, ...] = ()
    after: tuple[DiffSpan, ...] = ()
    inline: tuple[DiffSpan, ...] = ()
    """Both in one: words that went before those that came."""
    is_coarse: bool = False
    """Too much at once to be compared in detail: what is struck and added here may hold words that stayed."""

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


def text_paragraphs(text: str) -> list[str]:
    """A text of the archive in its paragraphs."""
    return [paragraph for paragraph in text.split("\n\n") if paragraph]


def side_by_side(before: Sequence[str], after: Sequence[str]) -> tuple[Row, ...]:
    """In the order of the second. Scripts written without spaces are compared character by character."""
    one, other = [text for text in before if text], [text for text in after if text]
    rows: list[Row] = []
    i = j = 0
    for i2, j2, stayed in _stretches(one, other):
        rows += _between(one[i:i2], other[j:j2])
        rows += [_stayed(text) for text in other[j2 : j2 + stayed]]
        i, j = i2 + stayed, j2 + stayed
    return tuple(rows)


def _stretches(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Where both have the same paragraphs: at their beginning, at their end, and between at each that both have once.

    Place before, place after, number; in the order of both. So much is found in the time of a sort (patience diff, after
    Bram Cohen), where difflib would take one that grows with the square.
    """
    most = min(len(before), len(after))
    head = next((n for n in range(most) if before[n] != after[n]), most)
    tail = next((n for n in range(most - head) if before[-1 - n] != after[-1 - n]), most - head)
    yield 0, 0, head
    for i, j in _once_in_both(before[head : len(before) - tail], after[head : len(after) - tail]):
        yield head + i, head + j, 1
    yield len(before) - tail, len(after) - tail, tail


def _once_in_both(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The most paragraphs that each text has exactly once, and that stand in the same order in both."""
    there, here = Counter(before), Counter(after)
    places = {text: j for j, text in enumerate(after) if here[text] == there[text] == 1}
    pairs = [(i, places[text]) for i, text in enumerate(before) if text in places]
    ends: list[int] = []  # of the runs of 1, 2, 3 … paragraphs: the place after at which each can end soonest,
    enders: list[int] = []  # and the pair that ends it there
    previous: list[int | None] = []
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        previous.append(enders[length - 1] if length else None)
        ends[length : length + 1] = [j]
        enders[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    at = enders[-1] if enders else None
    while at is not None:
        found.append(pairs[at])
        at = previous[at]
    return found[::-1]


def _between(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """What stands between two stretches that stayed."""
    long, long_after = _long_ones(before), _long_ones(after)
    pair = next(((i, j) for j in long_after for i in long if _is_edit(before[i], after[j])), None)
    if pair is not None:
        i, j = pair
        yield from _between(before[:i], after[:j])
        yield _long(before[i], after[j])
        yield from _between(before[i + 1 :], after[j + 1 :])
    elif not long and not long_after and len(before) * len(after) <= MOST_PAIRS:
        yield from (_row(change) for change in diff_paragraphs(_segmented(before), _segmented(after)))
    else:
        is_coarse = bool(before) and bool(after)
        yield from (Row(kind="removed", before=(_struck(text),), is_coarse=is_coarse) for text in before)
        yield from (Row(kind="added", after=(_come(text),), is_coarse=is_coarse) for text in after)


def _long_ones(texts: Sequence[str]) -> list[int]:
    return [number for number, text in enumerate(texts) if _size(text) > MAX_COMPARED_WORDS]


def _size(text: str) -> int:
    segmented = segment(text)
    return max(segmented.count(" ") + segmented.count(SEPARATOR), len(text) // LETTERS)


def _is_edit(before: str, after: str) -> bool:
    """Of two long paragraphs: whether half of it stayed at the ends, or what is between can be compared."""
    head, tail = _ends(before, after)
    inner = max(len(before), len(after)) - head - tail
    return (
        inner <= (head + tail)
        or _size(before[head : len(before) - tail]) + _size(after[head : len(after) - tail]) <= MAX_COMPARED_WORDS
    )


def _ends(before: str, after: str) -> tuple[int, int]:
    """Characters that both begin with, and that both end with, in whole words."""
    most = min(len(before), len(after))
    head = _to_a_word(before, next((n for n in range(most) if before[n] != after[n]), most))
    tail = next((n for n in range(most - head) if before[-1 - n] != after[-1 - n]), most - head)
    return head, _to_a_word(before[::-1], tail)


def _long(before: str, after: str) -> Row:
    """One that is too long to be compared in one go: what stands between its first and its last change is."""
    if before == after:
        return _stayed(after)
    head, tail = _ends(before, after)
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    is_coarse = max(_size(old), _size(new)) > MAX_COMPARED_WORDS
    inner = (
        []
        if is_coarse
        else [piece for change in diff_paragraphs(_segmented([old]), _segmented([new])) for piece in change.pieces]
    )
    pieces = [DiffSpan(kind="same", text=before[:head]), *(inner or [_struck(old), _come(new)])]
    pieces.append(DiffSpan(kind="same", text=before[len(before) - tail :]))
    return Row(
        kind="changed",
        before=_side("", pieces, "removed", whole=False),
        after=_side("", pieces, "added", whole=False),
        inline=tuple(_joined(pieces)),
        is_coarse=is_coarse,
    )


def _to_a_word(text: str, end: int) -> int:
    """Back from within a word to its beginning; scripts written without spaces have none to go back to."""
    start = end
    while 0 < start < len(text) and text[start].isalnum() and text[start - 1].isalnum() and end - start < LONGEST_WORD:
        start -= 1
    return start if end - start < LONGEST_WORD else end


def _segmented(texts: Sequence[str]) -> list[str]:
    return [segment(text) for text in texts]


def _struck(text: str) -> DiffSpan:
    return DiffSpan(kind="removed", text=text)


def _come(text: str) -> DiffSpan:
    return DiffSpan(kind="added", text=text)


def _row(change: ParagraphChange) -> Row:
    return Row(
        kind=change.kind,
        before=_side(change.before, change.pieces, "removed", whole=change.kind == "removed"),
        after=_side(change.after, change.pieces, "added", whole=change.kind == "added"),
        inline=tuple(_joined(change.pieces)),
    )


def _stayed(text: str) -> Row:
    piece = (DiffSpan(kind="same", text=text),)
    return Row(kind="same", before=piece, after=piece)


def _side(
    text: str, pieces: Sequence[DiffSpan], keeps: Literal["added", "removed"], *, whole: bool
) -> tuple[DiffSpan, ...]:
    if pieces:
        return tuple(_joined([piece for piece in pieces if piece.kind in ("same", keeps)]))
    clean = text.replace(SEPARATOR, "")
    return (DiffSpan(kind=keeps if whole else "same", text=clean),) if clean else ()


def _joined(pieces: Sequence[DiffSpan]) -> list[DiffSpan]:
    """Without the separators, and with single spaces between changed words drawn into the change."""
    joined: list[DiffSpan] = []
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
            joined[-1] = DiffSpan(kind=kind, text=last.text + text)
        else:
            joined.append(DiffSpan(kind=kind, text=text))
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
