"""Find numbers, ranges, shares and orders of magnitude among the tokens of a sentence. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from crawler.figures.claim import Modifier
from crawler.figures.quantity import DASHES, Quantity, is_count
from crawler.figures.tokens import SentenceText

_SMALL = 1000
"""Below it, "2" of "2-3 thousand" takes the multiplier of the number after it."""


def find_quantities(text: SentenceText) -> list[Quantity]:
    """The quantities of a sentence, in order."""
    found: list[Quantity] = []
    place = 0
    while place < len(text.tokens):
        quantity = _quantity_at(text, place)
        if quantity is None:
            place += 1
            continue
        found.append(quantity)
        place = quantity.last + 1
    return [_qualified(text, one) for one in found]


def _quantity_at(text: SentenceText, place: int) -> Quantity | None:
    if "/" in text.tokens[place].text and text.tokens[place].kind == "number":
        dividend, divisor = map(int, text.tokens[place].text.split("/"))
        part = dividend / divisor
        return Quantity(first=place, last=place, number_first=place, low=0, high=0, share=part) if part < 1 else None
    fraction = text.words.fractions.at(text.keys, place)
    if fraction is not None:
        length, share = fraction
        following = (
            text.words.multipliers.at(text.keys, _after_article(text, place + length))
            if place + length < len(text.keys)
            else None
        )
        if following is not None:  # half a million
            end = _after_article(text, place + length) + following[0] - 1
            value = share * following[1]
            return Quantity(first=place, last=end, number_first=place, low=value, high=value)
        return Quantity(first=place, last=place + length - 1, number_first=place, low=0, high=0, share=share)
    magnitude = text.words.magnitudes.at(text.keys, place)
    qualified = text.words.modifiers.ending_at(text.keys, place)
    if magnitude is not None and magnitude[0] == 1 and text.words.inflects and qualified is not None:
        multiplier = text.words.multipliers.at(text.keys, place)  # близько тисячі: about one thousand
        magnitude = None if multiplier is not None else magnitude
    if magnitude is not None:
        length, (low, high) = magnitude
        return Quantity(
            first=place, last=place + length - 1, number_first=place, low=low, high=high, modifier="magnitude"
        )
    number = _number_at(text, place)
    if number is None:
        return None
    last, value = number
    if last + 1 < len(text.tokens) and (
        text.keys[last + 1] == "%"
        or text.keys[last + 1] in ("percent", "процентов", "відсотків", "процента", "відсотки")
    ):
        return Quantity(first=place, last=last + 1, number_first=place, low=0, high=0, share=value / 100)
    high = _end_of_range(text, place, last)
    if high is None:
        return Quantity(first=place, last=last, number_first=place, low=value, high=value)
    end, top = high
    if value < _SMALL <= top and value < top / _SMALL * 1000 and top % _SMALL == 0 and _has_multiplier(text, end):
        value *= _multiplier_at(text, end)
    if top <= value:
        return Quantity(first=place, last=last, number_first=place, low=value, high=value)
    return Quantity(first=place, last=end, number_first=place, low=value, high=top)


def _number_at(text: SentenceText, place: int) -> tuple[int, float] | None:
    """(last token, value) of a number in digits or words, with its multipliers; None if there is none."""
    token = text.tokens[place]
    if token.kind == "number":
        if token.value is None:
            return place, -1.0
        return _multiplied(text, place, token.value)
    start = place
    if text.keys[place] in text.words.grammar["articles"]:
        place += 1
        if place >= len(text.keys) or text.words.multipliers.at(text.keys, place) is None:
            return None
        return _multiplied(text, start, 1)
    written = _written_number(text, place)
    if written is not None:
        return _multiplied(text, written[0], written[1])
    multiplier = text.words.multipliers.at(text.keys, place)
    if multiplier is not None and text.words.inflects:
        return place, float(multiplier[1])
    return None


def _written_number(text: SentenceText, place: int) -> tuple[int, float] | None:
    """Number words in a row: twenty-five, двадцять п'ять."""
    total, last, smallest = 0, -1, 10_000
    while place < len(text.keys):
        length = 1
        parts = (
            [text.words.numbers.at([part], 0) for part in text.keys[place].split("-")]
            if "-" in text.keys[place]
            else []
        )
        if parts and all(parts):
            value = sum(part[1] for part in parts if part is not None)
        else:
            found = text.words.numbers.at(text.keys, place)
            if found is None:
                break
            length, value = found
        if last >= 0 and (value == 0 or len(str(value)) >= len(str(smallest)) or (smallest < 20)):
            break
        place += length
        total, last, smallest = total + value, place - 1, value if value % 10 == 0 and value else 1
    return (last, float(total)) if last >= 0 else None


