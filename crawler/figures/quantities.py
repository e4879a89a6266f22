"""Find numbers, ranges, shares and orders of magnitude among the tokens of a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from crawler.figures.claim import Modifier
from crawler.figures.tokens import FigureToken
from crawler.figures.vocabulary import FigureVocabulary

_DASHES = frozenset("-–—−")
_CURRENCIES = frozenset("$€£₴₽")
_YEARS = range(1900, 2101)
_OLDEST = 120
_SMALL = 1000
"""Below it, "2" of "2-3 thousand" takes the multiplier of the number after it."""


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


def find_quantities(tokens: Sequence[FigureToken], words: FigureVocabulary) -> list[Quantity]:
    """The quantities of a sentence, in order."""
    keys = [token.key for token in tokens]
    found: list[Quantity] = []
    place = 0
    while place < len(tokens):
        quantity = _quantity_at(tokens, keys, place, words)
        if quantity is None:
            place += 1
            continue
        found.append(quantity)
        place = quantity.last + 1
    return [_qualified(tokens, keys, one, words) for one in found]


def _quantity_at(
    tokens: Sequence[FigureToken], keys: Sequence[str], place: int, words: FigureVocabulary
) -> Quantity | None:
    if "/" in tokens[place].text and tokens[place].kind == "number":
        dividend, divisor = map(int, tokens[place].text.split("/"))
        part = dividend / divisor
        return Quantity(first=place, last=place, number_first=place, low=0, high=0, share=part) if part < 1 else None
    fraction = words.fractions.at(keys, place)
    if fraction is not None:
        length, share = fraction
        following = (
            words.multipliers.at(keys, _after_article(keys, place + length, words))
            if place + length < len(keys)
            else None
        )
        if following is not None:  # half a million
            end = _after_article(keys, place + length, words) + following[0] - 1
            value = share * following[1]
            return Quantity(first=place, last=end, number_first=place, low=value, high=value)
        return Quantity(first=place, last=place + length - 1, number_first=place, low=0, high=0, share=share)
    magnitude = words.magnitudes.at(keys, place)
    qualified = words.modifiers.ending_at(keys, place)
    if magnitude is not None and magnitude[0] == 1 and words.inflects and qualified is not None:
        multiplier = words.multipliers.at(keys, place)  # близько тисячі: about one thousand
        magnitude = None if multiplier is not None else magnitude
    if magnitude is not None:
        length, (low, high) = magnitude
        return Quantity(
            first=place, last=place + length - 1, number_first=place, low=low, high=high, modifier="magnitude"
        )
    number = _number_at(tokens, keys, place, words)
    if number is None:
        return None
    last, value = number
    if last + 1 < len(tokens) and (
        keys[last + 1] == "%" or keys[last + 1] in ("percent", "процентов", "відсотків", "процента", "відсотки")
    ):
        return Quantity(first=place, last=last + 1, number_first=place, low=0, high=0, share=value / 100)
    high = _end_of_range(tokens, keys, place, last, words)
    if high is None:
        return Quantity(first=place, last=last, number_first=place, low=value, high=value)
    end, top = high
    if (
        value < _SMALL <= top
        and value < top / _SMALL * 1000
        and top % _SMALL == 0
        and _has_multiplier(keys, end, words)
    ):
        value *= _multiplier_at(keys, end, words)
    if top <= value:
        return Quantity(first=place, last=last, number_first=place, low=value, high=value)
    return Quantity(first=place, last=end, number_first=place, low=value, high=top)


def _number_at(
    tokens: Sequence[FigureToken], keys: Sequence[str], place: int, words: FigureVocabulary
) -> tuple[int, float] | None:
    """(last token, value) of a number in digits or words, with its multipliers; None if there is none."""
    token = tokens[place]
    if token.kind == "number":
        if token.value is None:
            return place, -1.0
        return _multiplied(tokens, keys, place, token.value, words)
    start = place
    if keys[place] in words.grammar["articles"]:
        place += 1
        if place >= len(keys) or words.multipliers.at(keys, place) is None:
            return None
        return _multiplied(tokens, keys, start, 1, words)
    written = _written_number(keys, place, words)
    if written is not None:
        return _multiplied(tokens, keys, written[0], written[1], words)
    multiplier = words.multipliers.at(keys, place)
    if multiplier is not None and words.inflects:
        return place, float(multiplier[1])
    return None


def _written_number(keys: Sequence[str], place: int, words: FigureVocabulary) -> tuple[int, float] | None:
    """Number words in a row: twenty-five, двадцять п'ять."""
    total, last, smallest = 0, -1, 10_000
    while place < len(keys):
        parts = [words.numbers.at([part], 0) for part in keys[place].split("-")] if "-" in keys[place] else []
        if parts and all(parts):
            value = sum(part[1] for part in parts if part is not None)
        else:
            found = words.numbers.at(keys, place)
            if found is None:
                break
            value = found[1]
        if last >= 0 and (value == 0 or len(str(value)) >= len(str(smallest)) or (smallest < 20)):
            break
        total, last, smallest = total + value, place, value if value % 10 == 0 and value else 1
        place += 1
    return (last, float(total)) if last >= 0 else None


