"""Find what a number counts: the noun after it, or the one that the sentence named before. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.figures.quantity import Quantity
from crawler.figures.tokens import SentenceText

PEOPLE_UNITS = frozenset(
    "troops fighters police prisoners civilians children women journalists refugees people".split()
)
"""Units of persons; all other units are things."""
_AHEAD = 7
"""Tokens after a number in which its noun is searched: "3,000 well-trained North Korean special forces soldiers"."""
_AFTER_OUTCOME = 2
"""Tokens after an outcome in which a noun belongs to the number: "2,700 wounded North soldiers"."""
_LONG = 7
"""Least letters of a noun that is recognised by its ending: "plans" does not name people."""
_OF_THEM = {("з", "них"), ("із", "них"), ("из", "них")}
_PAIRED = frozenset("\"'«»“”„‘’")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMention:
    """A unit in a sentence."""

    unit: str
    first: int
    last: int
    """Tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedUnit:
    """What stands after a number."""

    mention: UnitMention | None = None
    is_open: bool = False
    """Nothing is counted explicitly: "12 were killed", "and 37 wounded". The unit follows from the rest."""
    of_people: bool = False
    """What follows happens to people only: "37 wounded", "thousands flee"."""


def find_units(text: SentenceText) -> list[UnitMention]:
    """All units that a sentence names."""
    return [
        UnitMention(unit=unit, first=first, last=last)
        for first, last, unit in text.words.units.find_all(text.keys)
        if not _is_attribute(text, unit, last)
    ]


def _is_attribute(text: SentenceText, unit: str, last: int) -> bool:
    """Whether an English noun in the singular describes the next one: "the mine disaster", "a tank regiment"."""
    if text.words.inflects or unit in PEOPLE_UNITS or text.keys[last].endswith(("s", "aircraft")):
        return False
    following = text.tokens[last + 1 : last + 2]
    return bool(following) and following[0].kind == "word" and text.keys[last + 1] not in text.words.grammar["stop"]


def unit_after(text: SentenceText, quantity: Quantity) -> CountedUnit:
    """The noun that a number counts."""
    place, is_open, follows_outcome, of_people = quantity.last + 1, True, False, False
    stop = min(len(text.keys), place + _AHEAD)
    if tuple(text.keys[place : place + 2]) in _OF_THEM:
        place += 2
    while place < stop:
        hit = text.words.units.at(text.keys, place)
        if hit is not None and of_people and hit[1] not in PEOPLE_UNITS:  # "thousands flee homes"
            break
        if hit is not None:
            return CountedUnit(mention=_extended(text, place, hit))
        key, kind = text.keys[place], text.tokens[place].kind
        if kind == "number" and text.keys[place + 1 : place + 2] == ["-"]:  # "two 250-kilogram bombs"
            place += 3
            continue
        if kind == "number" and quantity.share is None:
            break
        if key in ("—", "–") and is_open and text.words.units.at(text.keys, min(place + 1, stop - 1)) is not None:
            place += 1  # "троє з них — діти"
            continue
        if kind == "sign" and key not in _PAIRED and key != "-":
            break
        if key in text.words.grammar["stop"] and not (
            quantity.share is not None and key in text.words.grammar["inclusion"]
        ):
            break
        if text.words.people_endings and len(key) >= _LONG and key.endswith(text.words.people_endings):
            return CountedUnit(mention=UnitMention(unit="people", first=place, last=place))
        if text.words.speech["prefixes"].at(text.keys, place) is not None:  # "300 according to the army"
            break
        outcome = text.words.outcomes.at(text.keys, place)
        if outcome is not None:
            if is_open:
                stop = min(stop, place + outcome[0] + _AFTER_OUTCOME)
                follows_outcome = True
                of_people = outcome[1].of == "people"
            place += outcome[0]
            continue
        if kind == "word" and quantity.share is None and not follows_outcome and not _is_neutral(text, place):
            is_open = False
        place += 1
    return CountedUnit(is_open=is_open, of_people=of_people)


def unit_before(
    mentions: Sequence[UnitMention], place: int, counted: frozenset[int], *, of_people: bool
) -> UnitMention | None:
    """The nearest unit before a token that no number counts; `of_people`: only one of people."""
    fitting = (one for one in reversed(mentions) if not of_people or one.unit in PEOPLE_UNITS)
    return next((one for one in fitting if one.last < place and one.first not in counted), None)


def _extended(text: SentenceText, place: int, hit: tuple[int, str]) -> UnitMention:
    """The unit with further nouns of a compound; the last one counts ("police vehicles"), unless it is only "people"."""
    unit, last = hit[1], place + hit[0] - 1
    while last + 1 < len(text.keys) and not (text.words.inflects and unit == "people"):  # "пасажирів автобуса"
        following = text.words.units.at(text.keys, last + 1)
        if following is None:
            break
        is_noun = unit == "civilians" and text.words.inflects and following[1] in PEOPLE_UNITS
        if following[1] != "people" and not is_noun:  # "цивільні" alone names people, before "судна" it does not
            unit = following[1]
        last += following[0]
    return UnitMention(unit=unit, first=place, last=last)


def _is_neutral(text: SentenceText, place: int) -> bool:
    return (
        text.keys[place] in text.words.grammar["neutral"]
        or text.keys[place] in text.words.grammar["passive"]
        or text.keys[place] in text.words.grammar["receive"]
        or text.words.speech["verbs"].at(text.keys, place) is not None
    )
