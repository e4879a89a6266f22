"""Find facts that two similar texts state differently: figures, names, outcomes, days.

They distinguish an edited copy from another page made with the same template. Sentences that occur in only one of the
texts are paired by common words, and each pair is searched for replaced facts. An added or deleted sentence contradicts
nothing.
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
"""Share of common words from which one sentence is taken as the counterpart of the other."""
MAX_SENTENCES = 200
"""Unmatched sentences that are paired, from the beginning of the text; pairing is quadratic, 0.1 s for this many."""

_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")

_DATELINE = re.compile(r"[^\W\d_][^.!?\n–—-]{0,50}\s[–—-]{1,2}\s+(?=[^\Wa-zß-öø-ÿа-яієїґ])")
"""A dash before the start of a sentence: "VELDEN, 3 March — Two", not "Velden — the port — is"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradictions:
    """Facts that differ between two texts, with the number of facts in them."""

    numbers_changed: int = 0
    numbers: int = 0
    """In the text with fewer figures."""
    names_changed: int = 0
    names: int = 0
    outcome: tuple[str, str] | None = None
    """Two mutually exclusive words ("arrested", "charged"), the older text's first."""
    day: tuple[str, str] | None = None
    """Two weekdays or months, one replaced by the other; the older text's first."""
    name: NameChange | None = None
    """The names of the subject, if one was replaced by another."""
    reworded: int = 0
    """Places where paired sentences differ in other words."""
    words: int = 0
    """In the shorter text; characters of scripts without spaces count half."""


def contradictions(older: str, newer: str, *, titles: tuple[str, str] = ("", "")) -> Contradictions:
    """The facts in which two texts without boilerplate contradict each other."""
    older_sentences, newer_sentences = list(shingle_sentences(older)), list(shingle_sentences(newer))
    older_names, newer_names = _names(older_sentences), _names(newer_sentences)
    indexes = TextIndex(titles[0], older), TextIndex(titles[1], newer)
    changes, outcome, day = 0, None, None
    lost: set[str] = set()
    gained: set[str] = set()
    names: list[NameChange] = []
    reworded = 0
    for before, after in _pairs(*_unmatched(older_sentences, newer_sentences)):
        changes += numbers_changed(before, after)
        gone, come = _names([before]) - newer_names, _names([after]) - older_names
        lost |= {name for name in gone if not any(is_spelling(name, other) for other in come)}
        gained |= {name for name in come if not any(is_spelling(name, other) for other in gone)}
        is_first = before == older_sentences[0] or after == newer_sentences[0]
        for exchange in substitutions(before, after):
            days = _differs(other_day, exchange)
            day, outcome = day or days, outcome or _differs(are_mutually_exclusive, exchange)
            if days or _is_of_figures(exchange) or (is_first and _is_in_dateline(exchange, before)):
                continue
            name = name_change(exchange, *indexes, in_first_sentence=is_first)
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
        words=min(index.length for index in indexes),
    )


def _differs(
    differ: Callable[[Sequence[str], Sequence[str]], tuple[str, str] | None], exchange: Substitution
) -> tuple[str, str] | None:
    return differ([word.casefold() for word in exchange.before], [word.casefold() for word in exchange.after])


def _is_of_figures(exchange: Substitution) -> bool:
    between = "" if is_unspaced(exchange.following) else " "
    return all(numbers(between.join((*side, exchange.following))) for side in (exchange.before, exchange.after))


def _is_in_dateline(exchange: Substitution, sentence: str) -> bool:
    """Whether it is the place of writing, which a pickup replaces with its own."""
    dateline = _DATELINE.match(sentence)
    return dateline is not None and len(exchange.preceding) + len(exchange.before) <= len(
        substitution_tokens(dateline[0])
    )


def _names(sentences: Iterable[str]) -> set[str]:
    """Capitalised words that are not capitalised only because they begin a sentence."""
    found = set()
    for sentence in sentences:
        tokens = _NAME.findall(sentence)
        for position, token in enumerate(tokens):
            is_sentence_case = position == 0 and not (len(tokens) > 1 and tokens[1][0].isupper())
            if token[0].isupper() and len(token) > 1 and not is_sentence_case:
                found.add(token.casefold())
    return found


def _unmatched(older: Sequence[str], newer: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sentences that occur in only one of the two texts."""
    older_keys, newer_keys = [shingle_words(one) for one in older], [shingle_words(one) for one in newer]
    shared = set(older_keys) & set(newer_keys)
    return (
        [sentence for key, sentence in zip(older_keys, older, strict=True) if key not in shared],
        [sentence for key, sentence in zip(newer_keys, newer, strict=True) if key not in shared],
    )


def _pairs(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs of counterparts, each sentence at most once, the most similar pairs first."""
    one = [Counter(shingle_words(sentence)) for sentence in left[:MAX_SENTENCES]]
    other = [Counter(shingle_words(sentence)) for sentence in right[:MAX_SENTENCES]]
    totals = [counted.total() for counted in other]
    scored = []
    for i, before in enumerate(one):
        total = before.total()
        for j, after in enumerate(other):
            shared = before.keys() & after.keys()
            if not shared:
                continue
            common = sum(min(before[word], after[word]) for word in shared)
            # share of the shorter one: an editor who joins or cuts sentences leaves one inside the other
            if common >= 2 and (alike := common / min(total, totals[j])) >= PAIRED:
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
