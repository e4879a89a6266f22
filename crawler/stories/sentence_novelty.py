"""What other texts say already: whether a sentence stands in them, as it is or in like words. Pure.

A sentence in like words is another one where it says something else: another figure, name or outcome, or the opposite.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crawler.stories.contradictions import contradictions
from crawler.text.numbers import numbers
from crawler.text.shingles import shingle_sentences, shingle_words, shingles, strip_boilerplate

REWORDED_SENTENCE = 0.5
"""Share of a sentence's runs of words from which it is one of the other texts' in other words."""
SIMILAR_SENTENCE = 0.5
"""Share of words from which a headline is looked upon as another wording of one sentence."""
NEAREST = 3
"""Sentences that are equally like it and are looked at."""
NEGATED = 0.8
"""Share of words from which one sentence can be the opposite of another: below it the "not" belongs to something else."""

_NEGATIONS = frozenset(
    "no not never cannot t without deny denies denied denying refute refutes refuted"  # t: of "didn't"
    " nicht kein keine keinen keinem keiner nie niemals ohne bestreitet bestritt dementiert dementierte"
    " не ні ніколи немає без заперечує заперечив заперечила спростував спростувала"
    " нет никогда отрицает отрицал отрицала опроверг опровергла"
    " ne pas jamais aucun aucune sans dément démenti nie nunca sin niega negó desmiente desmintió"
    " nie bez não sem değil لا لم لن ليس غير نفى نفت 不 没 沒 未 無 非 לא אין".split()
)


class KnownSentences:
    """The sentences of some texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._sentences: list[str] = []
        self._words: list[frozenset[str]] = []
        self._whole: set[tuple[str, ...]] = set()
        self._runs: set[tuple[str, ...]] = set()
        self._figures: set[str] = set()
        self._with_word: dict[str, list[int]] = defaultdict(list)
        self._alike: dict[str, bool] = {}
        self._otherwise: dict[str, bool] = {}
        for text in texts:
            self._take_in(strip_boilerplate(text))

    def _take_in(self, plain: str) -> None:
        self._runs |= shingles(shingle_words(plain))
        self._figures |= numbers(plain).keys()
        for sentence in shingle_sentences(plain):
            own = shingle_words(sentence)
            if own in self._whole:
                continue
            for word in set(own):
                self._with_word[word].append(len(self._sentences))
            self._whole.add(own)
            self._sentences.append(sentence)
            self._words.append(frozenset(own))

    def has(self, sentence: str) -> bool:
        """As it is, but for case and signs."""
        return shingle_words(strip_boilerplate(sentence)) in self._whole

    def has_alike(self, sentence: str) -> bool:
        """Also in other words, where they say the same."""
        if sentence not in self._alike:  # a thousand topics ask for the same sentences
            self._alike[sentence] = self._has_alike(strip_boilerplate(sentence))
        return self._alike[sentence]

    def _has_alike(self, plain: str) -> bool:
        own = shingle_words(plain)
        if own in self._whole:
            return True
        of_it = shingles(own)
        if (
            not of_it
            or len(of_it & self._runs) < REWORDED_SENTENCE * len(of_it)
            or not numbers(plain).keys() <= self._figures
        ):
            return False
        return not self._is_otherwise(plain, own)

    def says_otherwise(self, headline: str) -> bool:
        """Whether the sentences that have nearly these words say something else."""
        if headline not in self._otherwise:
            plain = strip_boilerplate(headline)
            own = shingle_words(plain)
            self._otherwise[headline] = own not in self._whole and self._is_otherwise(plain, own)
        return self._otherwise[headline]

    def _is_otherwise(self, plain: str, own: Sequence[str]) -> bool:
        nearest = list(itertools.islice(self._nearest(own), NEAREST))
        return bool(nearest) and all(_differ(before, plain, likeness) for before, likeness in nearest)

    def _nearest(self, own: Sequence[str]) -> Iterator[tuple[str, float]]:
        """The sentence that is most like these words, and its likeness; all of them where several are. None is below LIKE."""
        mine = frozenset(own)
        shared = Counter(place for word in mine for place in self._with_word.get(word, ()))
        likeness = {place: 2 * common / (len(mine) + len(self._words[place])) for place, common in shared.items()}
        most = max(likeness.values(), default=0.0)
        if most >= SIMILAR_SENTENCE:
            yield from ((self._sentences[place], most) for place, value in likeness.items() if value == most)


def _differ(before: str, after: str, likeness: float) -> bool:
    found = contradictions(before, after)
    if found.numbers_changed or found.names_changed or found.outcome is not None or found.day is not None:
        return True
    if found.name is not None and (found.name.kind == "name" or not found.reworded):
        return True
    return likeness >= NEGATED and _negations(before) != _negations(after)


def _negations(sentence: str) -> int:
    return sum(word in _NEGATIONS for word in shingle_words(sentence))


def novel_sentences(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The sentences of `text` that none of the `known` texts has, as they are or in like words."""
    there = KnownSentences(known)
    return tuple(sentence for sentence in shingle_sentences(strip_boilerplate(text)) if not there.has_alike(sentence))
