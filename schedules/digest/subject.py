"""The subject of a digest: what is in it, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from schedules.digest.content import DigestContent, Health
from schedules.formatting.plain_text import one_line
from schedules.formatting.times import day

MAX_SUBJECT = 110
"""Characters; a phone shows some 40 of them, a wide screen about this. What is left out is counted."""
TOPIC = 48
"""Characters of a topic's title."""
_KINDS = {
    "silent": "silent",
    "blocked": "blocked",
    "unreachable": "unreachable",
    "moved": "moved",
    "extraction": "unreadable",
    "drift": "harder to read",
    "stuck": "stuck",
    "clock": "with a wrong clock",
}


def count_phrase(number: int, one: str, many: str | None = None) -> str:
    """ "1 story", "2 stories"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def kind_word(kind: str) -> str:
    """A problem's kind, for people."""
    return _KINDS.get(kind, kind)


def subject(content: DigestContent) -> str:
    """ "3 stories: Troop deployments (2), Ceasefire talks", with what an owner must know of the sources behind it."""
    marks = (
        f"Late, for {day(content.period_start, ZoneInfo(content.timezone), now=content.now)}: " if content.late else ""
    )
    health = health_phrase(content.health)
    if content.is_empty:
        return one_line(f"{marks}Nothing new; {health}", most=2 * MAX_SUBJECT)
    tail = "" if content.health.is_well else f"; {health}"
    head = f"{marks}{content_summary(content)}: "
    names = topics_as_fit(content, MAX_SUBJECT - len(head) - len(tail))
    return one_line(f"{head}{names}{tail}", most=2 * MAX_SUBJECT)


def content_summary(content: DigestContent) -> str:
    """ "3 stories, 1 update"."""
    parts = []
    if content.stories:
        parts.append(count_phrase(content.stories, "story", "stories"))
    if content.changes:
        parts.append(count_phrase(len(content.changes), "update"))
    return ", ".join(parts) or "Nothing new"


def topics_as_fit(content: DigestContent, room: int) -> str:
    """Topics with their counts, as many as `room` characters hold; the others are counted."""
    return _as_fit(list(_topics(content)), room)


def _topics(content: DigestContent) -> Iterator[str]:
    named = set()
    for section in content.sections:
        named.add(section.topic.id)
        count = f" ({section.stories:,})" if section.stories > 1 else ""
        yield one_line(section.topic.title, most=TOPIC) + count
    for entry in content.changes:
        for topic in entry.topics[:1]:
            if topic.id not in named:
                named.add(topic.id)
                yield one_line(topic.title, most=TOPIC)


def _as_fit(names: list[str], room: int) -> str:
    """As many as there is room for, at least one; the others are counted."""
    shown = names[:1]
    for name in names[1:]:
        more = len(names) - len(shown) - 1
        tail = f" and {count_phrase(more, 'more topic')}" if more else ""
        if len(", ".join([*shown, name])) + len(tail) > room:
            break
        shown.append(name)
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {count_phrase(more, 'more topic')}" if more else "")


def health_phrase(health: Health) -> str:
    """ "all 14 sources healthy", or what is wrong in a few words."""
    if not health.sources:
        return "no sources are watched"
    if health.is_stale:
        return "no source was read lately"
    if health.is_well:
        if health.sources == 1:
            return "the one source is healthy"
        return f"all {health.sources} sources healthy"
    parts = []
    if health.troubled:
        parts.append(f"{health.troubled} of {count_phrase(health.sources, 'source')} {_of_what(health)}")
    if health.missed:
        parts.append(count_phrase(len(health.missed), "gap"))
    if health.unmatched:
        parts.append(f"{count_phrase(health.unmatched, 'text')} not matched")
    return ", ".join(parts)


def _of_what(health: Health) -> str:
    """ "silent" where all of them are; "need attention" where they differ."""
    kinds: Iterable[str] = {kind_word(trouble.kind) for trouble in health.troubles} | (
        {"not read yet"} if health.never_read else set()
    )
    words = sorted(kinds)
    return words[0] if len(words) == 1 else "in trouble"
