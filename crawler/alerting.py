"""What a match is worth telling: an article that is new, what an edit added or took out, what a carrier adds. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.matchtext import Match, Sentence, Text, key_of
from crawler.wording import body, runs, words
from crawler.wording import sentences as rough_sentences

AlertKind = Literal["new", "edited", "removed", "addition"]
Kind = Literal["new", "edited", "removed", "addition", "carrier", "unchanged"]
ALERTED = frozenset({"new", "edited", "removed", "addition"})
Change = Literal["added", "removed", "there"]
LIKE = 0.5
"""Share of words in common from which one sentence was made from another; `difflib.get_close_matches` has 0.6 for words."""

IsKnown = Callable[[str], bool]
"""Whether a sentence stands in another article of the story already."""


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of an alert."""

    change: Change
    sentence: Sentence
    replaces: str | None = None
    """The sentence of the previous text that it was made from."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a topic found in a revision, next to what was there before."""

    kind: Kind
    sentences: tuple[Told, ...]


def known_in(texts: Iterable[str], *, reworded: bool) -> IsKnown:
    """A test for sentences that `texts` have: with `reworded` also in like words, but never with another figure.

    A carrier rewords what it took over, so that half of a sentence's runs of words make it known. An edit is told by the
    letter: the word that changed may be the news.
    """
    there: set[tuple[str, ...]] = set()
    whole: set[tuple[str, ...]] = set()
    figures: set[str] = set()
    for text in texts:
        plain = body(text)
        own = words(plain)
        there |= runs(own)
        figures |= _figures(own)
        whole |= {words(sentence) for sentence in rough_sentences(plain)}

    def is_known(sentence: str) -> bool:
        own = words(body(sentence))
        if own in whole:
            return True
        of_it = runs(own)
        return reworded and bool(of_it) and 2 * len(of_it & there) >= len(of_it) and _figures(own) <= figures

    return is_known


def _figures(of: Sequence[str]) -> set[str]:
    return {word for word in of if any(character.isdigit() for character in word)}


def finding_in_first(match: Match, *, is_known: IsKnown | None) -> Finding:
    """Of an article's first text. `is_known` where the topic told of another article of its story."""
    if is_known is None:
        return Finding("new", tuple(Told("added", sentence) for sentence in match.sentences))
    fresh = [sentence for sentence in match.sentences if not is_known(sentence.text)]
    rest = [sentence for sentence in match.sentences if sentence not in fresh]
    told = (*(Told("added", sentence) for sentence in fresh), *(Told("there", sentence) for sentence in rest))
    return Finding("addition" if fresh else "carrier", told)


def finding_in_later(
    now: Match | None,
    before: Match | None,
    text: Text,
    previous: Text,
    *,
    was_told: bool,
    is_edit: bool,
    is_known: IsKnown | None,
) -> Finding | None:
    """Of a later text. None where the topic finds nothing and lost nothing.

    `was_told`: the topic told of this article already. `is_edit`: the publisher changed the page; False where the same
    page was read again by a better reader, which is no news, but may show for the first time what was there all along.
    """
    gone = [sentence for _, _, sentence in previous.sentences if key_of(sentence) not in text.keys]
    added = [sentence for sentence in now.sentences if sentence.key not in previous.keys] if now else []
    if now is not None and before is None and not added:
        added = list(now.sentences)  # what forbade the match has gone
    removed = [sentence for sentence in before.sentences if sentence.key not in text.keys] if before else []
    fresh = [sentence for sentence in added if is_known is None or not is_known(sentence.text)]
    there = [sentence for sentence in now.sentences if sentence not in fresh] if now else []
    told = (
        *(Told("added", sentence, _made_from(sentence.text, gone)) for sentence in fresh),
        *(Told("removed", sentence) for sentence in removed if not _was_rewritten(sentence, fresh)),
        *(Told("there", sentence) for sentence in there),
    )
    if fresh and (is_edit or not was_told):
        return Finding("edited" if is_edit else "new", told)
    if removed and is_edit and was_told:
        return Finding("removed", told)
    if now is None:
        return None
    return Finding("carrier" if added and not fresh and not was_told else "unchanged", told)


def _made_from(sentence: str, gone: Sequence[str]) -> str | None:
    """The sentence that has gone and is most like this one."""
    likeness = {other: _likeness(sentence, other) for other in gone}
    best = max(likeness, key=likeness.__getitem__, default=None)
    return best if best is not None and likeness[best] >= LIKE else None


def _was_rewritten(sentence: Sentence, fresh: Iterable[Sentence]) -> bool:
    return any(_likeness(sentence.text, other.text) >= LIKE for other in fresh)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, words(one), words(other), autojunk=False).ratio()
