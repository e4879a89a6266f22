"""Replaced words of two sentences, for finding facts that differ. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.text.tokenizer import SEPARATOR, is_unspaced, segment

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
