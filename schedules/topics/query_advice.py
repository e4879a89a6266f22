"""What the checker advises on a topic's words: the prefix that covers a word's forms, and words that are never found."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from crawler.archive.articles.vocabulary import Term
from crawler.config.topics import Topic
from crawler.search.query_ast import Phrase, positive_phrases
from crawler.text.tokenizer import is_unspaced, normalize_token, tokenize

MIN_PREFIX = 4
"""Letters of a prefix that is proposed: `war*` finds warm, warn and Warsaw."""
MAX_ADVICE = 6

_STEMMERS = (("english", re.compile(r"[a-z]+")), ("russian", re.compile(r"[а-яёіїєґ]+")))
"""By script: a stem only proposes where to cut, what the archive holds under it decides."""


class Words(Protocol):
    """`crawler.archive.articles.vocabulary.Vocabulary`, or none."""

    def beginning_with(self, prefix: str, *, limit: int = 1000) -> list[Term]: ...
    def revisions_with(self, word: str) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Words of a topic that could find more."""

    words: tuple[str, ...]
    """That begin so."""
    prefix: str
    """To be written in its place, with a `*`."""
    gains: tuple[Term, ...]
    """What the archive holds under the prefix and the query does not find yet, the most frequent first."""

    def __str__(self) -> str:
        shown = ", ".join(f"{term.word} {term.revisions}" for term in self.gains[:MAX_ADVICE])
        more = f" and {len(self.gains) - MAX_ADVICE} more" if len(self.gains) > MAX_ADVICE else ""
        return f"{', '.join(self.words)} → {self.prefix}* would also find {shown}{more}"


def advice(topic: Topic, words: Words) -> Iterator[Advice]:
    """Words whose other forms the archive holds and the query does not name."""
    all_phrases = list(positive_phrases(topic.node, excluded=True))
    named = {normalize_token(word) for phrase in all_phrases for word in _words(phrase)}
    prefixes = {
        normalize_token(_words(phrase)[-1]) for phrase in all_phrases if phrase.prefix and len(_words(phrase)) == 1
    }
    forms: dict[str, list[str]] = {}
    for word in dict.fromkeys(
        normalize_token(_words(phrase)[0]) for phrase in positive_phrases(topic.node) if _is_plain(phrase)
    ):
        prefix = prefix_of(word)
        if prefix is not None and not any(word.startswith(known) for known in prefixes):
            forms.setdefault(prefix, []).append(word)
    for prefix, own in forms.items():
        gains = tuple(
            term
            for term in words.beginning_with(prefix)
            if term.word not in named and not any(term.word.startswith(known) for known in prefixes)
        )
        if gains:
            yield Advice(words=tuple(own), prefix=prefix, gains=gains)


def never_found(topic: Topic, words: Words) -> list[str]:
    """Single words and beginnings that the archive does not hold at all."""
    missing = []
    for phrase in positive_phrases(topic.node):
        single = _words(phrase)
        if len(single) != 1 or is_unspaced(single[0]):
            continue
        word = normalize_token(single[0])
        if not (words.beginning_with(word, limit=1) if phrase.prefix else words.revisions_with(word)):
            missing.append(single[0] + "*" * phrase.prefix)
    return list(dict.fromkeys(missing))


def prefix_of(word: str) -> str | None:
    """Where to cut a folded word so that its other forms begin so; None where it is as short as it can be."""
    for language, letters in _STEMMERS:
        if letters.fullmatch(word):
            stem = str(_stemmer(language).stemWord(word))
            length = next(
                (n for n, (a, b) in enumerate(zip(word, stem, strict=False)) if a != b), min(len(word), len(stem))
            )
            return word[:length] if MIN_PREFIX <= length < len(word) else None
    return None


@functools.cache
def _stemmer(language: str):  # type: ignore[no-untyped-def]  # snowballstemmer has no types
    import snowballstemmer

    return snowballstemmer.stemmer(language)


def _is_plain(phrase: Phrase) -> bool:
    return not phrase.prefix and len(_words(phrase)) == 1


def _words(phrase: Phrase) -> Sequence[str]:
    return [word for part in phrase.parts for word in tokenize(part)] or [""]
