"""How much two articles say of the same event, from their weighted terms. Pure.

A term weighs its occurrences times its rarity among the articles of the archive. Rarity is taken when the article is
stored and kept with it, so that a comparison reads nothing but the two articles. Stored weights are normalised, with
the shares of the kinds in them: the sum of their products over the common terms is the similarity.
`docs/explanation/events.md` has the measurements behind the constants.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from crawler.events.features import EventFeatures, Kind, shown_term

FEATURES_VERSION = 2
"""First byte of packed terms. Terms of different versions are never compared; increase it when features or weights change."""
SHARES = {"name": 11.0, "word": 6.0, "figure": 8.0, "pair": 8.0, "lead": 7.0}
"""Weights of the cosines: all names, words, figures and pairs, and everything in the lead. From a logistic regression on
pairs of ECB+, then rounded and compared on whole groups."""
OTHER_DAYS = 2.5
"""Subtracted, in the unit of SHARES, if both texts name weekdays and none in common."""
FACTS = frozenset({"name", "figure"})
"""Kinds that are compared across languages."""
NAME_IN_LEAD = 1.5
"""Weight of a name against a word within the lead."""
PRIOR_ARTICLES = 500
"""Articles assumed before the first one is stored, none of them with any term, so that the first terms of an archive have a
weight. From an empty archive, recall at the same precision on ECB+ is several hundredths lower with 50."""
PHANTOM = 30.0
"""Added to the square of each length, like a rare term that no other article has: the one figure of a short text is weak
evidence, and so is its one name. On the longer texts of ECB+ it changes nothing."""
MIN_RARITY = 0.7
"""Natural logarithm; a term that half of the articles contain says nothing about the event."""
UNIT = 65_535
"""A weight of 1 as stored: weights are at most the square root of the largest share, about 0.52."""
_ALL = sum(SHARES.values())
_ACROSS = SHARES["name"] + SHARES["figure"] + SHARES["lead"]
_HEAD = struct.Struct("<BBHHf")


class EventVector(NamedTuple):
    """The weighted terms of an article, as compared and stored."""

    weekdays: int
    """As in EventFeatures."""
    facts: int
    """Number of names and figures; they come first."""
    lead_facts: float
    """Factor by which the weights in the lead grow if only names and figures count."""
    places: dict[int, int]
    """Key -> place of its weights."""
    whole: array[int]
    """Weights in the whole text, in UNIT."""
    lead: array[int]
    """Weights in the lead, in UNIT; 0 outside of it."""

    def packed(self) -> bytes:
        """Return the form in which it is stored."""
        head = _HEAD.pack(FEATURES_VERSION, self.weekdays, len(self.places), self.facts, self.lead_facts)
        return head + b"".join(
            _little_endian(part).tobytes() for part in (array("I", self.places), self.whole, self.lead)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedFeatures:
    """The weighted terms of an article that is compared with others."""

    language: str | None
    vector: EventVector
    shown: dict[int, str]
    """Key -> term for people; without pairs, whose words are there themselves."""


def unpack_vector(packed: bytes) -> EventVector | None:
    """Return the stored terms; None if they have another version."""
    if not packed or packed[0] != FEATURES_VERSION:
        return None
    _, weekdays, count, facts, lead_facts = _HEAD.unpack_from(packed)
    whole_at = _HEAD.size + 4 * count
    lead_at = whole_at + 2 * count
    keys = _little_endian(array("I", packed[_HEAD.size : whole_at]))
    whole = _little_endian(array("H", packed[whole_at:lead_at]))
    lead = _little_endian(array("H", packed[lead_at:]))
    return EventVector(weekdays, facts, lead_facts, dict(zip(keys, range(count), strict=True)), whole, lead)


def rarity(articles_with_term: int, articles: int) -> float:
    """Return the weight of a term by the number of articles that contain it, of those stored."""
    return max(math.log((articles + PRIOR_ARTICLES) / (articles_with_term + 1)), 0.0)


def weigh(features: EventFeatures, rarity_of: Callable[[int], float]) -> WeightedFeatures:
    """Return the terms with their weights; terms that say nothing are left out."""
    facts: list[tuple[int, Kind, float, float]] = []
    others: list[tuple[int, Kind, float, float]] = []
    shown: dict[int, str] = {}
    squares: dict[str, float] = dict.fromkeys(SHARES, PHANTOM)
    square_of_lead = square_of_lead_facts = PHANTOM
    for key, kind, text, times, in_lead in features.terms:
        rare = rarity_of(key)
        if rare < MIN_RARITY:
            continue
        square = times * rare * rare
        squares[kind] += square
        square_in_lead = 0.0
        if in_lead:
            square_in_lead = in_lead * rare * rare * (NAME_IN_LEAD**2 if kind == "name" else 1.0)
            square_of_lead += square_in_lead
        if kind in FACTS:
            square_of_lead_facts += square_in_lead
            facts.append((key, kind, square, square_in_lead))
        else:
            others.append((key, kind, square, square_in_lead))
        if text:
            shown[key] = text if kind != "figure" else shown_term(kind, text)
    squares["lead"] = square_of_lead
    factors = {kind: UNIT**2 * SHARES[kind] / (_ALL * square) for kind, square in squares.items()}
    lead_factor = factors["lead"]
    terms = facts + others
    vector = EventVector(
        weekdays=features.weekdays,
        facts=len(facts),
        lead_facts=math.sqrt(square_of_lead / square_of_lead_facts),
        places={term[0]: place for place, term in enumerate(terms)},
        whole=array("H", [int(math.sqrt(square * factors[kind]) + 0.5) for _, kind, square, _ in terms]),
        lead=array("H", [int(math.sqrt(square * lead_factor) + 0.5) for _, _, _, square in terms]),
    )
    return WeightedFeatures(language=features.language, vector=vector, shown=shown)


class EventSimilarity(NamedTuple):
    """How similar two articles are."""

    value: float
    """0 to 1."""
    shared_facts: int
    """Names and figures that both have."""


MAX_SHARED = 6
"""Shared terms that are kept as the reason."""


def event_similarity(one: EventVector, other: EventVector, *, across_languages: bool) -> EventSimilarity:
    """Compare two articles; `across_languages` by names and figures only."""
    days, known_facts, lead_facts, mine, my_whole, my_lead = one
    other_days, _, other_lead_facts, its, its_whole, its_lead = other
    whole = lead = facts = 0
    for key in mine.keys() & its.keys():
        here, there = mine[key], its[key]
        if here < known_facts:
            facts += 1
        elif across_languages:
            continue
        whole += my_whole[here] * its_whole[there]
        lead += my_lead[here] * its_lead[there]
    total = _ACROSS if across_languages else _ALL
    factor = lead_facts * other_lead_facts if across_languages else 1.0
    value = (whole + factor * lead) / UNIT**2 * _ALL
    if days and other_days and not days & other_days:
        value -= OTHER_DAYS
    return EventSimilarity(value=max(value, 0.0) / total, shared_facts=facts)


def shared_terms(newer: WeightedFeatures, older: EventVector, *, across_languages: bool) -> tuple[str, ...]:
    """Return the common terms that weigh most, the most important first, as the newer article writes them."""
    mine, weighed = newer.vector, []
    for key in newer.shown.keys() & older.places.keys():
        here, there = mine.places[key], older.places[key]
        if here < mine.facts or not across_languages:
            weight = mine.whole[here] * older.whole[there] + mine.lead[here] * older.lead[there]
            weighed.append((-weight, newer.shown[key]))
    return tuple(dict.fromkeys(text for _, text in sorted(weighed)[:MAX_SHARED]))


def contributions(vector: EventVector) -> dict[int, float]:
    """Return by key what a term adds to the similarity of an article with itself, which is 1."""
    square = UNIT**2
    return {
        key: (whole * whole + lead * lead) / square
        for key, whole, lead in zip(vector.places, vector.whole, vector.lead, strict=True)
    }


def _little_endian(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers
