"""Read events: the event of a story, the reports of an event and what each adds, the list of events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.events.additions import Additions, ReportText, additions
from crawler.exceptions import NotFoundError
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """A story of an event, by its first article."""

    event_id: int
    story_id: int
    article_id: int
    source_id: str
    source: str
    """The outlet's name."""
    title: str
    language: str | None
    at: datetime
    """Published, or else first seen."""
    article_count: int
    """Articles of the story."""
    similarity: float | None
    why: str | None
    reason_code: str
    """first, same_language, across_languages or manual."""
    decided_by: str
    """text or manual."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as it is listed."""

    id: int
    title: str
    first_source: str
    story_count: int
    article_count: int
    sources: int
    languages: str
    """Of its stories, separated by commas; empty if unknown."""
    earliest_published_at: datetime
    latest_published_at: datetime
    latest_at: datetime


def event_of_story(db: Connection, story_id: int) -> int | None:
    """events.id of a story; None if it stands alone."""
    row = db.execute(
        "SELECT e.event_id FROM event_stories e JOIN events v ON v.id = e.event_id"
        " WHERE e.story_id = ? AND v.story_count > 1",
        (story_id,),
    ).fetchone()
    return int(row[0]) if row is not None else None


def current_event(db: Connection, event_id: int) -> int:
    """The event that this one was merged into, or itself. Raises NotFoundError if there is no such event."""
    row = db.execute("SELECT coalesce(merged_into, id) FROM events WHERE id = ?", (event_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"no event {event_id}; `scrapy events` lists them")
    return int(row[0])


def event_reports(db: Connection, event_id: int) -> list[EventReport]:
    """The stories of an event in order of time."""
    return reports_of_events(db, [event_id]).get(event_id, [])


def events_of_stories(db: Connection, story_ids: Iterable[int]) -> dict[int, int]:
    """By story ID, its event, if the event has several stories."""
    rows = db.execute(
        "SELECT e.story_id, e.event_id FROM event_stories e JOIN events v ON v.id = e.event_id"
        " WHERE v.story_count > 1 AND e.story_id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(story_ids))),),
    )
    return {row[0]: row[1] for row in rows}


def reports_of_events(db: Connection, event_ids: Iterable[int]) -> dict[int, list[EventReport]]:
    """By event ID, its stories in order of time."""
    rows = db.execute(
        "SELECT event_id, story_id, article_id, source_id, source, coalesce(title, '') AS title, language,"
        " published_at AS at, article_count, similarity, why, reason_code, decided_by, url FROM event_reports"
        " WHERE event_id IN (SELECT value FROM json_each(?)) ORDER BY published_at, article_id",
        (json.dumps(sorted(set(event_ids))),),
    )
    return grouped_by((from_row(EventReport, row) for row in rows), lambda report: report.event_id)


def source_languages(db: Connection) -> set[str]:
    """The usual languages of the sources."""
    return {row[0] for row in db.execute("SELECT DISTINCT language FROM sources WHERE language IS NOT NULL")}


def latest_events(
    db: Connection, *, min_stories: int = 2, since: datetime | None = None, limit: int | None = None
) -> list[Event]:
    """Events with at least `min_stories` stories, the one that last gained a story first."""
    rows = db.execute(
        "SELECT event_id AS id, coalesce(title, '') AS title, first_source, story_count, article_count, sources,"
        " coalesce(languages, '') AS languages, earliest_published_at, latest_published_at, latest_at FROM event_list"
        " WHERE story_count >= ? AND latest_at >= ? ORDER BY latest_at DESC, event_id DESC LIMIT ?",
        (min_stories, format_utc(since) if since else "", -1 if limit is None else limit),
    )
    return [from_row(Event, row) for row in rows]


MAX_REPORTS_COMPARED = 60
"""Reports of one event that are read, in order of time; later ones show no additions."""


def additions_of(db: Connection, reports: Sequence[EventReport]) -> list[Additions]:
    """Return for each report the names and figures that no earlier one has, in order of time."""
    found = additions([_text(db, report) for report in reports[:MAX_REPORTS_COMPARED]])
    return found + [Additions(facts=(), sentences=())] * (len(reports) - len(found))


def _text(db: Connection, report: EventReport) -> ReportText:
    row = db.execute(
        "SELECT r.title, r.lead, r.text, r.language FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
        " WHERE a.id = ?",
        (report.article_id,),
    ).fetchone()
    if row is None:
        return ReportText(title=None, text="", language=None)
    text = "\n\n".join(part for part in (row["lead"], row["text"]) if part)
    return ReportText(title=row["title"], text=text, language=row["language"])
