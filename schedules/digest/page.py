"""What the templates of a digest show: its strings, links and highlighted words, and how many entries. Pure.

Both templates use the same `DigestPage`, so that the HTML and the plain text agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from schedules.digest.content import (
    DigestContent,
    Entry,
    Section,
    TopicRef,
    content_summary,
    sections_of,
    subject,
    topics_that_fit,
)
from schedules.digest.sentences import EDITS
from schedules.formatting.highlight import HighlightedSentence, HighlightSpan, highlight
from schedules.formatting.links import ArchiveLinks
from schedules.formatting.plain_text import count_phrase, day, delay, interval, local_time, one_line, plain

MOST_TOPICS_WITHOUT_CONTENTS = 3
"""A digest with more topics lists them at its top."""
MOST_TRENDS = 12
CONTENTS = 600
"""Characters of that list."""
TITLE, OUTLET, BYLINE, LABEL = 240, 80, 120, 80
"""Characters shown of each. The longest headline of the demo's outlets has 100."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a digest is shown; the rest is counted. Every limit follows from the number of stories of a topic."""

    stories: int
    """Stories of a topic that are shown with their sentences."""

    @property
    def headlines(self) -> int:
        """Further stories of a topic, shown as headlines."""
        return 2 * self.stories

    @property
    def topics(self) -> int:
        """Topics with a section."""
        return 4 * self.stories

    @property
    def listed(self) -> int:
        """Further topics that are named with their number of stories."""
        return 10 + 8 * self.stories

    @property
    def sentences(self) -> int:
        """Sentences of a story."""
        return min(4, 1 + self.stories // 4)

    @property
    def outlets(self) -> int:
        """Other outlets of a story that are named."""
        return min(12, 1 + self.stories)

    @property
    def parts(self) -> int:
        """Further stories of an event that are shown below the first."""
        return min(8, self.stories)

    @property
    def problems(self) -> int:
        """Lines of the health part."""
        return min(40, 5 + 3 * self.stories)


class More(NamedTuple):
    """Entries that are only counted, and where to find them."""

    text: str
    href: str | None
    where: str


class FurtherPart(NamedTuple):
    """A part below the topics. `shown`: the number of entries that are shown; `more` counts the others."""

    heading: str
    entries: Sequence[Entry]
    are_changes: bool
    shown: int
    more: More | None


class DigestPage:
    """One digest within its limits."""

    def __init__(self, content: DigestContent, limits: Limits) -> None:
        self.content, self.limits, self.health = content, limits, content.health
        self.zone = ZoneInfo(content.timezone)
        self.archive = ArchiveLinks(content.archive_url)
        self.sections, self.other_topics = sections_of(content.stories, limits.topics)
        self.subject = subject(content)
        self.title = one_line(content.title, most=LABEL) or content.id
        self.summary = content_summary(content) + ("" if self.health.is_ok else f"; {self.health.phrase}")
        period = interval(content.period_start, content.now, self.zone, now=content.now)
        self.period = f"{period} ({content.timezone})"
        self.late = "This digest is late." if content.late else ""
        self.resolved = self._resolved()
        self.trends = [one_line(line, most=2 * LABEL) for line in content.trends[:MOST_TRENDS]]
        self.further = [
            self._further("Older articles, found now", content.older, "older article"),
            self._further("Changed in stories already reported", content.changes, "update"),
        ]
        self.further = [part for part in self.further if part.entries]
        topics = len(self.sections) + len(self.other_topics)
        self.contents = topics_that_fit(content, CONTENTS) if topics > MOST_TOPICS_WITHOUT_CONTENTS else ""

    # --- Entries ----------------------------------------------------------------------------------------------------

    def headline(self, entry: Entry) -> tuple[HighlightSpan, ...]:
        """The headline with its highlighted words, and with what an edit changed in it."""
        title = one_line(entry.title, most=TITLE) or "(no headline)"
        for sentence in entry.sentences:
            if sentence.field != "title" or sentence.outlet is not None:
                continue
            is_whole = plain(sentence.text).strip() == plain(entry.title).strip()
            spans = highlight(sentence)
            if (is_whole or sentence.change == "removed") and sum(len(span.text) for span in spans) <= 2 * TITLE:
                return spans if is_whole else (*spans, HighlightSpan(" "), HighlightSpan(title))
        return (HighlightSpan(title),)

    def meta(self, entry: Entry, *, brief: bool = False) -> Iterator[str]:
        """Outlet, byline and time; `brief`: without the byline."""
        yield one_line(entry.outlet, most=OUTLET)
        if not brief and (byline := one_line(entry.byline, most=BYLINE)):
            yield byline
        if entry.time_kind == "day":
            yield day(entry.published_at, self.zone, now=self.content.now)
        else:
            first_seen = "first seen " if entry.time_kind == "first_seen" else ""
            yield first_seen + self._time(entry.published_at)

    def label(self, entry: Entry, *, changed: bool) -> str:
        """What happened to the article; "" for a new one. `changed`: in a story that was already reported."""
        own = [sentence for sentence in entry.sentences if sentence.outlet is None]
        is_changed = any(sentence.change != "unchanged" for sentence in own)
        if entry.kind in EDITS and own and not is_changed:
            what = "Edited and changed back"
        elif entry.kind == "addition":
            what = "Added by another outlet" if changed else ""
        else:
            what = {"edited": "Edited", "removed": "Removed"}.get(entry.kind, "Edited since" if is_changed else "")
        return what and f"{what}, {self._time(entry.changed_at)}"

    def sentences(self, entry: Entry) -> list[HighlightedSentence]:
        """Its sentences, without the headline."""
        return [one for one in entry.sentences if one.field != "title" or one.outlet]

    def topics(self, entry: Entry, home: TopicRef | None) -> str:
        """Titles of its topics except `home`, the one that it is listed under."""
        return ", ".join(one_line(topic.title, most=LABEL) for topic in entry.topics if topic != home)

    def archive_link(self, entry: Entry) -> str | None:
        """The revision in the archive, at the alert's sentence."""
        return self.archive.sentence(entry.article_id, entry.revision_number, entry.shown_alert_id)

    def event_line(self, entry: Entry) -> str:
        """Who reported the event first, and who followed when; "" for a story that stands alone."""
        if not entry.reports:
            return ""
        first, *others = entry.reports
        line = f"First: {one_line(first.source, most=OUTLET)}, {self._time(first.at)}"
        followed = [
            f"{one_line(report.source, most=OUTLET)} {delay(report.at - first.at)}"
            for report in others[: self.limits.outlets]
        ]
        if len(others) > len(followed):
            followed.append(f"{len(others) - len(followed):,} more")
        return f"{line}; then {count_phrase(len(others), 'other')} in other words: {', '.join(followed)}"

    def more_parts(self, entry: Entry) -> More | None:
        """The stories of the event that are only counted; None if all are shown."""
        hidden = entry.parts[self.limits.parts :]
        return self.more(hidden, "story of this event", "stories of this event") if hidden else None

    def is_edited(self) -> bool:
        """Whether words are shown as added or removed, so that the plain text must explain its brackets."""
        limits = self.limits
        shown = [entry for part in self.further for entry in part.entries[: part.shown]]
        shown += [entry for section in self.sections for entry in section.entries[: limits.stories]]
        shown += [part for entry in shown for part in entry.parts[: limits.parts]]
        spans = [self.headline(entry) for entry in shown]
        spans += [highlight(one) for entry in shown for one in self.sentences(entry)[: limits.sentences]]
        return any(span.change != "same" for line in spans for span in line)

    # --- Counts -----------------------------------------------------------------------------------------------------

    def more(self, entries: Sequence[Entry], one: str, many: str, topic: TopicRef | None = None) -> More:
        """ "and 37 more stories"."""
        return self._more(f"and {len(entries):,} more {one if len(entries) == 1 else many}", entries, topic)

    def _further(self, heading: str, entries: Sequence[Entry], noun: str) -> FurtherPart:
        shown = 3 * self.limits.stories
        more = self.more(entries[shown:], noun, f"{noun}s") if len(entries) > shown else None
        return FurtherPart(heading, entries, noun == "update", shown, more)

    def more_topics(self) -> Iterator[More]:
        """Topics without a section, with their numbers of stories."""
        most = self.limits.listed
        for section in self.other_topics[:most]:
            title = one_line(section.topic.title, most=LABEL)
            yield self._more(
                f"{title}: {count_phrase(section.stories, 'story', 'stories')}", _entries(section), section.topic
            )
        if rest := self.other_topics[most:]:
            entries = list({entry.alert_ids: entry for section in rest for entry in _entries(section)}.values())
            stories = count_phrase(len(entries), "story", "stories")
            yield self._more(f"and {count_phrase(len(rest), 'more topic')} with {stories}", entries)

    def _more(self, text: str, entries: Sequence[Entry], topic: TopicRef | None = None) -> More:
        ids = [number for entry in entries for number in entry.all_alert_ids]
        href = self.archive.alerts(min(ids), max(ids), topic=topic.id if topic else None)
        return More(text, href, f"alert_list in the archive, alerts {min(ids)} to {max(ids)}")

    # --- Times ------------------------------------------------------------------------------------------------------

    def _time(self, at: datetime) -> str:
        return local_time(at, self.zone, now=self.content.now)

    def _resolved(self) -> str:
        resolved, most = self.health.resolved, self.limits.problems
        more = f" and {len(resolved) - most:,} more" if len(resolved) > most else ""
        return f"Resolved since the last digest: {', '.join(resolved[:most])}{more}." if resolved else ""

    def numbers(self) -> list[str]:
        """ "Ceasefire talks: 42 new reports (28 in the period before) from 9 outlets" for each topic of a summary."""
        lines = (
            f"{one.title}: {count_phrase(one.reports, 'new report')} ({one.before:,} in the period before)"
            f" from {count_phrase(one.outlets, 'outlet')}"
            for one in (self.content.numbers or ())[: 10 * self.limits.stories]
        )
        return [one_line(line, most=2 * LABEL) for line in lines]

    def footer(self) -> Iterator[str]:
        """Sentences on why the recipient gets this mail and how to end it; none for a sample."""
        footer = self.content.footer
        if footer is None:
            return
        yield (
            f"You get this mail because {footer.recipient} is a recipient of the digest “{self.title}” ({self.content.id}),"
            f" about {one_line(footer.subjects, most=3 * LABEL)}."
        )
        end = "at the address below or " if footer.unsubscribe_url else ""
        whom = f"a mail to {footer.reply_to}" if footer.reply_to else "a reply to this mail"
        yield f"Wirewatch, which watches news automatically, sends it. You can change or end it {end}with {whom}."

    def last_polled(self) -> str:
        """The health part's first line."""
        phrase, last = self.health.phrase, self.health.last_polled_at
        return phrase[:1].upper() + phrase[1:] + (f", last polled {self._time(last)}" if last else "") + "."


def _entries(section: Section) -> list[Entry]:
    return [*section.entries, *(entry for entry, _ in section.elsewhere)]
