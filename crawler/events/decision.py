"""Decide which event a story belongs to, from its similarity with the stories of each event. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from crawler.events.similarity import EventSimilarity

EventReason = Literal["first", "same_language", "across_languages", "manual"]

JOIN = 0.215
"""Similarity from which two stories can be of one event; half of the stories of an event must reach it."""
JOIN_ACROSS = 0.30
"""JOIN for stories in another language, which are compared by names and figures only."""
MIN_FACTS_ACROSS = 3
"""Names and figures that two stories in different languages share at least: two are too often a capital and a year."""
EVENT_WINDOW = timedelta(hours=72)
"""Longest time between the first story of an event and another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedStory:
    """A story that a new one was compared with."""

    story_id: int
    event: int
    """A key that the stories of one event have in common: an event, or minus the story that has none yet."""
    similarity: EventSimilarity
    across_languages: bool

    @property
    def margin(self) -> float:
        """Similarity in multiples of the one from which it counts; 0 for too few common facts."""
        if not self.across_languages:
            return self.similarity.value / JOIN
        return self.similarity.value / JOIN_ACROSS if self.similarity.shared_facts >= MIN_FACTS_ACROSS else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDecision:
    """The event that a story joins."""

    event: int
    """As in ComparedStory."""
    closest: ComparedStory
    """The story of the event that is most similar."""
    reason: EventReason


def decide_event(compared: Sequence[ComparedStory]) -> EventDecision | None:
    """Return the event whose stories are most similar; None if it is none of them and the story stands alone."""
    events: dict[int, list[ComparedStory]] = {}
    for story in compared:
        events.setdefault(story.event, []).append(story)
    best = max(events.values(), key=lambda stories: (_linkage(stories), -stories[0].event), default=None)
    if best is None or _linkage(best) < 1:
        return None
    closest = max(best, key=lambda story: (story.margin, -story.story_id))
    return EventDecision(
        event=closest.event,
        closest=closest,
        reason="across_languages" if closest.across_languages else "same_language",
    )


def _linkage(stories: Sequence[ComparedStory]) -> float:
    """The margin that half of an event's stories reach, so that events do not grow into each other from neighbour to
    neighbour. A few stories that are unlike the others change it less than they change the mean."""
    return sorted(story.margin for story in stories)[len(stories) // 2]
