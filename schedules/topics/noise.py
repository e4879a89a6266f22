"""Matched words that cause articles judged as not relevant, and the precision of the topic without each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crawler.archive.topics.judgements import TopicPrecision
from crawler.config.topics import Topic
from crawler.topics.match import MatchableText, without_words
from crawler.topics.matcher import PatternCheck, match

LEAST_CAUSED = 2
"""Articles that a word must cause before it is reported: one may be chance."""
MOST_TRIED = 12
"""Words that are tried: those in most articles that are not relevant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyWord:
    """A word without which the topic would be more precise."""

    word: str
    caused: int
    """Articles judged as not relevant that would no longer match."""
    lost: int
    """Articles judged as relevant that would no longer match."""
    before: TopicPrecision
    after: TopicPrecision

    def __str__(self) -> str:
        """ "'strike' causes 9 of 11 that were not relevant; without it precision 61 → 84 %, loses 1"."""
        not_relevant = self.before.judged - self.before.relevant
        before, after = (100 * (one.share or 0.0) for one in (self.before, self.after))
        return (
            f"'{self.word}' causes {self.caused} of {not_relevant} that were not relevant; without it precision"
            f" {before:.0f} → {after:.0f} %, loses {self.lost}"
        )


def noisy_words(
    topic: Topic, judged: Sequence[tuple[MatchableText, bool]], *, found_by_pattern: PatternCheck
) -> list[NoisyWord]:
    """The words that cause most articles that are not relevant, the worst first.

    A word without which no relevant article is left is not named.

    `judged`: the texts of judged articles, and whether each is relevant. Texts that the topic does not match are ignored.
    """
    relevant = {text.id: is_relevant for text, is_relevant in judged}
    texts = [text for text, _ in judged]
    found = match([topic], texts, found_by_pattern=found_by_pattern)
    words = {text: one.words for (_, text), one in found.items()}
    before = _precision(words, relevant)
    counts = Counter(word for text, some in words.items() if not relevant[text] for word in some)
    noisy = []
    for word, count in counts.most_common(MOST_TRIED):
        if count < LEAST_CAUSED:
            break
        affected = [text for text in texts if word in words.get(text.id, ())]
        left = match([topic], [without_words(text, [word]) for text in affected], found_by_pattern=found_by_pattern)
        gone = {text.id for text in affected} - {text for _, text in left}
        kept = {text: some for text, some in words.items() if text not in gone}
        lost = sum(relevant[text] for text in gone)
        after = _precision(kept, relevant)
        if len(gone) - lost >= LEAST_CAUSED and after.relevant and (after.share or 0) > (before.share or 0):
            noisy.append(NoisyWord(word=word, caused=len(gone) - lost, lost=lost, before=before, after=after))
    return sorted(noisy, key=lambda one: (one.lost - one.caused, one.word))


def _precision(texts: Mapping[int, object], relevant: Mapping[int, bool]) -> TopicPrecision:
    return TopicPrecision(relevant=sum(relevant[text] for text in texts), judged=len(texts))
