"""What two texts say differently in the same place: a figure, a name, an outcome. It tells an edited copy from another
day's page made with the same template.

An added or dropped sentence contradicts nothing. Sentences that stand in only one of the two texts are paired by the
words that they share, and each pair is searched for facts of which either side has its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from crawler.stories.name_changes import CERTAIN_FIRST, NameChange, TextIndex, is_spelling, name_change
from crawler.stories.outcome_terms import are_mutually_exclusive, other_day
from crawler.text.numbers import numbers, numbers_changed
from crawler.text.shingles import shingle_sentences, shingle_words
from crawler.text.substitutions import Substitution, substitution_tokens, substitutions
from crawler.text.tokenizer import is_unspaced

PAIRED = 0.4
"""Share of words that two sentences have in common from which one stands in the place of the other."""
MAX_SENTENCES = 200
"""Sentences without a counterpart that are paired, from the beginning; pairing is quadratic, 0.1 s for so many."""

_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

_DATELINE = re.compile(r"[^\W\d_][^.!?\n–—-]{0,50}\s[–—-]{1,2}\s+(?=[^\Wa-zß-öø-ÿа-яієїґ])")
"""A dash before a sentence that begins: "VELDEN, 3 March — Two", not "Velden — the port — is"."""


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
    day: tuple[str, str] | None = None
    """Two days of the week, or months, of which one stands in the place of the other; the older text's first."""
    name: NameChange | None = None
    """Names of what the texts are about."""
    reworded: int = 0
    """Places where paired sentences differ in something else."""
    words: int = 0
    """In the text that has fewer; characters of scripts without spaces count half."""


def contradictions(older: str, newer: str, *, titles: tuple[str, str] = ("", "")) -> Contradictions:
    """What two texts (without credits, see `wording.body`) contradict each other in."""
    one, other = list(shingle_sentences(older)), list(shingle_sentences(newer))
    older_names, newer_names = _names(one), _names(other)
    reported = TextIndex(titles[0], older), TextIndex(titles[1], newer)
    changes, outcome, day = 0, None, None
    lost: set[str] = set()
    gained: set[str] = set()
    names: list[NameChange] = []
    reworded = 0
    for before, after in _pairs(*_unmatched(one, other)):
        changes += numbers_changed(before, after)
        gone, come = _names([before]) - newer_names, _names([after]) - older_names
        lost |= {name for name in gone if not any(is_spelling(name, other) for other in come)}
        gained |= {name for name in come if not any(is_spelling(name, other) for other in gone)}
        begins = before == one[0] or after == other[0]
        for exchange in substitutions(before, after):
            days = _differs(other_day, exchange)
            day, outcome = day or days, outcome or _differs(are_mutually_exclusive, exchange)
            if days or _is_of_figures(exchange) or (begins and _is_in_dateline(exchange, before)):
                continue
            name = name_change(exchange, *reported, begins=begins)
            if name is None:
                reworded += 1
            else:
                names.append(name)
    return Contradictions(
        numbers_changed=changes,
        numbers=min(numbers(older).total(), numbers(newer).total()),
        names_changed=min(len(lost), len(gained)),
        names=min(len(older_names), len(newer_names)),
        outcome=outcome,
        day=day,
        name=min(names, key=lambda name: CERTAIN_FIRST.index(name.kind), default=None),
        reworded=reworded,
        words=min(text.length for text in reported),
    )


def _differs(
    differ: Callable[[Sequence[str], Sequence[str]], tuple[str, str] | None], exchange: Substitution
) -> tuple[str, str] | None:
    return differ([word.casefold() for word in exchange.before], [word.casefold() for word in exchange.after])


def _is_of_figures(exchange: Substitution) -> bool:
    between = "" if is_unspaced(exchange.following) else " "
    return all(numbers(between.join((*side, exchange.following))) for side in (exchange.before, exchange.after))


def _is_in_dateline(exchange: Substitution, sentence: str) -> bool:
    """Whether it is where a report was written, which a carrier exchanges for its own town."""
    dateline = _DATELINE.match(sentence)
    return dateline is not None and len(exchange.preceding) + len(exchange.before) <= len(
        substitution_tokens(dateline[0])
    )


def _names(of: Iterable[str]) -> set[str]:
    """Capitalised words of sentences that are not so because a sentence begins."""
    found = set()
    for sentence in of:
        letters = _NAME.findall(sentence)
        for place, token in enumerate(letters):
            begins = place == 0 and not (len(letters) > 1 and letters[1][0].isupper())
            if token[0].isupper() and len(token) > 1 and not begins:
                found.add(token.casefold())
    return found


def _unmatched(older: Sequence[str], newer: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences that stand in only one of the two."""
    one = [(shingle_words(sentence), sentence) for sentence in older]
    other = [(shingle_words(sentence), sentence) for sentence in newer]
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
    one = [Counter(shingle_words(sentence)) for sentence in left[:MAX_SENTENCES]]
    other = [Counter(shingle_words(sentence)) for sentence in right[:MAX_SENTENCES]]
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
