"""Find what happened to the people or things that each number of a sentence counts. Pure.

Each number takes the nearest outcome before or after it. All combinations are compared: "killed five and wounded
seven" and "five were killed and seven wounded" have the same words in another order. Cheap combinations have short
distances, cross few commas and numbers, and use all outcomes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.figures.quantity import Quantity
from crawler.figures.tokens import SentenceText
from crawler.figures.vocabulary import Outcome

_CROSSED_NUMBER, _CROSSED_COMMA, _CROSSED_CLAUSE = 6, 3, 12
_PASSIVE_BEFORE = 7
"""Cost of "were killed" for a number after it: a passive verb has its subject before it."""
_PASSIVE_AFTER = 3
"""What "were injured" saves for a number before it: it is the subject of the verb."""
_ADJACENT = 5
"""What "wounded" saves directly after a number: "28 wounded" is what was counted, whatever verb stands before."""
_AGENT = 20
"""Cost of "killed by two men": the number counts who did it."""
_UNUSED, _NO_OUTCOME = 4, 16
_NOUN_AND_VERB = 5
"""Most tokens between a number and the outcome after it."""
_MOST_NUMBERS = 7
"""Numbers of a sentence for which all combinations are compared; with more, each takes the nearest outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeMention:
    """An outcome in a sentence."""

    outcome: Outcome
    first: int
    last: int
    """Tokens."""
    is_passive: bool


def find_outcomes(text: SentenceText) -> list[OutcomeMention]:
    """All outcomes that a sentence names."""
    found = []
    for first, last, outcome in text.words.outcomes.find_all(text.keys):
        passive = any(key in text.words.grammar["passive"] for key in text.keys[max(0, first - 2) : first])
        found.append(OutcomeMention(outcome=outcome, first=first, last=last, is_passive=passive))
    return found


def assign_outcomes(
    text: SentenceText,
    quantities: Sequence[Quantity],
    is_people: Sequence[bool | None],
    mentions: Sequence[OutcomeMention],
) -> list[OutcomeMention | None]:
    """The outcome of each quantity. `is_people`: whether it counts people; None if that follows from the outcome."""
    choices: list[list[tuple[float, int | None]]] = []
    for number, quantity in enumerate(quantities):
        options: list[tuple[float, int | None]] = [(_NO_OUTCOME, None)]
        for side in (-1, 1):
            costs = [
                (_cost(text, quantity, quantities, mention), index)
                for index, mention in enumerate(mentions)
                if _fits(mention.outcome, is_people[number]) and (mention.first - quantity.first) * side > 0
            ]
            if costs:
                options.append(min(costs))
        choices.append(sorted(options, key=lambda option: option[0]))
    if len(quantities) > _MOST_NUMBERS:
        best: Sequence[tuple[float, int | None]] = [options[0] for options in choices]
    else:
        best = min(itertools.product(*choices), key=lambda chosen: _total(chosen, len(mentions)))
    return [None if index is None else mentions[index] for _, index in best]


def _without_brackets(keys: Sequence[str]) -> list[str]:
    """The tokens that are not in brackets."""
    depth, kept = 0, []
    for key in keys:
        depth += key == "("
        if depth <= 0:
            kept.append(key)
        depth -= key == ")"
    return kept


def _total(chosen: Sequence[tuple[float, int | None]], mentions: int) -> float:
    used = {index for _, index in chosen if index is not None}
    return sum(cost for cost, _ in chosen) + _UNUSED * (mentions - len(used))


def _fits(outcome: Outcome, is_people: bool | None) -> bool:
    if is_people is None or outcome.of == "any":
        return True
    return outcome.of == "people" or outcome.people_as is not None if is_people else outcome.of == "things"


def _cost(text: SentenceText, quantity: Quantity, quantities: Sequence[Quantity], mention: OutcomeMention) -> float:
    after = mention.first > quantity.last
    low, high = (quantity.last + 1, mention.first) if after else (mention.last + 1, quantity.first)
    between = _without_brackets(text.keys[low:high])
    commas = (
        0
        if any(key in text.words.grammar["inclusion"] for key in between[1:] if key != "of")
        else sum(key in (",", "(", ")", "—", "–", ":") for key in between)
    )
    clauses = sum(key == ";" or (key in text.words.grammar["split"]) for key in between)
    crossed = sum(low <= other.first < high for other in quantities)
    cost = len(between) * 1.0 + commas * _CROSSED_COMMA + clauses * _CROSSED_CLAUSE + crossed * _CROSSED_NUMBER
    if not after and between and between[-1] == "by":
        cost += _AGENT
    if mention.is_passive and not text.words.inflects:
        cost += _PASSIVE_BEFORE if not after else -_PASSIVE_AFTER
    if after and not between:
        cost -= _ADJACENT
    return cost


def happened_to(text: SentenceText, quantity: Quantity, outcome: OutcomeMention) -> bool:
    """Whether an unknown noun must name people: "wounded six passersby", "the six suspects were arrested"."""
    if outcome.outcome.of != "people":
        return False
    if outcome.last < quantity.first:
        return all(key in text.words.grammar["articles"] for key in text.keys[outcome.last + 1 : quantity.first])
    between = text.keys[quantity.last + 1 : outcome.first]
    auxiliaries = [key in text.words.grammar["passive"] or key in ("have", "has", "had") for key in between]
    nouns = between[: auxiliaries.index(True)] if True in auxiliaries else between
    is_close = len(between) <= _NOUN_AND_VERB and (True in auxiliaries or (text.words.inflects and len(nouns) == 1))
    return is_close and not any(key in text.words.grammar["stop"] or not key.isalnum() for key in nouns)
