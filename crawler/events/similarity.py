"""How much two articles say of the same event, from their weighted terms. Pure.

A term weighs its occurrences times its rarity among the articles of the archive. Rarity is taken when the article is
stored and kept with it, so that a comparison reads nothing but the two articles. `docs/explanation/events.md` has the
measurements behind the constants.
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

FEATURES_VERSION = 1
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
MIN_RARITY = 0.7
"""Natural logarithm; a term that half of the articles contain says nothing about the event."""
_HEAD = struct.Struct("<BBH6f")


class WeightedTerm(NamedTuple):
    """A term with its weights in one article."""

    kind: Kind
    whole: float
    lead: float
    """0 outside of the lead."""
    text: str


class Norms(NamedTuple):
    """Lengths of the vectors of an article, by which cosines are normalised."""

    name: float
    word: float
    figure: float
    pair: float
    lead: float
    lead_facts: float
    """Of the names and figures of the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedFeatures:
    """The weighted terms of an article that is compared with others."""

    language: str | None
    weekdays: int
    """As in EventFeatures."""
    terms: dict[int, WeightedTerm]
    norms: Norms

    def packed(self) -> bytes:
        """Return the form in which it is stored, without the words."""
        norms = self.norms
        head = _HEAD.pack(
            FEATURES_VERSION, self.weekdays, len(self.terms),
            norms.name, norms.word, norms.figure, norms.pair, norms.lead, norms.lead_facts,
        )  # fmt: skip
        weights = [weight for term in self.terms.values() for weight in (term.whole, term.lead)]
        return head + struct.pack(f"<{len(self.terms)}I{len(weights)}f", *self.terms, *weights)


class StoredFeatures(NamedTuple):
    """The weighted terms of an article as stored."""

    weekdays: int
    places: dict[int, int]
    """Key -> place of its weights."""
    weights: array[float]
    """For each term the weight in the whole, then the weight in the lead."""
    norms: Norms


def unpack_features(packed: bytes) -> StoredFeatures | None:
    """Return the unpacked terms; None if they have another version."""
    if not packed or packed[0] != FEATURES_VERSION:
        return None
    _, weekdays, count, *norms = _HEAD.unpack_from(packed)
    weights_at = _HEAD.size + 4 * count
    keys, weights = array("I", packed[_HEAD.size : weights_at]), array("f", packed[weights_at:])
    if sys.byteorder == "big":
        keys.byteswap()
        weights.byteswap()
    return StoredFeatures(
        weekdays=weekdays, places=dict(zip(keys, range(count), strict=True)), weights=weights, norms=Norms(*norms)
    )


def rarity(articles_with_term: int, articles: int) -> float:
    """Return the weight of a term by the number of articles that contain it, of those stored."""
    return max(math.log((articles + PRIOR_ARTICLES) / (articles_with_term + 1)), 0.0)


def weigh(features: EventFeatures, rarity_of: Callable[[int], float]) -> WeightedFeatures:
    """Return the terms with their weights; terms that say nothing are left out."""
    terms = {}
    squares = {"name": 0.0, "word": 0.0, "figure": 0.0, "pair": 0.0, "lead": 0.0, "lead_facts": 0.0}
    for term in features.terms:
        key, kind, text, times, in_lead = term
        rare = rarity_of(key)
        if rare < MIN_RARITY:
            continue
        whole = math.sqrt(times) * rare
        lead = math.sqrt(in_lead) * rare * (NAME_IN_LEAD if kind == "name" else 1.0) if in_lead else 0.0
        terms[key] = WeightedTerm(kind, whole, lead, text)
        squares[kind] += whole * whole
        if lead:
            squares["lead"] += lead * lead
            if kind in FACTS:
                squares["lead_facts"] += lead * lead
    return WeightedFeatures(
        language=features.language,
        weekdays=features.weekdays,
        terms=terms,
        norms=Norms(**{name: math.sqrt(square) for name, square in squares.items()}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSimilarity:
    """How similar two articles are."""

    value: float
    """0 to 1."""
    shared_facts: int
    """Names and figures that both have."""


MAX_SHARED = 6
"""Shared terms that are kept as the reason."""


def event_similarity(newer: WeightedFeatures, older: StoredFeatures, *, across_languages: bool) -> EventSimilarity:
    """Compare two articles; `across_languages` by names and figures only."""
    products = {"name": 0.0, "word": 0.0, "figure": 0.0, "pair": 0.0}
    lead = lead_facts = 0.0
    facts = 0
    places, weights, terms = older.places, older.weights, newer.terms
    for key in terms.keys() & places.keys():
        place = 2 * places[key]
        kind, whole, whole_lead, _ = terms[key]
        products[kind] += whole * weights[place]
        in_lead = whole_lead * weights[place + 1] if whole_lead else 0.0
        lead += in_lead
        if kind in FACTS:
            facts += 1
            lead_facts += in_lead
    one, two = newer.norms, older.norms
    value = SHARES["name"] * _cosine(products["name"], one.name, two.name)
    value += SHARES["figure"] * _cosine(products["figure"], one.figure, two.figure)
    total = SHARES["name"] + SHARES["figure"] + SHARES["lead"]
    if across_languages:
        value += SHARES["lead"] * _cosine(lead_facts, one.lead_facts, two.lead_facts)
    else:
        value += SHARES["lead"] * _cosine(lead, one.lead, two.lead)
        value += SHARES["word"] * _cosine(products["word"], one.word, two.word)
        value += SHARES["pair"] * _cosine(products["pair"], one.pair, two.pair)
        total += SHARES["word"] + SHARES["pair"]
    if newer.weekdays and older.weekdays and not newer.weekdays & older.weekdays:
        value -= OTHER_DAYS
    return EventSimilarity(value=max(value, 0.0) / total, shared_facts=facts)


def shared_terms(newer: WeightedFeatures, older: StoredFeatures, *, across_languages: bool) -> tuple[str, ...]:
    """Return the common terms that weigh most, the most important first, as the newer article writes them."""
    weighed = []
    for key in newer.terms.keys() & older.places.keys():
        place = 2 * older.places[key]
        kind, whole, lead, text = newer.terms[key]
        if kind != "pair" and (kind in FACTS or not across_languages):  # the words of a pair are there themselves
            weight = SHARES[kind] * whole * older.weights[place] + SHARES["lead"] * lead * older.weights[place + 1]
            weighed.append((-weight, shown_term(kind, text)))
    return tuple(dict.fromkeys(text for _, text in sorted(weighed)[:MAX_SHARED]))


def _cosine(product: float, one: float, other: float) -> float:
    return product / (one * other) if one and other else 0.0
