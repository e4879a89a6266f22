"""The claim of a figure, as extracted from one sentence. Frozen types only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Modifier = Literal["at_least", "more_than", "up_to", "less_than", "about", "magnitude"]
"""How a number is qualified. `magnitude`: there is no number, only "dozens" or "thousands of"."""
Span = tuple[int, int]
"""(start, end) in a sentence, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSpeaker:
    """Who made a claim."""

    written: str
    """As in the sentence."""
    normalized: str
    """Equal for different ways to write the same name, see `speaker_names`."""
    span: Span | None
    """None if a pronoun stands for the speaker of the sentence before."""
    cue: str
    """The words that name the speaker: "said", "according to"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureClaim:
    """A claimed number of people or things."""

    low: float | None
    high: float | None
    """Equal to `low` if the claim is not a range. Both are None for a share of an unknown number."""
    share: float | None
    """The share as written, 2/3 of "two-thirds of 600"; `low` and `high` are then this share of the number that the same
    sentence names."""
    written: str
    """The number as written, with its modifier."""
    span: Span
    modifier: Modifier | None
    unit: str
    unit_span: Span | None
    """None if the unit follows from the outcome or from another claim of the sentence."""
    outcome: str | None
    """None if the sentence only gives a number of people or things."""
    outcome_span: Span | None
    speaker: FigureSpeaker | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFigures:
    """The claims of a sentence, and its numbers that were not understood."""

    claims: tuple[FigureClaim, ...] = ()
    not_understood: tuple[Span, ...] = ()
    """Numbers without a known unit, in a sentence that names an outcome. Times, ages and measures are not among them,
    and "one" is not, because it is often a pronoun."""
