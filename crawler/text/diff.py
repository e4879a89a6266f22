"""What changed between two revisions, sentence by sentence and word by word: for people, and for flagging edits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.text.tokenizer import SEPARATOR, segment

DiffKind = Literal["same", "added", "removed", "changed"]

_WORD = re.compile(r"\s+|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[\W_]")
"""White space, a number with its separators, a word, or one other sign."""
SIMILAR_PARAGRAPH = 0.5
"""Share of words that two paragraphs have in common from which one is an edit of the other, not another paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSpan:
    """Some words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """One paragraph next to what it was. `before` or `after` is empty where there was none."""

    kind: DiffKind
    before: str = ""
    after: str = ""
    pieces: tuple[DiffSpan, ...] = ()
    """Of a changed paragraph: its words in reading order, those that went before those that came."""


def diff_paragraphs(before: Sequence[str], after: Sequence[str]) -> tuple[ParagraphChange, ...]:
    """The paragraphs of two texts next to each other, in the order of the second."""
    changes: list[ParagraphChange] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            changes += [ParagraphChange(kind="same", before=text, after=text) for text in after[j1:j2]]
        else:
            changes += _replaced(before[i1:i2], after[j1:j2])
    return tuple(changes)


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[ParagraphChange]:
    """Paragraphs that are edits of each other are paired, in order; the others went or came."""
    left = list(before)
    for text in after:
        partner = next((old for old in left if _alike(old, text)), None)
        if partner is None:
            yield ParagraphChange(kind="added", after=text)
            continue
        for old in left[: left.index(partner)]:
            yield ParagraphChange(kind="removed", before=old)
        left = left[left.index(partner) + 1 :]
        yield ParagraphChange(kind="changed", before=partner, after=text, pieces=tuple(_pieces(partner, text)))
    for old in left:
        yield ParagraphChange(kind="removed", before=old)


def _alike(one: str, other: str) -> bool:
    matcher = difflib.SequenceMatcher(a=_words(one), b=_words(other), autojunk=False)
    return matcher.quick_ratio() >= SIMILAR_PARAGRAPH and matcher.ratio() >= SIMILAR_PARAGRAPH


def _words(text: str) -> list[str]:
    """Of scripts written without spaces the characters."""
    return segment(text).replace(SEPARATOR, " ").split()


def _pieces(before: str, after: str) -> Iterator[DiffSpan]:
    one, other = _WORD.findall(before), _WORD.findall(after)
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(a=one, b=other, autojunk=False).get_opcodes():
        if tag == "equal":
            yield DiffSpan(kind="same", text="".join(other[j1:j2]))
            continue
        if i1 < i2:
            yield DiffSpan(kind="removed", text="".join(one[i1:i2]))
        if j1 < j2:
            yield DiffSpan(kind="added", text="".join(other[j1:j2]))
