"""Whether a sentence occurs in other texts, exactly or paraphrased. Pure.

A similar sentence with another figure, name or outcome, or with the opposite meaning, is not a paraphrase.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from crawler.stories.contradictions import contradictions
from crawler.text.numbers import numbers
from crawler.text.shingles import shingle_sentences, shingle_words, shingles, strip_boilerplate

REWORDED_SENTENCE = 0.5
"""Share of a sentence's shingles in the other texts from which it is a paraphrase."""
SIMILAR_SENTENCE = 0.5
"""Share of common words from which a headline is another wording of a sentence."""
NEAREST = 3
"""Equally similar sentences that are compared."""
NEGATED = 0.8
"""Share of common words from which one sentence can negate another: below it the "not" refers to something else."""

_NEGATIONS = frozenset(
    "no not never cannot t without deny denies denied denying refute refutes refuted"  # t: of "didn't"
    " nicht kein keine keinen keinem keiner nie niemals ohne bestreitet bestritt dementiert dementierte"
    " не ні ніколи немає без заперечує заперечив заперечила спростував спростувала"
    " нет никогда отрицает отрицал отрицала опроверг опровергла"
    " ne pas jamais aucun aucune sans dément démenti nie nunca sin niega negó desmiente desmintió"
    " nie bez não sem değil لا لم لن ليس غير نفى نفت 不 没 沒 未 無 非 לא אין".split()
)


class KnownSentences:
    """The sentences of some texts, for look-ups."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._sentences: list[str] = []
        self._words: list[frozenset[str]] = []
        self._whole: set[tuple[str, ...]] = set()
        self._shingles: set[str] = set()
        self._figures: set[str] = set()
        self._with_word: dict[str, list[int]] = defaultdict(list)
        self._has_paraphrase: dict[str, bool] = {}
        self._contradicts: dict[str, bool] = {}
        for text in texts:
            self._add(strip_boilerplate(text))

    def _add(self, plain: str) -> None:
        self._shingles |= shingles(shingle_words(plain))
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
        """Whether the sentence occurs, apart from case and punctuation."""
        return shingle_words(strip_boilerplate(sentence)) in self._whole

    def has_paraphrase(self, sentence: str) -> bool:
        """Whether the sentence occurs exactly or paraphrased."""
        if sentence not in self._has_paraphrase:  # a thousand topics look up the same sentences
            self._has_paraphrase[sentence] = self._find_paraphrase(strip_boilerplate(sentence))
        return self._has_paraphrase[sentence]

    def _find_paraphrase(self, plain: str) -> bool:
        own = shingle_words(plain)
        if own in self._whole:
            return True
        own_shingles = shingles(own)
        if not own_shingles or len(own_shingles & self._shingles) < REWORDED_SENTENCE * len(own_shingles):
            return False
        return numbers(plain).keys() <= self._figures and not self._nearest_differ(plain, own)

    def contradicts(self, headline: str) -> bool:
        """Whether the sentences most similar to the headline state other facts."""
        if headline not in self._contradicts:
            plain = strip_boilerplate(headline)
            own = shingle_words(plain)
            self._contradicts[headline] = own not in self._whole and self._nearest_differ(plain, own)
        return self._contradicts[headline]

    def _nearest_differ(self, plain: str, own: Sequence[str]) -> bool:
        nearest = list(itertools.islice(self._nearest(own), NEAREST))
        return bool(nearest) and all(_differ(before, plain, likeness) for before, likeness in nearest)

    def _nearest(self, own: Sequence[str]) -> Iterator[tuple[str, float]]:
        """The most similar sentences with their similarity, all equal and at least SIMILAR_SENTENCE."""
        words = frozenset(own)
        shared = Counter(place for word in words for place in self._with_word.get(word, ()))
        likeness = {place: 2 * common / (len(words) + len(self._words[place])) for place, common in shared.items()}
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
    """The sentences of `text` that none of the `known` texts contains, exactly or paraphrased."""
    index = KnownSentences(known)
    return tuple(
        sentence for sentence in shingle_sentences(strip_boilerplate(text)) if not index.has_paraphrase(sentence)
    )
