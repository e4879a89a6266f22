"""Advice on the words of a topic: prefixes that cover more forms of a word, and words that are never found."""

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
"""Least number of letters of a proposed prefix: `war*` would match warm, warn and Warsaw."""
MAX_ADVICE = 6

_STEMMERS = (("english", re.compile(r"[a-z]+")), ("russian", re.compile(r"[а-яёіїєґ]+")))
"""Stemmers by script. A stem only suggests a prefix; it is proposed if it matches words in the archive."""


class Words(Protocol):
    """The interface of `crawler.archive.articles.vocabulary.Vocabulary`."""

    def beginning_with(self, prefix: str, *, limit: int = 1000) -> list[Term]: ...
    def revisions_with(self, word: str) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A prefix that would match more articles than words of a topic."""

    words: tuple[str, ...]
    """The words of the topic that begin with the prefix."""
    prefix: str
    """The prefix that replaces them, without its `*`."""
    gains: tuple[Term, ...]
    """Words in the archive that the prefix matches and the query does not, the most frequent first."""

    def __str__(self) -> str:
        shown = ", ".join(f"{term.word} {term.revisions}" for term in self.gains[:MAX_ADVICE])
        more = f" and {len(self.gains) - MAX_ADVICE} more" if len(self.gains) > MAX_ADVICE else ""
        return f"{', '.join(self.words)} → {self.prefix}* would also find {shown}{more}"


def advice(topic: Topic, words: Words) -> Iterator[Advice]:
    """Yield advice for words of which the archive contains forms that the query does not match."""
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
    """Return the single words and prefixes that do not occur in the archive."""
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
    """Return the common prefix of the forms of a folded word; None if it is too short or the whole word."""
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