def _multiplied(
    tokens: Sequence[FigureToken], keys: Sequence[str], last: int, value: float, words: FigureVocabulary
) -> tuple[int, float]:
    """Apply the multipliers after a number: four thousand, 3,7 млн, two hundred and fifty thousand."""
    while last + 1 < len(keys) and tokens[last + 1].kind == "word":
        found = words.multipliers.at(keys, last + 1)
        if found is None:
            break
        value, last = value * found[1], last + found[0]
        if last + 1 < len(keys) and keys[last + 1] == "." and last + 2 < len(keys):  # тис.
            last += 1
        rest = last + 1 + (last + 1 < len(keys) and keys[last + 1] == "and" and not words.inflects)
        written = _written_number(keys, rest, words) if rest < len(keys) else None
        if written is not None:  # two thousand five hundred
            end, rest_value = _multiplied(tokens, keys, *written, words)
            if rest_value < found[1]:
                last, value = end, value + rest_value
    return last, value


def _end_of_range(
    tokens: Sequence[FigureToken], keys: Sequence[str], first: int, last: int, words: FigureVocabulary
) -> tuple[int, float] | None:
    """(last token, value) of the second number of a range."""
    place = last + 1
    if place + 1 >= len(tokens):
        return None
    if keys[place] in _DASHES:
        if tokens[place].start != tokens[last].end and tokens[place + 1].start == tokens[place].end:
            return None
        return _number_at(tokens, keys, place + 1, words) if tokens[place + 1].kind == "number" else None
    if keys[place] not in words.ranges["to"]:
        return None
    before = keys[first - 1] if first else ""
    between = before in words.ranges["between"] or (first > 1 and keys[first - 2] in words.ranges["between"])
    from_to = before in words.ranges["from"] and not any(key in words.grammar["rise"] for key in keys)
    is_and = keys[place] in ("and", "і", "та", "й", "и")
    is_or = keys[place] in ("or", "або", "чи", "или")
    if not (between if is_and else is_or or from_to or (not words.inflects and before not in words.ranges["from"])):
        return None
    return _number_at(tokens, keys, place + 1, words)


def _has_multiplier(keys: Sequence[str], last: int, words: FigureVocabulary) -> bool:
    return _multiplier_at(keys, last, words) > 1


def _multiplier_at(keys: Sequence[str], last: int, words: FigureVocabulary) -> int:
    while last > 0 and keys[last] == ".":
        last -= 1
    found = words.multipliers.at(keys, last)
    return int(found[1]) if found is not None else 1


