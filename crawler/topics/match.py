"""Types of the matcher: the text to match, and the sentences and words that matched. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from crawler.config.topic_tables import Scope
from crawler.text.sentences import split_paragraphs, split_sentences
from crawler.text.shingles import shingle_words
from crawler.text.tokenizer import APOSTROPHES, SEPARATOR, is_indexed_as_written, normalize_token

MATCHED_COLUMNS = ("title", "lead", "byline", "text")
SENTENCE_COLUMNS = ("title", "lead", "text")
"""Columns that consist of sentences."""
OPEN, CLOSE = "\ue001", "\ue002"
"""Marks around a matched word, from the private use area, which is removed from texts before matching."""
MASK = "\ue000"
"""Replaces letters of masked words: FTS5 takes it for a letter, and no query contains it."""
_PRIVATE = re.compile("[\ue000-\ue002]")
_OF_WORD = rf"[^\W_{APOSTROPHES}]"
_WORD = re.compile(f"{_OF_WORD}+")


@dataclass(frozen=True)
class MatchableText:
    """The text of one revision."""

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
        """(column, offset, sentence) in reading order."""
        return tuple(
            (column, start, sentence)
            for column in SENTENCE_COLUMNS
            for start, sentence in split_sentences(getattr(self, column), self.language)
        )

    @cached_property
    def is_indexed_as_written(self) -> bool:
        """Whether no column needs folding or segmentation."""
        return all(is_indexed_as_written(getattr(self, column)) for column in MATCHED_COLUMNS)

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of all sentences and of the byline, see `MatchedSentence.key`."""
        return frozenset((key_of(self.byline), *(key_of(sentence) for _, _, sentence in self.sentences)))

    def units(self, scope: Scope) -> Iterator[tuple[str, int, str]]:
        """(column, offset, text) of the sentences or paragraphs in which a topic must match."""
        if scope == "sentence":
            yield from self.sentences
        else:
            for column in SENTENCE_COLUMNS:
                for start, paragraph in split_paragraphs(getattr(self, column)):
                    yield column, start, paragraph


@dataclass(frozen=True, slots=True)
class MatchedSentence:
    """A sentence with matched words."""

    column: str
    text: str
    spans: tuple[tuple[int, int], ...]
    """(start, end) of the matched words in `text`, in characters."""

    @property
    def key(self) -> str:
        """Equal for sentences that differ only in case, punctuation and spaces."""
        return key_of(self.text)

    @property
    def hits(self) -> tuple[str, ...]:
        """The matched words, as written."""
        return tuple(self.text[start:end] for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Match:
    """A match of a topic in a text."""

    topic: str
    text: int
    sentences: tuple[MatchedSentence, ...]

    @property
    def words(self) -> frozenset[str]:
        """The distinct matched words, folded."""
        return frozenset(normalize_token(hit) for sentence in self.sentences for hit in sentence.hits)


def key_of(sentence: str) -> str:
    return " ".join(shingle_words(sentence))


def masked(text: MatchableText, case_sensitive: Sequence[str]) -> MatchableText:
    """The text with words masked that differ from `case_sensitive` in case only; offsets stay the same."""
    exact = frozenset(case_sensitive)
    folded = {normalize_token(word) for word in case_sensitive}

    def replaced(found: re.Match[str]) -> str:
        word = found[0]
        return MASK * len(word) if word not in exact and normalize_token(word) in folded else word

    return _with_columns(text, {name: _WORD.sub(replaced, getattr(text, name)) for name in MATCHED_COLUMNS})


def without_words(text: MatchableText, words: Sequence[str]) -> MatchableText:
    """The text with these words masked in any case; offsets stay the same. Words as in `Match.words`."""
    folded = set(words)

    def without(column: str) -> str:
        written = [re.escape(word) for word in set(_WORD.findall(column)) if normalize_token(word) in folded]
        if not written:
            return column
        # A function for each word of the text would take ten times as long.
        pattern = rf"(?<!{_OF_WORD})(?:{'|'.join(written)})(?!{_OF_WORD})"
        return re.sub(pattern, lambda found: MASK * len(found[0]), column)

    return _with_columns(text, {name: without(getattr(text, name)) for name in MATCHED_COLUMNS})


def without_private(text: MatchableText) -> MatchableText:
    """The text without the characters that the matcher uses as marks; offsets stay the same."""
    if not any(_PRIVATE.search(getattr(text, name)) or SEPARATOR in getattr(text, name) for name in MATCHED_COLUMNS):
        return text
    cleaned = {name: _PRIVATE.sub("\uf8fe", getattr(text, name)).replace(SEPARATOR, " ") for name in MATCHED_COLUMNS}
    return _with_columns(text, cleaned)


def _with_columns(text: MatchableText, columns: Mapping[str, str]) -> MatchableText:
    return replace(text, title=columns["title"], lead=columns["lead"], byline=columns["byline"], text=columns["text"])
