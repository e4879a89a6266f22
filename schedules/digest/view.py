"""A digest as its templates show it: strings, links and marked pieces, folded to what a mail has room for. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from schedules.digest.content import DigestContent, Entry, Section, TopicRef, by_time
from schedules.digest.health_view import health_view
from schedules.digest.sentences import EDITS
from schedules.digest.subject import content_summary, count_phrase, health_phrase, topics_as_fit
from schedules.digest.view_models import (
    DigestView,
    ElsewhereView,
    EntryView,
    LinkView,
    MoreView,
    SectionView,
    SentenceView,
)
from schedules.formatting.highlight import HighlightedSentence, HighlightSpan, highlight
from schedules.formatting.links import ArchiveLinks, safe_link
from schedules.formatting.plain_text import one_line, plain
from schedules.formatting.times import day as day_of
from schedules.formatting.times import interval, local_time

FEW = 3
"""Topics that need no table of contents."""
CONTENTS = 600
"""Characters of one."""
TITLE, OUTLET, BYLINE, LABEL = 240, 80, 120, 80
"""Characters shown of each; behind them stands an ellipsis. The longest headline of the demo's outlets has 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How much is shown before the rest is counted."""

    topics: int
    """With stories; of the others a line with their count."""
    listed: int
    """Topics of which that line is shown."""
    full: int
    """Stories a topic, with their sentences."""
    brief: int
    """And after them, as headlines."""
    sentences: int
    others: int
    """Outlets named that carry the same."""
    health: int
    """Sources and gaps named."""


LEVELS = (
    Level(topics=100, listed=200, full=25, brief=50, sentences=4, others=12, health=40),
    Level(topics=100, listed=200, full=12, brief=25, sentences=3, others=8, health=40),
    Level(topics=60, listed=200, full=6, brief=12, sentences=3, others=6, health=30),
    Level(topics=40, listed=150, full=3, brief=6, sentences=2, others=4, health=20),
    Level(topics=25, listed=100, full=2, brief=3, sentences=2, others=3, health=15),
    Level(topics=15, listed=60, full=1, brief=2, sentences=1, others=2, health=10),
    Level(topics=8, listed=30, full=1, brief=1, sentences=1, others=2, health=6),
)
"""Tried in this order until the mail is small enough."""


def build_view(content: DigestContent, level: Level, *, subject: str) -> DigestView:
    """What is shown at a level of folding."""
    setter = _ViewBuilder(content, level)
    shown = _reassign_sections(content.sections[: level.topics])
    sections = tuple(setter.section(section) for section in shown)
    changes = tuple(setter.entry(entry, changed=True) for entry in content.changes[: level.full + level.brief])
    entries = [*(entry for section in sections for entry in section.entries), *changes]
    return DigestView(
        subject=subject,
        title=one_line(content.title, most=LABEL) or content.id,
        summary=content_summary(content) + ("" if content.health.is_well else f"; {health_phrase(content.health)}"),
        period=f"{interval(content.period_start, content.now, setter.zone, now=content.now)} ({content.timezone})",
        late="This digest is late: it should have been sent before." if content.late else "",
        contents=topics_as_fit(content, CONTENTS) if len(content.sections) > FEW else "",
        sections=sections,
        listed=tuple(setter.rest_of_topics(content.sections[level.topics :])),
        changes=changes,
        change_count=len(content.changes),
        more_changes=setter.more(content.changes[len(changes) :], "update", "updates"),
        has_edits=any(_is_edited(entry) for entry in entries),
        health=health_view(content, setter.zone, most=level.health),
    )


def _reassign_sections(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Each story is told under its first topic that is shown: "told under" must not name a topic that was folded away."""
    shown = {section.topic.id for section in sections}
    moved: dict[str, list[Entry]] = {}
    for entry in {entry.alert_ids: entry for section in sections for entry in section.elsewhere}.values():
        if entry.topics[0].id not in shown:
            home = next(topic for topic in entry.topics if topic.id in shown)
            rest = tuple(topic for topic in entry.topics if topic != home)
            moved.setdefault(home.id, []).append(replace(entry, topics=(home, *rest)))
    homes = {entry.alert_ids: entry for entries in moved.values() for entry in entries}
    return tuple(_with_moved(section, moved.get(section.topic.id, ()), homes) for section in sections)


def _with_moved(section: Section, moved: Sequence[Entry], homes: Mapping[tuple[int, ...], Entry]) -> Section:
    """`homes`: all that moved, by their alerts; where it is not told, its line names where it is."""
    own = {entry.alert_ids for entry in moved}
    return replace(
        section,
        entries=tuple(sorted((*section.entries, *moved), key=by_time, reverse=True)),
        elsewhere=tuple(homes.get(entry.alert_ids, entry) for entry in section.elsewhere if entry.alert_ids not in own),
    )


def _is_edited(entry: EntryView) -> bool:
    shown = [entry.headline, *(sentence.pieces for sentence in entry.sentences)]
    return any(piece.change != "same" for found in shown for piece in found)


class _ViewBuilder:
    """Sets entries, with the reader's zone and the archive's address at hand."""

    def __init__(self, content: DigestContent, level: Level) -> None:
        self.now = content.now
        self.zone = ZoneInfo(content.timezone)
        self.level = level
        self.archive = ArchiveLinks(content.archive_url)

    def section(self, section: Section) -> SectionView:
        level = self.level
        full, rest = section.entries[: level.full], section.entries[level.full :]
        brief, folded = rest[: level.brief], rest[level.brief :]
        elsewhere, more_elsewhere = section.elsewhere[: level.brief], section.elsewhere[level.brief :]
        more = (
            self.more(folded, "story", "stories", topic=section.topic.id),
            self.more(more_elsewhere, "story under other topics", "stories under other topics", topic=section.topic.id),
        )
        return SectionView(
            title=one_line(section.topic.title, most=LABEL) or section.topic.id,
            count=section.stories,
            entries=tuple(self.entry(entry) for entry in full),
            briefs=tuple(self.entry(entry, brief=True) for entry in brief),
            elsewhere=tuple(
                ElsewhereView(
                    title=_title(entry), href=safe_link(entry.url), topic=one_line(entry.topics[0].title, most=LABEL)
                )
                for entry in elsewhere
            ),
            more=tuple(one for one in more if one is not None),
        )

    def entry(self, entry: Entry, *, changed: bool = False, brief: bool = False) -> EntryView:
        level = self.level
        sentences = [] if brief else [one for one in entry.sentences if one.field != "title" or one.outlet]
        others = () if brief else entry.others
        return EntryView(
            headline=_headline(entry),
            title=_title(entry),
            href=safe_link(entry.url),
            meta=tuple(self._meta(entry, brief=brief)),
            label=self._label(entry, changed=changed),
            language=_language(entry.language),
            sentences=tuple(_sentence(one) for one in sentences[: level.sentences]),
            more_sentences=_and_more(len(sentences) - level.sentences, "matching sentence"),
            also_in=tuple(
                LinkView(text=one_line(other.outlet, most=OUTLET), href=safe_link(other.url))
                for other in others[: level.others]
            ),
            more_also_in=self._more_story_articles(entry, len(others) - level.others),
            story_href=self.archive.story(entry.story_id) if others and entry.story_id is not None else None,
            topics=_named(entry.topics if changed else entry.topics[1:]),
            topics_label="Topics:" if changed else "Also matches",
            archive=self._archive(entry, changed=changed),
        )

    def _meta(self, entry: Entry, *, brief: bool) -> Iterable[str]:
        yield one_line(entry.outlet, most=OUTLET)
        if not brief and (byline := one_line(entry.byline, most=BYLINE)):
            yield byline
        if entry.at_is == "day":
            yield day_of(entry.at, self.zone, now=self.now)
        else:
            first_seen = "first seen " if entry.at_is == "seen" else ""
            yield first_seen + local_time(entry.at, self.zone, now=self.now)

    def _label(self, entry: Entry, *, changed: bool) -> str:
        at = f"seen {local_time(entry.changed_at, self.zone, now=self.now)}"
        own = [sentence for sentence in entry.sentences if sentence.outlet is None]
        is_changed = any(sentence.change != "unchanged" for sentence in own)
        if entry.kind in EDITS and own and not is_changed:
            return f"Edited and put back, {at}"
        if entry.kind == "edited":
            return f"Edited, {at}"
        if entry.kind == "removed":
            return f"Taken out, {at}"
        if entry.kind == "addition":
            return f"New in a told story, {at}" if changed else ""
        return f"Edited since, {at}" if is_changed else ""

    def _more_story_articles(self, entry: Entry, more: int) -> LinkView | None:
        if more <= 0:
            return None
        href = self.archive.story(entry.story_id) if entry.story_id is not None else None
        return LinkView(text=count_phrase(more, "other"), href=href)

    def _archive(self, entry: Entry, *, changed: bool) -> LinkView:
        article, revision = f"article {entry.article_id}", f"revision {entry.revision_id}"
        if changed or entry.kind != "new":
            article = f"{article}, {revision}"
        return LinkView(
            text=article,
            href=self.archive.sentence(entry.article_id, entry.revision_number, entry.shown_alert_id),
        )

    def more(self, folded: Sequence[Entry], one: str, many: str, *, topic: str | None = None) -> MoreView | None:
        """ "and 37 more stories", with where they are."""
        if not folded:
            return None
        ids = [number for entry in folded for number in entry.alert_ids]
        return MoreView(
            text=f"and {len(folded):,} more {one if len(folded) == 1 else many}",
            href=self.archive.alerts(min(ids), max(ids), topic=topic),
            where=f"alert_list in the archive, alerts {min(ids)} to {max(ids)}",
        )

    def rest_of_topics(self, sections: Sequence[Section]) -> Iterable[MoreView]:
        for section in sections[: self.level.listed]:
            yield self._listed([section], f"{one_line(section.topic.title, most=LABEL)}: ", topic=section.topic.id)
        rest = sections[self.level.listed :]
        if rest:
            yield self._listed(rest, f"and {count_phrase(len(rest), 'more topic')} with ")

    def _listed(self, sections: Sequence[Section], begins: str, *, topic: str | None = None) -> MoreView:
        entries = [entry for section in sections for entry in (*section.entries, *section.elsewhere)]
        ids = [number for entry in entries for number in entry.alert_ids]
        stories = len({entry.alert_ids for entry in entries})
        return MoreView(
            text=begins + count_phrase(stories, "story", "stories"),
            href=self.archive.alerts(min(ids), max(ids), topic=topic),
            where=f"alert_list in the archive, alerts {min(ids)} to {max(ids)}",
        )


def _title(entry: Entry) -> str:
    return one_line(entry.title, most=TITLE) or "(no headline)"


def _headline(entry: Entry) -> tuple[HighlightSpan, ...]:
    """The headline with the words that hit, and with what an edit changed in it."""
    own = [one for one in entry.sentences if one.field == "title" and one.outlet is None]
    for sentence in own:
        whole = plain(sentence.text).strip() == plain(entry.title).strip()
        if whole or sentence.change == "removed":
            marked = highlight(sentence)
            if sum(len(piece.text) for piece in marked) <= 2 * TITLE:
                return marked if whole else (*marked, HighlightSpan(" "), HighlightSpan(_title(entry)))
    return (HighlightSpan(_title(entry)),)


def _sentence(sentence: HighlightedSentence) -> SentenceView:
    outlet = one_line(sentence.outlet, most=OUTLET) if sentence.outlet else None
    return SentenceView(pieces=highlight(sentence), outlet=outlet)


def _named(topics: Sequence[TopicRef]) -> str:
    return ", ".join(one_line(topic.title, most=LABEL) for topic in topics)


def _and_more(number: int, what: str) -> str:
    return f"and {count_phrase(number, f'more {what}')}" if number > 0 else ""


def _language(language: str | None) -> str:
    """For the choice of a font: Han characters differ between Japanese, Chinese and Korean."""
    return language if language and language.replace("-", "").isalnum() and language.isascii() else ""
