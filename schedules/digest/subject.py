"""The subject of a digest: its number of stories and its topics in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from schedules.digest.content import DigestContent, sections_of
from schedules.formatting.plain_text import count_phrase, one_line
from schedules.formatting.times import day

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
        line = _with_rest(names, shown)
        if len(line) <= room or shown == 1:
            return line
    return ""


def _with_rest(names: Sequence[str], shown: int) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {count_phrase(more, 'more topic')}" if more else "")


def _topics(content: DigestContent) -> Iterator[str]:
    sections, _ = sections_of(content.stories)
    for section in sections:
        count = f" ({section.stories:,})" if section.stories > 1 else ""
        yield one_line(section.topic.title, most=TOPIC) + count
    listed = {section.topic.id for section in sections}
    others = {entry.topics[0].id: entry.topics[0].title for entry in (*content.older, *content.changes)}
    yield from (one_line(title, most=TOPIC) for name, title in others.items() if name not in listed)
