"""What a match is worth telling: an article that is new, what an edit added or took out, what a carrier adds. Pure."""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.stories.sentence_novelty import KnownSentences
from crawler.text.shingles import shingle_words
from crawler.topics.match import Match, MatchableText, MatchedSentence, key_of

AlertKind = Literal["new", "edited", "removed", "addition", "pickup", "unchanged"]
ALERTED = frozenset({"new", "edited", "removed", "addition"})
SentenceChangeKind = Literal["added", "removed", "unchanged"]

SAME_SENTENCE = 0.5
"""Share of words in common from which one sentence was made from another; `difflib.get_close_matches` has 0.6 for words."""
COMMON = 50
"""Sentences in which a word stands from which it tells nothing of what one was made from: a page of 1,300 that all
changed would be compared 1.7 million times."""
COMPARED_SENTENCES = 3
"""Sentences that are compared word by word: those with most words in common."""


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence of an alert."""

    change: SentenceChangeKind
    sentence: MatchedSentence
    replaces: str | None = None
    """The sentence of the previous text that it was made from."""


@dataclass(frozen=True, slots=True)
class AlertDecision:
    """What a topic found in a revision, next to what was there before."""

    kind: AlertKind
    sentences: tuple[SentenceChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """What the readers of a topic know, as it told them of the article already, or of another one of its story."""

    article_reported: bool
    """Of this article, or of one that turned out to be it."""
    others: KnownSentences
    """The texts that the other articles of the story had, and their headlines."""
    reported: frozenset[str] = frozenset()
    """Keys of the sentences that it told of the article or the story lately."""
    taken_out: frozenset[str] = frozenset()
    """Keys of the sentences of which it told lately that the article has them no more."""

    def has(self, sentence: MatchedSentence, *, reworded: bool) -> bool:
        """Whether they know it. With `reworded` in like words, too: a carrier rewords what it took over. An edit is
        told by the letter: the word that changed may be the news."""
        if sentence.key in self.reported or self.others.has(sentence.text):
            return True
        if not reworded:
            return False
        if sentence.column == "title":
            # each outlet writes its own; it stands for the text below it, which is looked at sentence by sentence
            return not self.others.says_otherwise(sentence.text)
        return sentence.column == "byline" or self.others.has_alike(sentence.text)


def evaluate_first_revision(match: Match, background: AlertHistory | None) -> AlertDecision:
    """Of an article's first text. No background: neither the article nor its story was told."""
    if background is None:
        return AlertDecision("new", tuple(SentenceChange("added", sentence) for sentence in match.sentences))
    fresh = [sentence for sentence in match.sentences if not background.has(sentence, reworded=True)]
    rest = [sentence for sentence in match.sentences if sentence not in fresh]
    reported = (
        *(SentenceChange("added", sentence) for sentence in fresh),
        *(SentenceChange("unchanged", sentence) for sentence in rest),
    )
    return AlertDecision("addition" if fresh else "pickup", reported)


def evaluate_later_revision(
    now: Match | None,
    before: Match | None,
    text: MatchableText,
    previous: MatchableText,
    background: AlertHistory | None,
    *,
    is_edit: bool,
) -> AlertDecision | None:
    """Of a later text. None where the topic finds nothing and lost nothing.

    `is_edit`: the publisher changed the page. False where we read it better, or more or less of it: no news, but it may
    show for the first time what was there all along.
    """
    was_reported = background is not None and background.article_reported
    added = [sentence for sentence in now.sentences if sentence.key not in previous.keys] if now else []
    if now is not None and before is None and not added:
        added = list(now.sentences)  # what forbade the match has gone
    fresh = [
        sentence for sentence in added if background is None or not background.has(sentence, reworded=not was_reported)
    ]
    there = [sentence for sentence in now.sentences if sentence not in fresh] if now else []
    gone = [sentence for _, _, sentence in previous.sentences if key_of(sentence) not in text.keys] if fresh else []
    source_of = _Sentences(gone).source_of
    removed = _removed(before, text, background, added) if is_edit and was_reported else []
    reported = (
        *(SentenceChange("added", sentence, source_of(sentence.text)) for sentence in fresh),
        *(SentenceChange("removed", sentence) for sentence in removed),
        *(SentenceChange("unchanged", sentence) for sentence in there),
    )
    if fresh and is_edit:
        return AlertDecision("edited", reported)
    if fresh and not was_reported:
        return AlertDecision("new" if background is None else "addition", reported)
    if removed:
        return AlertDecision("removed", reported)
    if now is None:
        return None
    return AlertDecision("pickup" if added and not fresh and not was_reported else "unchanged", reported)


def _removed(
    before: Match | None, text: MatchableText, background: AlertHistory | None, added: Sequence[MatchedSentence]
) -> list[MatchedSentence]:
    """What has gone and was not rewritten; a headline that matches took the place of the one before."""
    known = background.taken_out if background is not None else frozenset()
    made = _Sentences([sentence.text for sentence in added])
    has_headline = any(sentence.column == "title" for sentence in added)
    return [
        sentence
        for sentence in (before.sentences if before is not None else ())
        if sentence.key not in text.keys
        and sentence.key not in known
        and not (has_headline and sentence.column == "title")
        and made.source_of(sentence.text) is None
    ]


class _Sentences:
    """Among which the one is found that another was made from."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words = [shingle_words(text) for text in texts]
        self._with_word: dict[str, list[int]] = defaultdict(list)
        for place, own in enumerate(self._words):
            for word in set(own):
                self._with_word[word].append(place)

    def source_of(self, sentence: str) -> str | None:
        """The one that is most like it, unless none is."""
        own = shingle_words(sentence)
        likeness = {
            place: difflib.SequenceMatcher(None, own, self._words[place], autojunk=False).ratio()
            for place in self._candidates(own)
        }
        best = max(likeness, key=likeness.__getitem__, default=None)
        return self._texts[best] if best is not None and likeness[best] >= SAME_SENTENCE else None

    def _candidates(self, own: Iterable[str]) -> list[int]:
        shared = Counter(
            place for word in set(own) if len(at := self._with_word.get(word, ())) <= COMMON for place in at
        )
        return [place for place, _ in shared.most_common(COMPARED_SENTENCES)]
