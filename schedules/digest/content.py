"""What a digest says: the frozen types between the archive (`digest.py`) and the page (`digest_view.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schedules.formatting.highlight import HighlightedSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRef:
    """What is watched."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherOutlet:
    """Another article that carries the story."""

    outlet: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One story, or what changed in one."""

    kind: str
    """As alerts.kind: new, edited, removed or addition."""
    alert_ids: tuple[int, ...]
    topics: tuple[TopicRef, ...]
    """The first is the one under which it is told."""
    article_id: int
    revision_id: int
    revision_number: int | None
    """1, 2, 3 … within the article."""
    shown_alert_id: int
    """Of `alert_ids` the one that told that revision."""
    previous_revision_id: int | None
    story_id: int | None
    title: str
    outlet: str
    byline: str | None
    url: str
    language: str | None
    at: datetime
    """When it was published."""
    at_is: str
    """published; day: only the day is known; seen: when we first saw it, as the page gave no time."""
    changed_at: datetime
    """When the text was seen that it tells."""
    sentences: tuple[HighlightedSentence, ...]
    others: tuple[OtherOutlet, ...] = ()


def by_time(entry: Entry) -> tuple[datetime, tuple[int, ...]]:
    """The order in which a topic's stories stand; the newest is the greatest."""
    return entry.at, entry.alert_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A topic's stories, newest first."""

    topic: TopicRef
    entries: tuple[Entry, ...]
    elsewhere: tuple[Entry, ...]
    """Its stories that are told under another topic."""

    @property
    def stories(self) -> int:
        return len(self.entries) + len(self.elsewhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """A source that needs attention, or one that has healed."""

    problem_id: int
    source: str
    """Its table in sources.toml."""
    outlet: str
    kind: str
    what: str
    since: datetime
    evidence: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedInterval:
    """An interval in which an outlet may have published what was not seen."""

    source: str
    outlet: str
    from_at: datetime
    until_at: datetime
    missed: float | None
    is_open: bool
    """It may still be repaired."""
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the sources are."""

    sources: int
    troubles: tuple[SourceProblem, ...] = ()
    resolved: tuple[SourceProblem, ...] = ()
    missed: tuple[MissedInterval, ...] = ()
    never_read: tuple[str, ...] = ()
    """Outlets that were not asked for anything yet."""
    unmatched: int = 0
    """Texts that could not be matched with a topic."""
    last_read_at: datetime | None = None
    """When any source was last asked."""
    is_stale: bool = False
    """That was too long ago: what is said of the sources is old."""

    @property
    def troubled(self) -> int:
        """Sources that need attention."""
        return len({trouble.outlet for trouble in self.troubles} | set(self.never_read))

    @property
    def is_well(self) -> bool:
        """Nothing to be said but that."""
        return not (self.troubles or self.missed or self.never_read or self.unmatched or self.is_stale)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContent:
    """All that a digest says."""

    id: str
    title: str
    timezone: str
    period_start: datetime
    now: datetime
    late: bool
    sections: tuple[Section, ...]
    changes: tuple[Entry, ...]
    """In stories that an earlier digest told, the latest first."""
    health: Health
    archive_url: str | None = None
    """Where Datasette shows the archive; None: entries name ids instead of links."""

    @property
    def stories(self) -> int:
        return sum(len(section.entries) for section in self.sections)

    @property
    def is_empty(self) -> bool:
        """Nothing was found; there may still be something to say of sources."""
        return not self.sections and not self.changes
