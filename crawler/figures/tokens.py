"""Split a sentence into the tokens that the rules of figures compare."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.figures.vocabulary import FigureVocabulary, token_key

_TOKEN = re.compile(
    r"(?P<number>[1-9]/[2-9](?![\d/])|\d{1,3}(?:[,.\u00a0\u202f\u2009 ]\d{3})+(?![\d])(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,:]\d+)*)"
    r"|(?P<word>[^\W\d_]\.(?:[^\W\d_]\.)+|[^\W\d_]\w*(?:['’ʼ`-]\w+)*)"
    r"|(?P<sign>[^\s\w])"
)
_GROUPING = re.compile(r"[,.\u00a0\u202f\u2009 ](?=\d{3}(?:\D|$))")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FigureToken:
    """A word, a number or a punctuation mark."""

    text: str
    start: int
    end: int
    kind: str
    """number, word or sign."""
    key: str
    """The form in which words are compared, without a possessive 's."""
    is_possessive: bool = False

    @property
    def value(self) -> float | None:
        """The value of a number in digits; None for words, times such as 19:30 and codes such as 1.2.3."""
        if self.kind != "number" or ":" in self.text:
            return None
        plain = _GROUPING.sub("", self.text) if self.text[0] != "0" else self.text
        try:
            return float(plain.replace(",", "."))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class SentenceText:
    """A sentence with its tokens, and the vocabulary with which its figures are read."""

    sentence: str
    tokens: Sequence[FigureToken]
    keys: Sequence[str]
    """Of the tokens, in the same order."""
    words: FigureVocabulary


def sentence_text(sentence: str, words: FigureVocabulary) -> SentenceText:
    """The sentence, split into tokens."""
    tokens = [_token(found) for found in _TOKEN.finditer(sentence)]
    return SentenceText(sentence, tokens, [token.key for token in tokens], words)


def _token(found: re.Match[str]) -> FigureToken:
    text, kind = found[0], str(found.lastgroup)
    if kind != "word":
        return FigureToken(text, found.start(), found.end(), kind, text)
    plain = _POSSESSIVE.sub("", text)
    return FigureToken(text, found.start(), found.end(), kind, token_key(plain), plain != text)
