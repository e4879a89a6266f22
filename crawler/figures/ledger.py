"""Arrange claimed figures by what they count and by speaker, and mark where speakers differ. Pure.

Nothing is added up: each point is one number of one sentence.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.grouping import grouped_by

CONFLICT_SHARE = 0.3
"""Two speakers conflict if their numbers differ by more than this share of the larger one."""
CONFLICT_WINDOW = timedelta(days=31)
"""Claims further apart in time describe different states, not a conflict."""
MODIFIER_WORDS = {
    "at_least": "at least ", "more_than": "more than ", "up_to": "up to ", "less_than": "fewer than ", "about": "about ",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePoint:
    """A claim with its sentence, as stored."""

    id: int
    """figures.id."""
    at: datetime
    """When the article was published; first seen if the page gives no time. For a later version: when it was fetched."""
    speaker: str | None
    speaker_name: str | None
    cue: str | None
    written: str
    low: float | None
    high: float | None
    share: float | None
    modifier: str | None
    unit: str
    outcome: str | None
    sentence: str
    replaces: str | None
    """The sentence of the previous version that this one is an edit of."""
    spans: Mapping[str, tuple[int, int]]
    source_id: str
    source: str
    url: str
    article_id: int
    story_id: int | None
    revision_id: int
    version: int
    alert_id: int | None
    page_sha256: str | None
    corrects: str | None = None
    """The number that an edit of the article replaced."""
    is_withdrawn: bool = False
    """A later version of the article does not have the sentence any more."""
    also_in: tuple[str, ...] = ()
    """Other outlets of the story that have the same claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureConflict:
    """Two claims by different speakers that differ by more than CONFLICT_SHARE."""

    smaller: FigurePoint
    larger: FigurePoint

    @property
    def difference(self) -> float:
        """The gap between the two as a share of the larger one."""
        return 1 - (self.smaller.high or 0) / (self.larger.low or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerLine:
    """The claims of one speaker over time, oldest first."""

    speaker: str | None
    """None: sentences that name no speaker."""
    points: tuple[FigurePoint, ...]

    @property
    def range(self) -> tuple[float, float] | None:
        """The lowest and the highest number; None if there are only shares of unknown numbers."""
        numbers = [value for point in self.points for value in (point.low, point.high) if value is not None]
        return (min(numbers), max(numbers)) if numbers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureSeries:
    """All claims of one unit and outcome."""

    unit: str
    outcome: str | None
    lines: tuple[SpeakerLine, ...]
    """The speaker with most claims first; claims without a speaker last."""
    conflicts: tuple[FigureConflict, ...]
    """At most one for each two speakers: the widest."""

    @property
    def title(self) -> str:
        """ "troops killed"."""
        return f"{self.unit} {outcome_words(self.outcome)}".strip()

    @property
    def points(self) -> tuple[FigurePoint, ...]:
        """Of all speakers, oldest first."""
        return tuple(sorted((point for line in self.lines for point in line.points), key=_order))


def ledger_of(points: Iterable[FigurePoint], removed: Collection[tuple[int, str]] = ()) -> tuple[FigureSeries, ...]:
    """The series of a topic: those with a conflict first, then those with most claims.

    `removed`: (article ID, sentence) of sentences that a later version of the article no longer has.
    """
    ordered = sorted(points, key=_order)
    marked = [_marked(point, ordered, removed) for point in ordered]
    series = grouped_by(_distinct(marked), lambda point: (point.unit, point.outcome))
    found = [_series(unit, outcome, some) for (unit, outcome), some in series.items()]
    return tuple(sorted(found, key=lambda one: (not one.conflicts, one.outcome is None, -len(one.points), one.title)))


def figure_text(point: FigurePoint) -> str:
    """ "at least 300", "2,000–3,000", "two-thirds (2,667)"."""
    number = number_text(point.low, point.high)
    if point.share is not None:
        return f"{point.written} ({number})" if number else point.written
    if point.modifier == "magnitude" or not number:
        return point.written
    return MODIFIER_WORDS.get(point.modifier or "", "") + number


def number_text(low: float | None, high: float | None) -> str:
    """ "300" or "2,000–3,000"; empty if there is no number."""
    if low is None or high is None:
        return ""
    texts = [f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}" for value in (low, high)]
    return "–".join(dict.fromkeys(texts))


def outcome_words(outcome: str | None) -> str:
    """The name of an outcome as words; empty for none."""
    return (outcome or "").replace("_", " ")


def is_conflict(one: FigurePoint, other: FigurePoint) -> bool:
    """Whether two claims of one unit and outcome, made within CONFLICT_WINDOW, differ by more than CONFLICT_SHARE.

    Modifiers are ignored: "at least 300" and 2,700 are a conflict, because a reader wants to see both.
    """
    if one.low is None or other.low is None or abs(one.at - other.at) > CONFLICT_WINDOW:
        return False
    smaller, larger = _by_size(one, other)
    return (larger.low or 0) - (smaller.high or 0) > CONFLICT_SHARE * (larger.low or 0)


def moves_of(points: Iterable[FigurePoint], alerts: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Alert ID -> lines on series that moved with it: "killed (health ministry): 55,297 → 55,432".

    A series is what one speaker says about one unit and outcome; its last earlier number is compared.
    """
    last: dict[tuple[str, str, str | None], FigurePoint] = {}
    found: dict[int, list[str]] = {}
    reported: set[tuple[int, tuple[str, str, str | None]]] = set()
    for point in sorted(points, key=_order):
        if point.speaker_name is None or point.low is None or point.outcome is None:
            continue
        series = point.speaker_name, point.unit, point.outcome
        if (point.revision_id, series) in reported:
            continue  # a second number of the same article: "up from 55,297"
        reported.add((point.revision_id, series))
        before = last.get(series)
        if (
            point.alert_id is not None
            and point.alert_id in alerts
            and before is not None
            and (before.low, before.high) != (point.low, point.high)
        ):
            name = (
                outcome_words(point.outcome)
                if point.unit == "people"
                else f"{point.unit} {outcome_words(point.outcome)}"
            )
            line = f"{name} ({point.speaker_name}): {figure_text(before)} → {figure_text(point)}"
            found.setdefault(point.alert_id, []).append(line)
        last[series] = point
    return {alert: tuple(lines) for alert, lines in found.items()}


def distinct_moves(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines of `moves_of` of several topics: one for each series and new number, whatever number a topic had before."""
    found: dict[tuple[str, str], str] = {}
    for line in lines:
        found.setdefault((line.partition(": ")[0], line.rpartition(" → ")[2]), line)
    return tuple(found.values())


def _order(point: FigurePoint) -> tuple[datetime, int]:
    return point.at, point.id


def _by_size(one: FigurePoint, other: FigurePoint) -> tuple[FigurePoint, FigurePoint]:
    return (one, other) if (one.low or 0) <= (other.low or 0) else (other, one)


def _claimed(point: FigurePoint) -> tuple[object, ...]:
    return point.unit, point.outcome, point.low, point.high, point.share


def _marked(point: FigurePoint, points: Sequence[FigurePoint], removed: Collection[tuple[int, str]]) -> FigurePoint:
    """The point with the number that it corrects, and whether it was withdrawn."""
    corrects = None
    if point.replaces is not None:
        before = [
            one
            for one in points
            if one.article_id == point.article_id
            and one.sentence == point.replaces
            and (one.unit, one.outcome) == (point.unit, point.outcome)
        ]
        same_place = before[0] if before else None
        if same_place is not None and not any(_claimed(one) == _claimed(point) for one in before):
            corrects = figure_text(same_place)
    is_withdrawn = (point.article_id, point.sentence) in removed
    return replace(point, corrects=corrects, is_withdrawn=is_withdrawn)


def _distinct(points: Sequence[FigurePoint]) -> Iterator[FigurePoint]:
    """The claims without repetitions in the same article or story; other outlets are named in `also_in`.

    A headline seldom names the speaker whom the text names, so a claim without a speaker is the same as one with.
    """
    for same in grouped_by(points, _claim_of_report).values():
        named = grouped_by(same, lambda point: point.speaker_name)
        if len(named) > 1:
            anonymous = named.pop(None, [])
            next(iter(named.values())).extend(anonymous)
        for group in named.values():
            first = group[0]
            outlets = tuple(dict.fromkeys(point.source for point in group if point.source != first.source))
            yield replace(first, also_in=outlets)


def _claim_of_report(point: FigurePoint) -> tuple[object, ...]:
    report = ("story", point.story_id) if point.story_id is not None else ("article", point.article_id)
    return report, *_claimed(point)


def _series(unit: str, outcome: str | None, points: Sequence[FigurePoint]) -> FigureSeries:
    by_speaker = grouped_by(sorted(points, key=_order), lambda point: point.speaker_name)
    lines = [SpeakerLine(speaker=speaker, points=tuple(some)) for speaker, some in by_speaker.items()]
    lines.sort(key=lambda line: (line.speaker is None, -len(line.points), line.speaker or ""))
    return FigureSeries(unit=unit, outcome=outcome, lines=tuple(lines), conflicts=tuple(_conflicts(lines)))


def _conflicts(lines: Sequence[SpeakerLine]) -> Iterator[FigureConflict]:
    named = [line for line in lines if line.speaker is not None]
    for one, other in itertools.combinations(named, 2):
        pairs = [
            FigureConflict(smaller=smaller, larger=larger)
            for first, second in itertools.product(one.points, other.points)
            if is_conflict(first, second)
            for smaller, larger in (_by_size(first, second),)
        ]
        if pairs:
            yield max(pairs, key=lambda pair: pair.difference)
