"""Decide which event a story belongs to, from its similarity with the stories of each event. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean
from typing import Literal, NamedTuple

from crawler.events.similarity import EventSimilarity
from crawler.grouping import grouped_by

EventReason = Literal["first", "same_language", "across_languages", "merged", "manual"]

JOIN = 0.225
"""Similarity from which two stories can be of one event; half of the stories of an event must reach it."""
MIN_FACTS_ACROSS = 3
"""Names and figures that two stories in different languages share at least: two are too often a capital and a year."""
MAX_RIVALS = 2
"""Other events that a story could have joined and that are compared with the one that it joins."""
EVENT_WINDOW = timedelta(hours=72)
"""Longest time between the first story of an event and another one."""


class ComparedStory(NamedTuple):
    """A story that a new one was compared with."""

    story_id: int
    event: int
    """A key that the stories of one event have in common: an event, or minus the story that has none yet."""
    similarity: EventSimilarity
    across_languages: bool

    @property
    def margin(self) -> float:
        """As `margin_of`."""
        return margin_of(self.similarity, across_languages=self.across_languages)

    @property
    def reason(self) -> EventReason:
        """By what it was compared."""
        return "across_languages" if self.across_languages else "same_language"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDecision:
    """The event that a story joins."""

    event: int
    """As in ComparedStory."""
    closest: ComparedStory
    """The story of the event that is most similar."""
    rivals: tuple[int, ...]
    """The other events that it could have joined, the most similar first: they may report the same."""


def margin_of(similarity: EventSimilarity, *, across_languages: bool) -> float:
    """Return a similarity in multiples of the one from which it counts; 0 for too few common facts."""
    if across_languages and similarity.shared_facts < MIN_FACTS_ACROSS:
        return 0.0
    return similarity.value / JOIN


def decide_event(compared: Sequence[ComparedStory]) -> EventDecision | None:
    """Return the event whose stories are most similar; None if it is none of them and the story stands alone."""
    events = grouped_by(compared, lambda story: story.event)
    linked = [(_linkage(stories), -event) for event, stories in events.items()]
    ranked = [-event for linkage, event in sorted(linked, reverse=True) if linkage >= 1]
    if not ranked:
        return None
    closest = max(events[ranked[0]], key=lambda story: (story.margin, -story.story_id))
    return EventDecision(
        event=closest.event,
        closest=closest,
        rivals=tuple(ranked[1 : MAX_RIVALS + 1]),
    )


def is_one_event(margins: Sequence[float]) -> bool:
    """Return whether two events report the same, from the margins between the stories of one and those of the other."""
    return bool(margins) and fmean(margins) >= 1


def _linkage(stories: Sequence[ComparedStory]) -> float:
    """The margin that half of an event's stories reach, so that events do not grow into each other from neighbour to
    neighbour. A few stories that are unlike the others change it less than they change the mean."""
    return sorted(story.margin for story in stories)[len(stories) // 2]
