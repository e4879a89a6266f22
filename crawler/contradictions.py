"""What two texts say differently in the same place: a figure, a name, an outcome. It tells an edited copy from another
day's page made with the same template.

An added or dropped sentence contradicts nothing. Sentences that stand in only one of the two texts are paired by the
words that they share, and each pair is searched for facts of which either side has its own.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler.figures import changed, numbers
from crawler.outcomes import exclude_each_other, other_weekday
from crawler.wording import sentences, words

PAIRED = 0.4
"""Share of words that two sentences have in common from which one stands in the place of the other."""
MAX_SENTENCES = 200
"""Sentences without a counterpart that are paired, from the beginning; pairing is quadratic, 0.1 s for so many."""
MAX_WORDS = 200
"""Of a sentence that is searched for exchanged words, which is quadratic too; a longer one is a table or an attack."""

_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """Facts that differ, and how many there are to differ."""

    numbers_changed: int = 0
    numbers: int = 0
    """In the text that has fewer."""
    names_changed: int = 0
    names: int = 0
    outcome: tuple[str, str] | None = None
    """Two words of which one excludes the other ("arrested", "charged"), the older text's first."""
    weekday: tuple[str, str] | None = None
    """Two days of the week, of which one stands in the place of the other; the older text's first."""


def contradictions(older: str, newer: str) -> Contradictions:
    """What two texts (without credits, see `wording.body`) contradict each other in."""
    left, right = _unmatched(list(sentences(older)), list(sentences(newer)))
    older_names, newer_names = _names(older), _names(newer)
    numbers_changed, outcome, weekday = 0, None, None
    lost: set[str] = set()
    gained: set[str] = set()
    for before, after in _pairs(left, right):
        numbers_changed += changed(before, after)
        lost |= _names(before) - newer_names
        gained |= _names(after) - older_names
        exchanged = list(_exchanged(before, after))
        outcome = outcome or _first(exclude_each_other, exchanged)
        weekday = weekday or _first(other_weekday, exchanged)
    return Contradictions(
        numbers_changed=numbers_changed,
        numbers=min(numbers(older).total(), numbers(newer).total()),
        names_changed=min(len(lost), len(gained)),
        names=min(len(older_names), len(newer_names)),
        outcome=outcome,
        weekday=weekday,
    )


def _names(text: str) -> set[str]:
    """Capitalised words that are not so because a sentence begins."""
    found = set()
    for sentence in sentences(text):
        tokens = _NAME.findall(sentence)
        for place, token in enumerate(tokens):
            begins = place == 0 and not (len(tokens) > 1 and tokens[1][0].isupper())
            if token[0].isupper() and len(token) > 1 and not begins:
                found.add(token.casefold())
    return found


def _unmatched(older: Sequence[str], newer: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences that stand in only one of the two."""
    one = [(words(sentence), sentence) for sentence in older]
    other = [(words(sentence), sentence) for sentence in newer]
    shared = Counter(key for key, _ in one) & Counter(key for key, _ in other)
    return _without(one, shared), _without(other, shared)


def _without(keyed: Iterable[tuple[tuple[str, ...], str]], shared: Counter[tuple[str, ...]]) -> list[str]:
    left = Counter(shared)
    kept = []
    for key, sentence in keyed:
        if left[key] > 0:
            left[key] -= 1
        else:
            kept.append(sentence)
    return kept


def _pairs(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str]]:
    """Sentences of which one stands in the place of the other, each taken once, the most alike first."""
    one = [Counter(words(sentence)) for sentence in left[:MAX_SENTENCES]]
    other = [Counter(words(sentence)) for sentence in right[:MAX_SENTENCES]]
    scored = []
    for i, before in enumerate(one):
        for j, after in enumerate(other):
            common = (before & after).total()
            # of the shorter: an editor who joins or cuts sentences leaves one inside the other
            if common >= 2 and (alike := common / min(before.total(), after.total())) >= PAIRED:
                scored.append((alike, -abs(i - j), i, j))
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    pairs = []
    for _, _, i, j in sorted(scored, reverse=True):
        if i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            pairs.append((left[i], right[j]))
    return pairs


_Words = Sequence[str]


def _exchanged(before: str, after: str) -> Iterable[tuple[_Words, _Words]]:
    """The words of two sentences that stand in each other's place."""
    one, other = words(before)[:MAX_WORDS], words(after)[:MAX_WORDS]
    matcher = difflib.SequenceMatcher(a=one, b=other, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace":
            yield one[i1:i2], other[j1:j2]


def _first(
    differ: Callable[[_Words, _Words], tuple[str, str] | None], exchanged: Iterable[tuple[_Words, _Words]]
) -> tuple[str, str] | None:
    return next((found for before, after in exchanged if (found := differ(before, after)) is not None), None)
