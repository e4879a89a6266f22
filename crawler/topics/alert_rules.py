"""Decide what to report of a match: a new article, what an edit added or removed, what a pickup adds. Pure."""

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
"""Share of common words from which a sentence is an edit of another; `difflib.get_close_matches` uses 0.6."""
COMMON_WORD = 50
"""A word in more sentences than this is ignored when candidates are looked up: a page of 1,300 sentences that all changed
would be compared 1.7 million times."""
COMPARED_SENTENCES = 3
"""Candidates that are compared word by word: those with most words in common."""


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence of an alert."""

    change: SentenceChangeKind
    sentence: MatchedSentence
    replaces: str | None = None
    """The sentence of the previous text that it is an edit of."""


@dataclass(frozen=True, slots=True)
class AlertDecision:
    """What to record of a match in a revision."""

    kind: AlertKind
    sentences: tuple[SentenceChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertHistory:
    """What a topic has already reported of an article or of its story."""

    article_reported: bool
    """This article, or one that was merged into it, was reported."""
    others: KnownSentences
    """Titles and texts of the story's other articles."""
    reported: frozenset[str] = frozenset()
    """Keys of sentences recently reported of the article or the story."""
    removed: frozenset[str] = frozenset()
    """Keys of sentences recently reported as removed from the article."""

    def has(self, sentence: MatchedSentence, *, reworded: bool) -> bool:
        """Whether the sentence was reported. With `reworded` a paraphrase counts, as pickups reword what they take over;
        edits are compared exactly, because the changed word may be the news."""
        if sentence.key in self.reported or self.others.has(sentence.text):
            return True
        if not reworded:
            return False
        if sentence.column == "title":
            # each outlet writes its own headline for the text below it, whose sentences are compared one by one
            return not self.others.contradicts(sentence.text)
        return sentence.column == "byline" or self.others.has_paraphrase(sentence.text)


def evaluate_first_revision(match: Match, history: AlertHistory | None) -> AlertDecision:
    """Decide for an article's first revision. `history` is None if neither the article nor its story was reported."""
    if history is None:
        return AlertDecision("new", tuple(SentenceChange("added", sentence) for sentence in match.sentences))
    fresh = [sentence for sentence in match.sentences if not history.has(sentence, reworded=True)]
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
    history: AlertHistory | None,
    *,
    is_edit: bool,
) -> AlertDecision | None:
    """Decide for a later revision. None if the topic matches neither revision in a way that matters.

    `is_edit` is False if the publisher changed nothing: the page was extracted better, or more or less of it was
    available. That is not news, but it may show for the first time what the page always said.
    """
    was_reported = history is not None and history.article_reported
    added = [sentence for sentence in now.sentences if sentence.key not in previous.keys] if now else []
    if now is not None and before is None and not added:
        added = list(now.sentences)  # the words that prevented the match were removed
    fresh = [sentence for sentence in added if history is None or not history.has(sentence, reworded=not was_reported)]
    unchanged = [sentence for sentence in now.sentences if sentence not in fresh] if now else []
    gone = [sentence for _, _, sentence in previous.sentences if key_of(sentence) not in text.keys] if fresh else []
    source_of = _SentenceIndex(gone).source_of
    removed = _removed(before, text, history, added) if is_edit and was_reported else []
    reported = (
        *(SentenceChange("added", sentence, source_of(sentence.text)) for sentence in fresh),
        *(SentenceChange("removed", sentence) for sentence in removed),
        *(SentenceChange("unchanged", sentence) for sentence in unchanged),
    )
    if fresh and is_edit:
        return AlertDecision("edited", reported)
    if fresh and not was_reported:
        return AlertDecision("new" if history is None else "addition", reported)
    if removed:
        return AlertDecision("removed", reported)
    if now is None:
        return None
    return AlertDecision("pickup" if added and not fresh and not was_reported else "unchanged", reported)


def _removed(
    before: Match | None, text: MatchableText, history: AlertHistory | None, added: Sequence[MatchedSentence]
) -> list[MatchedSentence]:
    """Sentences that were deleted and not rewritten; a headline that matches replaces the one before."""
    known = history.removed if history is not None else frozenset()
    rewritten = _SentenceIndex([sentence.text for sentence in added])
    has_headline = any(sentence.column == "title" for sentence in added)
    return [
        sentence
        for sentence in (before.sentences if before is not None else ())
        if sentence.key not in text.keys
        and sentence.key not in known
        and not (has_headline and sentence.column == "title")
        and rewritten.source_of(sentence.text) is None
    ]


class _SentenceIndex:
    """Sentences among which the source of an edited sentence is looked up."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words = [shingle_words(text) for text in texts]
        self._with_word: dict[str, list[int]] = defaultdict(list)
        for place, own in enumerate(self._words):
            for word in set(own):
                self._with_word[word].append(place)

    def source_of(self, sentence: str) -> str | None:
        """The most similar sentence; None if none is similar enough."""
        own = shingle_words(sentence)
        likeness = {
            place: difflib.SequenceMatcher(None, own, self._words[place], autojunk=False).ratio()
            for place in self._candidates(own)
        }
        best = max(likeness, key=likeness.__getitem__, default=None)
        return self._texts[best] if best is not None and likeness[best] >= SAME_SENTENCE else None

    def _candidates(self, own: Iterable[str]) -> list[int]:
        shared = Counter(
            place for word in set(own) if len(at := self._with_word.get(word, ())) <= COMMON_WORD for place in at
        )
        return [place for place, _ in shared.most_common(COMPARED_SENTENCES)]
