"""A text that is matched, and what was found in it: sentences, the words that hit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crawler.config.topics import Scope
from crawler.text.sentences import split_paragraphs, split_sentences
from crawler.text.shingles import shingle_words
from crawler.text.tokenizer import APOSTROPHES, SEPARATOR, is_indexed_as_written, normalize_token

MATCHED_COLUMNS = ("title", "lead", "byline", "text")
MAX_PATTERN_TEXT = ("title", "lead", "text")
"""Columns that have sentences."""
OPEN, CLOSE = "\ue001", "\ue002"
"""Marks around a hit. From the private use area, which is taken out of texts before they are matched."""
MASK = "\ue000"
"""A letter to FTS5 that no query has."""
_PRIVATE = re.compile("[\ue000-\ue002]")
_WORD = re.compile(rf"[^\W_{APOSTROPHES}]+")


@dataclass(frozen=True)
class MatchableText:
    """What is matched: the text of one revision."""

    id: int
    source: str = ""
    language: str | None = None
    section: str | None = None
    title: str = ""
    lead: str = ""
    byline: str = ""
    text: str = ""

    @cached_property
    def sentences(self) -> tuple[tuple[str, int, str], ...]:
        """Column, place in it, sentence; in reading order."""
        return tuple(
            (column, start, sentence)
            for column in MAX_PATTERN_TEXT
            for start, sentence in split_sentences(getattr(self, column), self.language)
        )

    @cached_property
    def is_indexed_as_written(self) -> bool:
        """Whether its words need neither be folded nor be set apart."""
        return all(is_indexed_as_written(getattr(self, column)) for column in MATCHED_COLUMNS)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Of all its sentences and of the byline, see `Sentence.key`."""
        return frozenset((key_of(self.byline), *(key_of(sentence) for _, _, sentence in self.sentences)))

    def units(self, scope: Scope) -> Iterator[tuple[str, int, str]]:
        """The rows in which a topic of that scope must find everything: column, place in it, text."""
        if scope == "sentence":
            yield from self.sentences
        else:
            for column in MAX_PATTERN_TEXT:
                for start, paragraph in split_paragraphs(getattr(self, column)):
                    yield column, start, paragraph


@dataclass(frozen=True, slots=True)
class MatchedSentence:
    """A sentence that holds words of a match."""

    column: str
    text: str
    spans: tuple[tuple[int, int], ...]
    """Where in `text` the words stand that hit: from, to, in characters."""

    @property
    def key(self) -> str:
        """Equal for sentences that differ in nothing but case, signs and spaces."""
        return key_of(self.text)

    @property
    def hits(self) -> tuple[str, ...]:
        """The words, as written."""
        return tuple(self.text[start:end] for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Match:
    """A topic found in a text."""

    topic: str
    text: int
    sentences: tuple[MatchedSentence, ...]

    @property
    def words(self) -> frozenset[str]:
        """The distinct words that hit, folded."""
        return frozenset(normalize_token(hit) for sentence in self.sentences for hit in sentence.hits)


def key_of(sentence: str) -> str:
    return " ".join(shingle_words(sentence))


def masked(text: MatchableText, case_sensitive: Sequence[str]) -> MatchableText:
    """The text without the words that are written otherwise than `case` says; places stay."""
    exact = frozenset(case_sensitive)
    meant = {normalize_token(word) for word in case_sensitive}

    def replaced(found: re.Match[str]) -> str:
        word = found[0]
        return MASK * len(word) if word not in exact and normalize_token(word) in meant else word

    return _with(text, {name: _WORD.sub(replaced, getattr(text, name)) for name in MATCHED_COLUMNS})


def without_private(text: MatchableText) -> MatchableText:
    """Characters that mean something to us are none in a text; places stay."""
    if not any(_PRIVATE.search(getattr(text, name)) or SEPARATOR in getattr(text, name) for name in MATCHED_COLUMNS):
        return text
    return _with(
        text, {name: _PRIVATE.sub("\uf8fe", getattr(text, name)).replace(SEPARATOR, " ") for name in MATCHED_COLUMNS}
    )


def _with(text: MatchableText, parts: dict[str, Any]) -> MatchableText:
    return replace(text, **parts)
