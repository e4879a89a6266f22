"""What the templates of a digest are given: strings, links and marked pieces."""

from __future__ import annotations

from dataclasses import dataclass

from schedules.digest.health_view import HealthView
from schedules.formatting.highlight import HighlightSpan, in_plain_text
from schedules.formatting.plain_text import isolated


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceView:
    pieces: tuple[HighlightSpan, ...]
    outlet: str | None

    @property
    def plain(self) -> str:
        words = in_plain_text(self.pieces)
        return f"{isolated(words)} ({isolated(self.outlet)})" if self.outlet else words


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    text: str
    href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreView:
    """What was folded: told by its number, never dropped without a word."""

    text: str
    href: str | None
    where: str
    """Where to find it, where there is no link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    headline: tuple[HighlightSpan, ...]
    title: str
    href: str | None
    meta: tuple[str, ...]
    """Outlet, byline, time."""
    label: str
    """What happened to it; "" for a new one."""
    language: str
    sentences: tuple[SentenceView, ...]
    more_sentences: str
    also_in: tuple[LinkView, ...]
    story_href: str | None
    """All who carry it."""
    more_also_in: LinkView | None
    topics: str
    """Other topics, or in what changed all topics; ""."""
    topics_label: str
    archive: LinkView

    @property
    def plain_headline(self) -> str:
        return in_plain_text(self.headline)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElsewhereView:
    title: str
    href: str | None
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    title: str
    count: int
    entries: tuple[EntryView, ...]
    briefs: tuple[EntryView, ...]
    elsewhere: tuple[ElsewhereView, ...]
    more: tuple[MoreView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    subject: str
    title: str
    summary: str
    period: str
    late: str
    contents: str
    """Topics with their counts, where there are too many to be seen at once; ""."""
    sections: tuple[SectionView, ...]
    listed: tuple[MoreView, ...]
    """Topics of which only the count is told."""
    changes: tuple[EntryView, ...]
    change_count: int
    more_changes: MoreView | None
    has_edits: bool
    """Something is struck or added, so that the plain text explains its brackets."""
    health: HealthView
