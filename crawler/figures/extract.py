"""Extract the claims of figures from one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.figures.claim import FigureClaim, FigureSpeaker, SentenceFigures, Span
from crawler.figures.outcomes import OutcomeMention, assign_outcomes, find_outcomes, happened_to
from crawler.figures.quantities import find_quantities
from crawler.figures.quantity import Quantity
from crawler.figures.speakers import SpeakerMention, find_speakers, names_speaker, speaker_of
from crawler.figures.tokens import SentenceText, sentence_text
from crawler.figures.units import PEOPLE_UNITS, CountedUnit, UnitMention, find_units, unit_after, unit_before
from crawler.figures.vocabulary import FigureVocabulary, Outcome

MOST_CHARACTERS = 4_000
"""A longer "sentence" is a table or a list without punctuation; it is not read."""
_PART_OF = frozenset(("out", "of", "the", "із", "з", "зі", "из"))
_LIST_GAP = 4
"""Most tokens between the numbers of a list: ", в том числе"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedQuantity:
    """A number with what it counts."""

    quantity: Quantity
    unit: str | None
    """None if it is not known, or follows from the outcome."""
    mention: UnitMention | None
    """None if the unit was named before the number."""
    is_open: bool
    """Nothing else stands after the number, so that unit and outcome may follow from the rest of the sentence."""


def figures_in(sentence: str, words: FigureVocabulary, *, before: str = "") -> SentenceFigures:
    """The claims of a sentence. `before` is the sentence before it, whose speaker "he said" refers to."""
    if len(sentence) > MOST_CHARACTERS:
        return SentenceFigures()
    text = sentence_text(sentence, words)
    quantities = [one for one in find_quantities(text) if one.is_count]
    if not quantities:
        return SentenceFigures()
    speakers = _speakers(text, quantities, before)
    counted = _counted(text, quantities, speakers)
    starts = {one.first for one in quantities}
    mentions = [  # "передає Reuters" delivers nothing, "pledged 30 tanks" does
        one
        for one in find_outcomes(text)
        if one.last + 1 in starts or not any(cue.first <= one.first <= cue.last for cue in speakers)
    ]
    counted = parts_with_units(text, counted)
    is_people = [None if one.unit is None else one.unit in PEOPLE_UNITS for one in counted]
    outcomes = assign_outcomes(text, quantities, is_people, mentions)
    outcomes = in_lists(text, counted, outcomes)
    claims: list[FigureClaim] = []
    not_understood: list[Span] = []
    for number, one in enumerate(counted):
        if one.mention is not None and names_speaker(
            _span(text, one.mention.first, one.mention.last), speakers
        ):  # "two diplomats said"
            continue
        if _is_denied(text, one.quantity.first):
            not_understood.append(_span(text, one.quantity.number_first, one.quantity.last))
            continue
        unit = _unit_of(text, one, outcomes[number])
        if unit is None and number and _is_part(text, counted[number - 1], one):
            unit = _Unit(counted[number - 1].unit or "people", None)
        if unit is None and not (mentions and one.quantity.low != 1):
            continue
        if unit is None:
            not_understood.append(_span(text, one.quantity.number_first, one.quantity.last))
            continue
        speaker = speaker_of(text, one.quantity.first, one.quantity.last, speakers)
        whole = _whole_of(text, counted, number)
        claims.append(_claim(text, one.quantity, unit, outcomes[number], speaker, whole))
    return SentenceFigures(claims=tuple(claims), not_understood=tuple(not_understood))


def last_speaker(sentence: str, words: FigureVocabulary) -> FigureSpeaker | None:
    """The last speaker that a sentence names."""
    found = find_speakers(sentence_text(sentence[:MOST_CHARACTERS], words), frozenset(), None)
    return found[-1].speaker if found else None


def _speakers(text: SentenceText, quantities: Sequence[Quantity], before: str) -> list[SpeakerMention]:
    places = frozenset(place for one in quantities for place in range(one.first, one.last + 1))
    return find_speakers(text, places, last_speaker(before, text.words) if before else None)


