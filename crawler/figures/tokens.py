"""Split a sentence into the tokens that the rules of figures compare."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.figures.vocabulary import token_key

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


def figure_tokens(sentence: str) -> list[FigureToken]:
    """The tokens of a sentence, in order."""
    return [_token(found) for found in _TOKEN.finditer(sentence)]


def _token(found: re.Match[str]) -> FigureToken:
    text, kind = found[0], str(found.lastgroup)
    if kind != "word":
        return FigureToken(text, found.start(), found.end(), kind, text)
    plain = _POSSESSIVE.sub("", text)
    return FigureToken(text, found.start(), found.end(), kind, token_key(plain), plain != text)
