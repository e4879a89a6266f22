"""The content of a digest, as collected from the archive and shown by the templates, and its subject. Pure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.archive.delivery.digest_queries import Pickup, ReportCount
from crawler.archive.events.queries import EventReport
from crawler.archive.evidence.daily_roots import DailyRoot
from schedules.formatting.highlight import HighlightedSentence
from schedules.formatting.plain_text import count_phrase, day, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicRef:
    """ID and title of a topic."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One story of a digest, or one change in a story that was already reported."""

    kind: str
    """As alerts.kind: new, edited, removed or addition."""
    alert_ids: tuple[int, ...]
    topics: tuple[TopicRef, ...]
    """The topic with the most sentences first; the story is listed under it."""
    article_id: int
    revision_id: int
    revision_number: int | None
    """1, 2, 3 … within the article."""
    shown_alert_id: int
    """The alert of `alert_ids` that belongs to the revision shown."""
    story_id: int | None
    title: str
    outlet: str
    byline: str | None
    url: str
    language: str | None
    published_at: datetime
    time_kind: Literal["published", "day", "first_seen"]
    """Precision of published_at: a time, a day, or none (then it is when the article was first seen)."""
    changed_at: datetime
    """When the revision shown was fetched."""
    sentences: tuple[HighlightedSentence, ...]
    others: tuple[Pickup, ...] = ()
    """Other outlets of the story."""
    moved_figures: tuple[str, ...] = ()
    """Figures of its sentences that differ from what the same speaker claimed before: "killed (ministry): 12 → 15"."""
    event_id: int | None = None
    """The event of the story, if it has several stories and the digest groups by event."""
    reports: tuple[EventReport, ...] = ()
    """All stories of that event in order of time, also those without an alert."""
    parts: tuple[Entry, ...] = ()
    """The other stories of that event in this digest, in order of time. They are shown below this one."""

    @property
    def all_alert_ids(self) -> tuple[int, ...]:
        """The alerts of this story and of those shown below it."""
        return (*self.alert_ids, *(alert_id for part in self.parts for alert_id in part.alert_ids))

    @property
    def latest_published_at(self) -> datetime:
        """By which entries are ordered: that of the latest story of the event in this digest."""
        return max(self.published_at, *(part.published_at for part in self.parts), self.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The stories of one topic, newest first."""

    topic: TopicRef
    entries: tuple[Entry, ...]
    elsewhere: tuple[tuple[Entry, TopicRef], ...] = ()
    """Stories that are listed under another topic, with that topic."""

    @property
    def stories(self) -> int:
        return len(self.entries) + len(self.elsewhere)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLine:
    """One problem, gap or other fact about the sources."""

    outlet: str
    what: str
    detail: str
    advice: str = ""
    source: str | None = None
    """ID of the source, for a link to its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """State of the sources. All texts are cleaned and shortened."""

    phrase: str
    """ "all 14 sources OK", "1 of 14 sources silent, 1 gap"."""
    last_polled_at: datetime | None = None
    lines: tuple[HealthLine, ...] = ()
    resolved: tuple[str, ...] = ()
    """Outlets whose problem was resolved since the last digest, with the problem."""

    @property
    def is_ok(self) -> bool:
        return not self.lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """Why a recipient gets a digest, and how to change it."""

    recipient: str
    subjects: str
    """What it is about: "all topics", or the titles of its topics and its tags."""
    reply_to: str | None = None
    """Address for replies, if it is not the sender's."""
    unsubscribe_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestContent:
    """Everything that one digest contains."""

    id: str
    title: str
    timezone: str
    period_start: datetime
    now: datetime
    late: bool
    stories: tuple[Entry, ...]
    """Newest first."""
    older: tuple[Entry, ...]
    """Articles that were published long before they were found, newest first."""
    changes: tuple[Entry, ...]
    """Changes in stories that were already reported, latest first."""
    health: Health
    numbers: Sequence[ReportCount] | None = None
    """Of a summary, which shows the most reported stories first; None for other digests."""
    footer: Footer | None = None
    """None for a sample."""
    trends: tuple[str, ...] = ()
    """Spikes and silences of its topics."""
    muted: str = ""
    """ "3 alerts of 2 muted stories are not shown."; empty without one."""
    archive_root: DailyRoot | None = None
    """The newest root, shown at the foot; None before the first."""
    archive_url: str | None = None
    """Address of the published archive; None: entries show IDs instead of links."""

    @property
    def is_empty(self) -> bool:
        return not self.stories and not self.older and not self.changes


def sections_of(stories: Sequence[Entry], most: int = sys.maxsize) -> tuple[tuple[Section, ...], tuple[Section, ...]]:
    """The sections of the first `most` topics, and those of the other topics. Topics with most stories come first.

    A story is listed under the first of its topics that has a section; under its other topics, it is a reference.
    """
    titles = {topic.id: topic for entry in reversed(stories) for topic in entry.topics}
    by_topic: dict[str, list[Entry]] = {name: [] for name in titles}
    for entry in stories:
        for topic in entry.topics:
            by_topic[topic.id].append(entry)

    def rank(name: str) -> tuple[int, int, str, str]:
        first = sum(entry.topics[0].id == name for entry in by_topic[name])
        return -len(by_topic[name]), -first, titles[name].title, name

    ranked = sorted(by_topic, key=rank)
    shown = set(ranked[:most])

    def section(name: str) -> Section:
        placed = [
            (entry, next((one for one in entry.topics if one.id in shown), entry.topics[0])) for entry in by_topic[name]
        ]
        return Section(
            topic=titles[name],
            entries=tuple(entry for entry, home in placed if home.id == name),
            elsewhere=tuple((entry, home) for entry, home in placed if home.id != name),
        )

    sections = [section(name) for name in ranked]
    return tuple(sections[:most]), tuple(sections[most:])


MAX_SUBJECT = 110
"""Characters. A phone shows about 40 of them, a wide screen about 110. Topics that do not fit are counted."""
TOPIC = 48
"""Characters shown of a topic's title."""


def subject(content: DigestContent) -> str:
    """ "3 stories: Troop deployments (2), Ceasefire talks", followed by the health of the sources if there are problems."""
    late = ""
    if content.late:
        late = f"Late, for {day(content.period_start, ZoneInfo(content.timezone), now=content.now)}: "
    health = content.health.phrase
    if content.is_empty:
        return one_line(f"{late}No new stories; {health}", most=2 * MAX_SUBJECT)
    tail = "" if content.health.is_ok else f"; {health}"
    head = f"{late}{content_summary(content)}: "
    return one_line(f"{head}{topics_that_fit(content, MAX_SUBJECT - len(head + tail))}{tail}", most=2 * MAX_SUBJECT)


def content_summary(content: DigestContent) -> str:
    """ "3 stories, 2 older articles, 1 update"."""
    parts = [
        count_phrase(len(content.stories), "story", "stories") if content.stories else "",
        count_phrase(len(content.older), "older article") if content.older else "",
        count_phrase(len(content.changes), "update") if content.changes else "",
    ]
    return ", ".join(filter(None, parts)) or "No new stories"


def topics_that_fit(content: DigestContent, room: int) -> str:
    """Topics with their number of stories, as many as fit into `room` characters, at least one; the rest is counted."""
    names = list(_topics(content))
    for shown in range(len(names), 0, -1):
        more = len(names) - shown
        line = ", ".join(names[:shown]) + (f" and {count_phrase(more, 'more topic')}" if more else "")
        if len(line) <= room or shown == 1:
            return line
    return ""


def _topics(content: DigestContent) -> Iterator[str]:
    sections, _ = sections_of(content.stories)
    for section in sections:
        count = f" ({section.stories:,})" if section.stories > 1 else ""
        yield one_line(section.topic.title, most=TOPIC) + count
    listed = {section.topic.id for section in sections}
    others = {entry.topics[0].id: entry.topics[0].title for entry in (*content.older, *content.changes)}
    yield from (one_line(title, most=TOPIC) for name, title in others.items() if name not in listed)
