"""Compare two revisions by paragraph and by word, for display and for flagging edits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.text.tokenizer import SEPARATOR, is_unspaced, segment

DiffKind = Literal["same", "added", "removed", "changed"]

_WORD = re.compile(r"\s+|\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*|[\W_]")
"""White space, a number with its separators, a word, or one other character."""
SIMILAR_PARAGRAPH = 0.5
"""Share of common words from which a paragraph is an edit of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffSpan:
    """Consecutive words that were kept, added or removed."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphChange:
    """A paragraph before and after an edit. `before` is empty if it was added, `after` if it was removed."""

    kind: DiffKind
    before: str = ""
    after: str = ""
    pieces: tuple[DiffSpan, ...] = ()
    """The words of a changed paragraph in reading order, removed words before added ones."""


def diff_paragraphs(before: Sequence[str], after: Sequence[str]) -> tuple[ParagraphChange, ...]:
    """Return the paragraphs of two texts in pairs, in the order of the second text."""
    changes: list[ParagraphChange] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            changes += [ParagraphChange(kind="same", before=text, after=text) for text in after[j1:j2]]
        else:
            changes += _replaced(before[i1:i2], after[j1:j2])
    return tuple(changes)


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[ParagraphChange]:
    """Pair similar paragraphs in order; the others were added or removed."""
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
    """Return the words; in scripts written without spaces, the characters."""
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


MAX_SUBSTITUTION_WORDS = 200
"""Words of a sentence that are compared, since the time is quadratic; longer sentences are tables or attacks."""

# \w does not match vowel signs; without them, a Hindi or pointed Hebrew word would be split into single letters.
_TOKEN = re.compile(
    r"(?:\w|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e])+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """One difference, as written; `before` is empty for an addition, `after` for an omission."""

    before: Sequence[str]
    after: Sequence[str]
    preceding: Sequence[str]
    """The words before it in the older sentence."""
    following: str
    """The word after it in the older sentence."""


def substitution_tokens(text: str) -> list[str]:
    """Return the words as written; in scripts without spaces, each character is a word."""
    if is_unspaced(text):
        text = segment(text).replace(SEPARATOR, " ")
    return _TOKEN.findall(text)


def substitutions(before: str, after: str) -> Iterator[Substitution]:
    """Yield the differences in the order of the text."""
    one, other = (
        substitution_tokens(before)[:MAX_SUBSTITUTION_WORDS],
        substitution_tokens(after)[:MAX_SUBSTITUTION_WORDS],
    )
    matcher = difflib.SequenceMatcher(
        a=[word.casefold() for word in one], b=[word.casefold() for word in other], autojunk=False
    )
    for i1, i2, j1, j2 in _joined(matcher.get_opcodes(), one):
        yield Substitution(
            before=one[i1:i2], after=other[j1:j2], preceding=one[:i1], following=one[i2] if i2 < len(one) else ""
        )


def _joined(opcodes: Sequence[tuple[str, int, int, int, int]], one: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Return the ranges that differ; in scripts without spaces, ranges separated by one character are joined."""
    places: list[tuple[int, int, int, int]] = []
    for tag, i1, i2, j1, j2 in opcodes:
        if tag == "equal":
            continue
        if places and places[-1][1] == i1 - 1 and is_unspaced(one[i1 - 1]):
            places[-1] = (places[-1][0], i2, places[-1][2], j2)
        else:
            places.append((i1, i2, j1, j2))
    return places