def _after_article(keys: Sequence[str], place: int, words: FigureVocabulary) -> int:
    return place + 1 if place + 1 < len(keys) and keys[place] in words.grammar["articles"] else place


def _qualified(tokens: Sequence[FigureToken], keys: Sequence[str], one: Quantity, words: FigureVocabulary) -> Quantity:
    """Add the modifier before or after a number, and whether it is a count."""
    first, last, modifier = one.first, one.last, one.modifier
    start = first
    while start and (
        keys[start - 1] in words.grammar["articles"]
        or keys[start - 1] in words.ranges["from"]
        or keys[start - 1] in words.ranges["between"]
    ):
        start -= 1
    before = words.modifiers.ending_at(keys, start)
    if before is None and start != first:
        before = words.modifiers.ending_at(keys, first)
    after = words.modifiers.at(keys, last + 1) if last + 1 < len(keys) else None
    if before is not None and before[1] == "up_to" and _is_destination(tokens, keys, before[0], words):
        before = None
    if before is not None and not (before[1] == "up_to" and one.low != one.high):
        first, modifier = before[0], modifier or cast("Modifier", before[1])
        again = words.modifiers.ending_at(keys, first)
        if again is not None and modifier == "about":
            first, modifier = again[0], cast("Modifier", again[1])
    elif after is not None and after[0] > 1 and keys[last + 1] == "or":
        last, modifier = last + after[0], modifier or cast("Modifier", after[1])
    return replace(one, first=first, last=last, modifier=modifier, is_count=_is_count(tokens, keys, one, words))


def _is_destination(tokens: Sequence[FigureToken], keys: Sequence[str], place: int, words: FigureVocabulary) -> bool:
    """Whether "до" before a number is "to", not "up to": "rose to 23", "from 31 to 45"."""
    if not place:
        return False
    return tokens[place - 1].kind == "number" or keys[place - 1] in words.grammar["rise_verbs"]


def _is_apposition(keys: Sequence[str], start: int, after: int) -> bool:
    """Whether a number is an age between commas ("Marchuk, 56, said") or the number of a list item ("3.")."""
    before = keys[start - 1] if start else ";"
    return after < len(keys) and (
        (before == "," and keys[after] == ",") or (before in (";", ":") and keys[after] == ".")
    )


def _is_count(tokens: Sequence[FigureToken], keys: Sequence[str], one: Quantity, words: FigureVocabulary) -> bool:
    if one.low < 0:
        return False
    start, after = one.number_first, one.last + 1
    if start and keys[start - 1] in ("№", "no"):  # "№ 5", "no one"
        return False
    if _is_apposition(keys, start, after) and one.low < _OLDEST:
        return False
    if start and (keys[start - 1] in _CURRENCIES or keys[start - 1] in words.grammar["months"]):
        return False
    if start > 1 and keys[start - 1] == "." and keys[start - 2] in words.grammar["months"]:
        return False
    if start and keys[start - 1] in (".", "-", "#", "/", "_") and tokens[start - 1].end == tokens[start].start:
        return False
    if start and tokens[start - 1].kind == "word" and tokens[start - 1].end == tokens[start].start:
        return False
    if after >= len(keys):
        return True
    touching = tokens[after].start == tokens[one.last].end
    if (
        touching
        and (keys[after] in ("-", "/", "°") or (tokens[after].kind == "word" and one.share is None))
        and one.high == one.low
    ):
        return False
    if words.grammar["not_counts"].at(keys, after) is not None:
        return False
    is_plain = (
        tokens[one.last].kind == "number" and len(tokens[one.last].text) == 4 and "," not in tokens[one.last].text
    )
    if is_plain and start and keys[start - 1] in ("at", "since", "until") and one.low == one.high:
        return False
    is_year = (
        one.low == one.high
        and one.low in _YEARS
        and tokens[one.last].kind == "number"
        and len(tokens[one.last].text) == 4
    )
    return not (is_year and words.units.at(keys, after) is None and tokens[after].kind != "word")