def _multiplied(text: SentenceText, last: int, value: float) -> tuple[int, float]:
    """Apply the multipliers after a number: four thousand, 3,7 млн, two hundred and fifty thousand."""
    while last + 1 < len(text.keys) and text.tokens[last + 1].kind == "word":
        found = text.words.multipliers.at(text.keys, last + 1)
        if found is None:
            break
        value, last = value * found[1], last + found[0]
        if last + 1 < len(text.keys) and text.keys[last + 1] == "." and last + 2 < len(text.keys):  # тис.
            last += 1
        rest = last + 1 + (last + 1 < len(text.keys) and text.keys[last + 1] == "and" and not text.words.inflects)
        written = _written_number(text, rest) if rest < len(text.keys) else None
        if written is not None:  # two thousand five hundred
            end, rest_value = _multiplied(text, *written)
            if rest_value < found[1]:
                last, value = end, value + rest_value
    return last, value


def _end_of_range(text: SentenceText, first: int, last: int) -> tuple[int, float] | None:
    """(last token, value) of the second number of a range."""
    place = last + 1
    if place + 1 >= len(text.tokens):
        return None
    if text.keys[place] in DASHES:
        if text.tokens[place].start != text.tokens[last].end and text.tokens[place + 1].start == text.tokens[place].end:
            return None
        return _number_at(text, place + 1) if text.tokens[place + 1].kind == "number" else None
    if text.keys[place] not in text.words.ranges["to"]:
        return None
    before = text.keys[first - 1] if first else ""
    between = before in text.words.ranges["between"] or (
        first > 1 and text.keys[first - 2] in text.words.ranges["between"]
    )
    from_to = before in text.words.ranges["from"] and not any(key in text.words.grammar["rise"] for key in text.keys)
    is_and = text.keys[place] in ("and", "і", "та", "й", "и")
    is_or = text.keys[place] in ("or", "або", "чи", "или")
    if not (
        between if is_and else is_or or from_to or (not text.words.inflects and before not in text.words.ranges["from"])
    ):
        return None
    return _number_at(text, place + 1)


def _has_multiplier(text: SentenceText, last: int) -> bool:
    return _multiplier_at(text, last) > 1


def _multiplier_at(text: SentenceText, last: int) -> int:
    while last > 0 and text.keys[last] == ".":
        last -= 1
    found = text.words.multipliers.at(text.keys, last)
    return int(found[1]) if found is not None else 1


def _after_article(text: SentenceText, place: int) -> int:
    return place + 1 if place + 1 < len(text.keys) and text.keys[place] in text.words.grammar["articles"] else place


def _qualified(text: SentenceText, one: Quantity) -> Quantity:
    """Add the modifier before or after a number, and whether it is a count."""
    first, last, modifier = one.first, one.last, one.modifier
    start = first
    while start and (
        text.keys[start - 1] in text.words.grammar["articles"]
        or text.keys[start - 1] in text.words.ranges["from"]
        or text.keys[start - 1] in text.words.ranges["between"]
    ):
        start -= 1
    before = text.words.modifiers.ending_at(text.keys, start)
    if before is None and start != first:
        before = text.words.modifiers.ending_at(text.keys, first)
    after = text.words.modifiers.at(text.keys, last + 1) if last + 1 < len(text.keys) else None
    if before is not None and before[1] == "up_to" and _is_destination(text, before[0]):
        before = None
    if before is not None and _ends_outcome(text, before[0]):
        before = None
    if before is not None and not (before[1] == "up_to" and one.low != one.high):
        first, modifier = before[0], modifier or cast("Modifier", before[1])
        again = text.words.modifiers.ending_at(text.keys, first)
        if again is not None and modifier == "about":
            first, modifier = again[0], cast("Modifier", again[1])
    elif after is not None and after[0] > 1 and text.keys[last + 1] == "or":
        last, modifier = last + after[0], modifier or cast("Modifier", after[1])
    return replace(one, first=first, last=last, modifier=modifier, is_count=is_count(text, one))


def _ends_outcome(text: SentenceText, place: int) -> bool:
    """Whether the word before a number is the end of an outcome: "handed over 19 jets"."""
    found = text.words.outcomes.at(text.keys, place - 1) if place else None
    return found is not None and found[0] > 1


def _is_destination(text: SentenceText, place: int) -> bool:
    """Whether "до" before a number is "to", not "up to": "rose to 23", "from 31 to 45"."""
    if not place:
        return False
    return text.tokens[place - 1].kind == "number" or text.keys[place - 1] in text.words.grammar["rise_verbs"]