def _counted(
    text: SentenceText, quantities: Sequence[Quantity], speakers: Sequence[SpeakerMention]
) -> list[CountedQuantity]:
    """The quantities with the nouns after them, or with the noun before that no other number counts."""
    after: list[CountedUnit] = []
    for number, one in enumerate(quantities):
        found = unit_after(text, one)
        following = quantities[number + 1].first if number + 1 < len(quantities) else len(text.keys)
        if found.mention is not None and found.mention.first > following and one.share is None:
            found = CountedUnit(is_open=True)
        after.append(found)
    mentions = [one for one in find_units(text) if not names_speaker(_span(text, one.first, one.last), speakers)]
    taken = frozenset(found.mention.first for found in after if found.mention is not None)
    counted: list[CountedQuantity] = []
    for one, found in zip(quantities, after, strict=True):
        mention, unit = found.mention, found.mention.unit if found.mention is not None else None
        if mention is None and found.is_open:
            fitting = (other for other in reversed(counted) if not found.of_people or other.unit in PEOPLE_UNITS)
            previous = next((other for other in fitting if other.unit is not None), None)
            subject = unit_before(mentions, one.first, taken, of_people=found.of_people)
            if previous is not None and (subject is None or subject.first < previous.quantity.first):
                unit = previous.unit
            elif subject is not None and not _is_cut(text, subject.last + 1, one.first):
                unit = subject.unit
        counted.append(CountedQuantity(quantity=one, unit=unit, mention=mention, is_open=found.is_open))
    return counted


def _is_cut(text: SentenceText, first: int, end: int) -> bool:
    """Whether a clause ends between two tokens."""
    return any(key in (";", ":") or key in text.words.grammar["split"] for key in text.keys[first:end])


def parts_with_units(text: SentenceText, counted: Sequence[CountedQuantity]) -> list[CountedQuantity]:
    """The quantities; the part of "64 of 87 drones" has the unit of the whole."""
    found = list(counted)
    for number in range(len(found) - 1):
        part, whole = found[number], found[number + 1]
        if part.mention is None and whole.mention is not None and _is_whole(text, part, whole):
            found[number] = replace(part, unit=whole.unit, mention=whole.mention)
    return found


def in_lists(
    text: SentenceText, counted: Sequence[CountedQuantity], outcomes: Sequence[OutcomeMention | None]
) -> list[OutcomeMention | None]:
    """The outcomes, completed for lists: "lost 71 tanks and 16 helicopters", "11 people, including 2 children, were hurt".

    The number that a share belongs to ("half of the 600 prisoners") has none, because it counts all of them.
    """
    found = list(outcomes)
    for number in range(1, len(counted)):
        before, one = counted[number - 1], counted[number]
        if _is_whole(text, before, one):
            part = found[number - 1] or found[number]
            found[number - 1], found[number] = part, None if found[number] is part else found[number]
        elif found[number] is None and one.is_open and one.mention is None and _ends_clause(text, one):
            found[number] = found[number - 1]  # "… 500 were killed, while Moscow says 120"
        elif found[number] is None and _repeats_verb(text, one) and _may_have(one, found[number - 1]):
            found[number] = found[number - 1]
        elif _is_listed(text, before, one):
            if found[number] is None and _may_have(one, found[number - 1]):
                found[number] = found[number - 1]
            elif found[number - 1] is None and _is_included(text, before, one):
                found[number - 1] = found[number]
    for number in range(len(counted) - 2, -1, -1):
        if found[number] is None and _is_listed(text, counted[number], counted[number + 1]):
            is_part = _is_whole(text, counted[number], counted[number + 1])
            if not is_part and not (number and _is_whole(text, counted[number - 1], counted[number])):
                found[number] = found[number + 1] if _may_have(counted[number], found[number + 1]) else None
    if len(found) > 1 and _begins_with_whole(text, counted[0]):
        part, following = found[1], counted[1].quantity.first
        is_of_whole = part is not None and "," in text.keys[part.last : max(part.last, following)]
        found[:2] = (part, None) if is_of_whole else (None, part)  # "of the 600 sent in May, 200 are left"
    return found


def _is_denied(text: SentenceText, place: int) -> bool:
    """Whether a verb of denial stands before a token, in the same clause."""
    denials = (number for number in range(place) if text.words.grammar["denials"].at(text.keys, number) is not None)
    last = max(denials, default=None)
    return last is not None and not _is_cut(text, last, place)


def _begins_with_whole(text: SentenceText, one: CountedQuantity) -> bool:
    """Whether a sentence begins with the number of which it then counts a part: "Of the 120 prisoners, 11 …"."""
    before = [key for key in text.keys[: one.quantity.first] if key not in text.words.grammar["articles"]]
    return len(before) == 1 and before[0] in text.words.grammar["inclusion"]


def _is_part(text: SentenceText, whole: CountedQuantity, one: CountedQuantity) -> bool:
    """Whether a number without a noun counts a part of the one before: "of 600 conscripts, 200 are left"."""
    before = [key for key in text.keys[: whole.quantity.first] if key not in text.words.grammar["articles"]]
    is_whole = bool(before) and before[-1] in text.words.grammar["inclusion"] and whole.unit is not None
    return is_whole and one.is_open and one.mention is None and 1 < one.quantity.high < whole.quantity.low


