"""A text that is matched, and what was found in it: sentences, the words that hit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crawler.sentences import paragraphs, sentences
from crawler.topics import Scope
from crawler.wording import words
from crawler.words import APOSTROPHES, SEPARATOR, compared, is_indexed_as_written

COLUMNS = ("title", "lead", "byline", "text")
READ = ("title", "lead", "text")
"""Columns that have sentences."""
OPEN, CLOSE = "\ue001", "\ue002"
"""Marks around a hit. From the private use area, which is taken out of texts before they are matched."""
MASK = "\ue000"
"""A letter to FTS5 that no query has."""
_PRIVATE = re.compile("[\ue000-\ue002]")
_WORD = re.compile(rf"[^\W_{APOSTROPHES}]+")


@dataclass(frozen=True)
class Text:
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
            for column in READ
            for start, sentence in sentences(getattr(self, column), self.language)
        )

    @cached_property
    def is_indexed_as_written(self) -> bool:
        """Whether its words need neither be folded nor be set apart."""
        return all(is_indexed_as_written(getattr(self, column)) for column in COLUMNS)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Of all its sentences and of the byline, see `Sentence.key`."""
        return frozenset((key_of(self.byline), *(key_of(sentence) for _, _, sentence in self.sentences)))

    def units(self, scope: Scope) -> Iterator[tuple[str, int, str]]:
        """The rows in which a topic of that scope must find everything: column, place in it, text."""
        if scope == "sentence":
            yield from self.sentences
        else:
            for column in READ:
                for start, paragraph in paragraphs(getattr(self, column)):
                    yield column, start, paragraph


@dataclass(frozen=True, slots=True)
class Sentence:
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
    sentences: tuple[Sentence, ...]

    @property
    def words(self) -> frozenset[str]:
        """The distinct words that hit, folded."""
        return frozenset(compared(hit) for sentence in self.sentences for hit in sentence.hits)


def key_of(sentence: str) -> str:
    return " ".join(words(sentence))


def masked(text: Text, case: Sequence[str]) -> Text:
    """The text without the words that are written otherwise than `case` says; places stay."""
    exact = frozenset(case)
    meant = {compared(word) for word in case}

    def replaced(found: re.Match[str]) -> str:
        word = found[0]
        return MASK * len(word) if word not in exact and compared(word) in meant else word

    return _with(text, {name: _WORD.sub(replaced, getattr(text, name)) for name in COLUMNS})


def without_private(text: Text) -> Text:
    """Characters that mean something to us are none in a text; places stay."""
    if not any(_PRIVATE.search(getattr(text, name)) or SEPARATOR in getattr(text, name) for name in COLUMNS):
        return text
    return _with(text, {name: _PRIVATE.sub("\uf8fe", getattr(text, name)).replace(SEPARATOR, " ") for name in COLUMNS})


def _with(text: Text, parts: dict[str, Any]) -> Text:
    return replace(text, **parts)
