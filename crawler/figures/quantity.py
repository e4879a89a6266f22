"""A number of a sentence, and whether it counts something: dates, ages, measures and names with numbers do not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.figures.claim import Modifier
from crawler.figures.tokens import SentenceText

DASHES = frozenset("-–—−")
_CURRENCIES = frozenset("$€£₴₽")
_YEARS = range(1900, 2101)
_OLDEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number in a sentence."""

    first: int
    last: int
    """Tokens, with the modifier; `last` is the last one."""
    number_first: int
    """Its first token without the modifier before it."""
    low: float
    high: float
    share: float | None = None
    modifier: Modifier | None = None
    is_count: bool = True
    """False for dates, ages, times, measures and amounts of money."""


def is_count(text: SentenceText, one: Quantity) -> bool:
    """Whether a number counts people or things."""
    if one.low < 0:
        return False
    start, after = one.number_first, one.last + 1
    if start and text.keys[start - 1] in ("№", "no", "ни", "ні"):  # "№ 5", "no one", "ни один"
        return False
    if _is_designation(text, one) or (start and text.keys[start - 1] in text.words.grammar["designations"]):
        return False
    if _is_apposition(text.keys, start, after) and one.low < _OLDEST:
        return False
    if start and (text.keys[start - 1] in _CURRENCIES or text.keys[start - 1] in text.words.grammar["months"]):
        return False
    if start > 1 and text.keys[start - 1] == "." and text.keys[start - 2] in text.words.grammar["months"]:
        return False
    if (
        start
        and text.keys[start - 1] in (".", "-", "#", "/", "_")
        and text.tokens[start - 1].end == text.tokens[start].start
    ):
        return False
    if start and text.tokens[start - 1].kind == "word" and text.tokens[start - 1].end == text.tokens[start].start:
        return False
    if after >= len(text.keys):
        return True
    touching = text.tokens[after].start == text.tokens[one.last].end
    if (
        touching
        and (text.keys[after] in ("-", "/", "°") or (text.tokens[after].kind == "word" and one.share is None))
        and one.high == one.low
    ):
        return False
    if text.words.grammar["not_counts"].at(text.keys, after) is not None:
        return False
    is_plain = (
        text.tokens[one.last].kind == "number"
        and len(text.tokens[one.last].text) == 4
        and "," not in text.tokens[one.last].text
    )
    if is_plain and start and text.keys[start - 1] in ("at", "since", "until") and one.low == one.high:
        return False
    is_year = (
        one.low == one.high
        and one.low in _YEARS
        and text.tokens[one.last].kind == "number"
        and len(text.tokens[one.last].text) == 4
    )
    return not (is_year and text.words.units.at(text.keys, after) is None and text.tokens[after].kind != "word")


def _is_designation(text: SentenceText, one: Quantity) -> bool:
    """Whether a number belongs to the name before it and ends the phrase: "the crash of Flight 171, …"."""
    start, after = one.number_first, one.last + 1
    if start < 2 or text.tokens[one.last].kind != "number" or one.first != start or one.share is not None:
        return False
    before = text.tokens[start - 1]
    is_name = before.kind == "word" and before.text[0].isupper() and text.tokens[start - 2].kind == "word"
    return is_name and after < len(text.keys) and text.tokens[after].kind == "sign" and text.keys[after] not in DASHES


def _is_apposition(keys: Sequence[str], start: int, after: int) -> bool:
    """Whether a number is an age between commas ("Marchuk, 56, said") or the number of a list item ("3.")."""
    before = keys[start - 1] if start else ";"
    return after < len(keys) and (
        (before == "," and keys[after] == ",") or (before in (";", ":") and keys[after] == ".")
    )