def _repeats_verb(text: SentenceText, one: CountedQuantity) -> bool:
    """Whether a dash stands for the verb of the clause before: "Росія повернула 100 полонених, а Україна — 90"."""
    dash = one.quantity.first - 1
    subject = text.keys[max(0, dash - _LIST_GAP) : max(0, dash)]
    return dash > 0 and text.keys[dash] in ("—", "–") and any(key in text.words.grammar["split"] for key in subject)


def _ends_clause(text: SentenceText, one: CountedQuantity) -> bool:
    after = one.quantity.last + 1
    if after >= len(text.keys) or not text.keys[after].isalnum() or text.keys[after] in text.words.grammar["stop"]:
        return True
    return text.words.speech["prefixes"].at(text.keys, after) is not None


def _is_whole(text: SentenceText, share: CountedQuantity, one: CountedQuantity) -> bool:
    """Whether a number is the whole of the share or part before it: "half of the 600", "64 out of 87 drones"."""
    between = text.keys[share.quantity.last + 1 : one.quantity.first]
    is_near = 0 < len(between) <= _LIST_GAP and any(key in text.words.grammar["inclusion"] for key in between)
    return is_near and (
        share.quantity.share is not None or (share.mention in (None, one.mention) and set(between) <= _PART_OF)
    )


def _is_listed(text: SentenceText, before: CountedQuantity, one: CountedQuantity) -> bool:
    """Whether two numbers follow each other in a list."""
    start = (before.mention.last if before.mention is not None else before.quantity.last) + 1
    between = text.keys[start : one.quantity.first]
    return len(between) <= _LIST_GAP and not any(
        key in (";", ":") or key in text.words.grammar["split"] or key in text.words.outcomes for key in between
    )


def _is_included(text: SentenceText, before: CountedQuantity, one: CountedQuantity) -> bool:
    return any(
        key in text.words.grammar["inclusion"] for key in text.keys[before.quantity.last + 1 : one.quantity.first]
    )


def _may_have(one: CountedQuantity, outcome: OutcomeMention | None) -> bool:
    if outcome is None or one.unit is None:
        return False
    return outcome.outcome.of in ("any", "people" if one.unit in PEOPLE_UNITS else "things")


@dataclass(frozen=True, slots=True)
class _Unit:
    unit: str
    mention: UnitMention | None


def _unit_of(text: SentenceText, one: CountedQuantity, outcome: OutcomeMention | None) -> _Unit | None:
    """The unit of a claim; None if the number is not a claim."""
    if one.mention is not None:
        return _Unit(one.mention.unit, one.mention)
    if outcome is None:
        return None
    if not one.is_open:
        return _Unit("people", None) if happened_to(text, one.quantity, outcome) else None
    of = outcome.outcome.of
    if one.unit is not None and of in ("any", "people" if one.unit in PEOPLE_UNITS else "things"):
        return _Unit(one.unit, None)
    return _Unit("people", None) if of == "people" or outcome.outcome.name == "casualties" else None


def _claim(
    text: SentenceText,
    quantity: Quantity,
    unit: _Unit,
    outcome: OutcomeMention | None,
    speaker: FigureSpeaker | None,
    whole: tuple[float, float] | None,
) -> FigureClaim:
    span = _span(text, quantity.first, quantity.last)
    low: float | None = quantity.low
    high: float | None = quantity.high
    if quantity.share is not None:
        low, high = (whole[0] * quantity.share, whole[1] * quantity.share) if whole is not None else (None, None)
    return FigureClaim(
        low=low,
        high=high,
        share=quantity.share,
        written=text.sentence[span[0] : span[1]],
        span=span,
        modifier=quantity.modifier,
        unit=unit.unit,
        unit_span=None if unit.mention is None else _span(text, unit.mention.first, unit.mention.last),
        outcome=None if outcome is None else _outcome_name(outcome.outcome, unit.unit),
        outcome_span=None if outcome is None else _span(text, outcome.first, outcome.last),
        speaker=speaker,
    )


def _whole_of(text: SentenceText, counted: Sequence[CountedQuantity], number: int) -> tuple[float, float] | None:
    """The number that a share belongs to: the one that follows it, otherwise the one before it."""
    if number + 1 < len(counted) and _is_whole(text, counted[number], counted[number + 1]):
        whole: Quantity | None = counted[number + 1].quantity
    else:
        earlier = (one.quantity for one in reversed(counted[:number]) if one.quantity.share is None)
        whole = next(earlier, None)
    return None if whole is None else (whole.low, whole.high)


def _outcome_name(outcome: Outcome, unit: str) -> str:
    return outcome.people_as if outcome.people_as is not None and unit in PEOPLE_UNITS else outcome.name


def _span(text: SentenceText, first: int, last: int) -> Span:
    return text.tokens[first].start, text.tokens[last].end
