"""Rows of events: create one, add and remove stories, merge two; and the decisions of people, which are permanent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_row, seal_rows
from crawler.archive.events.queries import current_event
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc


def remove_story(db: Connection, story_id: int, *, into: int | None = None) -> None:
    """Remove a story from its event, if it is in one; an event without stories is merged into `into`."""
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (story_id,)).fetchone()
    if row is None:
        return
    event_id = row[0]
    db.execute("DELETE FROM event_stories WHERE story_id = ?", (story_id,))
    rest = db.execute(
        "SELECT count(*), min(e.story_id), min(coalesce(a.published_at, a.first_seen_at)),"
        " max(coalesce(a.published_at, a.first_seen_at)) FROM event_stories e JOIN stories s ON s.id = e.story_id"
        " JOIN articles a ON a.id = s.first_article_id WHERE e.event_id = ?",
        (event_id,),
    ).fetchone()
    if rest[0] == 0:
        _merge_into(db, event_id, into)
        return
    db.execute(
        "UPDATE events SET story_count = ?, earliest_published_at = ?, latest_published_at = ?,"
        " first_story_id = CASE WHEN first_story_id = ? THEN ? ELSE first_story_id END WHERE id = ?",
        (rest[0], rest[2], rest[3], story_id, rest[1], event_id),
    )
    seal_row(db, "events", event_id)


def merge_events(db: Connection, one: int, other: int, *, at: datetime, connected_by: int) -> int:
    """Move the stories of the smaller of two events into the larger one, or of the later one; returns the one that is left.

    `connected_by` is the story that both report.
    """
    sizes = dict(db.execute("SELECT id, story_count FROM events WHERE id IN (?, ?)", (one, other)).fetchall())
    gone, kept = sorted((one, other), key=lambda event: (sizes[event], -event))
    why = f"began event {gone}, which was merged because story {connected_by} belongs to both"
    db.execute(
        "UPDATE event_stories SET event_id = ?1, joined_at = ?2, why = iif(reason_code = 'first', ?3, why),"
        " reason_code = iif(reason_code = 'first', 'merged', reason_code) WHERE event_id = ?4",
        (kept, format_utc(at), why, gone),
    )
    seal_rows(db, "event_stories", "event_id = ?", (kept,))
    db.execute(
        "UPDATE events SET story_count = events.story_count + o.story_count, latest_at = max(events.latest_at, ?3),"
        " earliest_published_at = min(events.earliest_published_at, o.earliest_published_at),"
        " latest_published_at = max(events.latest_published_at, o.latest_published_at)"
        " FROM events o WHERE events.id = ?1 AND o.id = ?2",
        (kept, gone, format_utc(at)),
    )
    seal_row(db, "events", kept)
    _merge_into(db, gone, kept)
    return kept


def _merge_into(db: Connection, gone: int, kept: int | None) -> None:
    """Note that an event without stories leads to another one, and those that led to it as well."""
    changed = db.execute("SELECT id FROM events WHERE id = ?1 OR merged_into = ?1", (gone,)).fetchall()
    db.execute("UPDATE events SET story_count = 0 WHERE id = ?", (gone,))
    for (event_id,) in changed:
        db.execute("UPDATE events SET merged_into = ? WHERE id = ?", (kept, event_id))
        seal_row(db, "events", event_id)


def create_event(
    db: Connection, story_id: int, *, at: datetime, reason_code: str = "first", why: str | None = None
) -> int:
    published = _story_published_at(db, story_id)
    columns = {
        "first_story_id": story_id,
        "story_count": 0,
        "created_at": format_utc(at),
        "latest_at": format_utc(at),
        "earliest_published_at": published,
        "latest_published_at": published,
    }
    event_id = insert_sealed(db, "events", columns)
    add_story(db, story_id, event_id, at, reason_code=reason_code, why=why)
    return event_id


def add_story(
    db: Connection,
    story_id: int,
    event_id: int,
    at: datetime,
    *,
    reason_code: str,
    why: str | None,
    resembles: int | None = None,
    similarity: float | None = None,
    shared: Sequence[str] | None = None,
) -> None:
    columns = {
        "story_id": story_id,
        "event_id": event_id,
        "resembles": resembles,
        "similarity": similarity,
        "shared": json.dumps(shared, ensure_ascii=False) if shared is not None else None,
        "reason_code": reason_code,
        "why": why,
        "joined_at": format_utc(at),
        "decided_by": "manual" if reason_code == "manual" else "text",
    }
    insert_sealed(db, "event_stories", columns)
    published = _story_published_at(db, story_id)
    db.execute(
        "UPDATE events SET story_count = story_count + 1, latest_at = max(latest_at, ?),"
        " earliest_published_at = min(earliest_published_at, ?), latest_published_at = max(latest_published_at, ?)"
        " WHERE id = ?",
        (format_utc(at), published, published, event_id),
    )
    seal_row(db, "events", event_id)


def _story_published_at(db: Connection, story_id: int) -> str:
    row = db.execute(
        "SELECT coalesce(a.published_at, a.first_seen_at) FROM stories s JOIN articles a ON a.id = s.first_article_id"
        " WHERE s.id = ?",
        (story_id,),
    ).fetchone()
    return str(row[0])


def current_story(db: Connection, story_id: int) -> int:
    """The story that this one was merged into, or itself. Raises NotFoundError if there is no such story."""
    row = db.execute("SELECT coalesce(merged_into, id) FROM stories WHERE id = ?", (story_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"no story {story_id}; `scrapy stories` lists them")
    return int(row[0])


def split_event(db: Connection, story_id: int, *, at: datetime) -> int:
    """Move a story to an event of its own, by hand and permanently; returns the event that it was in.

    Raises NotFoundError if it is in no event with other stories.
    """
    story_id = current_story(db, story_id)
    row = db.execute(
        "SELECT e.event_id, v.story_count FROM event_stories e JOIN events v ON v.id = e.event_id WHERE e.story_id = ?",
        (story_id,),
    ).fetchone()
    if row is None or row["story_count"] == 1:
        raise NotFoundError(f"story {story_id} is in no event with other stories; there is nothing to split")
    remove_story(db, story_id)
    create_event(db, story_id, at=at, reason_code="manual", why=f"split from event {row['event_id']}")
    return int(row["event_id"])


def join_event(db: Connection, story_id: int, event_id: int, *, at: datetime) -> int:
    """Add a story to an event, by hand and permanently; returns events.id. Raises NotFoundError."""
    story_id, event_id = current_story(db, story_id), current_event(db, event_id)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (story_id,)).fetchone()
    if row is not None and row[0] == event_id:
        raise NotFoundError(f"story {story_id} is in event {event_id} already")
    remove_story(db, story_id, into=event_id)
    add_story(db, story_id, event_id, at, reason_code="manual", why="joined by hand")
    return event_id


def group_stories(db: Connection, first: int, other: int, *, at: datetime) -> int:
    """Make an event of two stories by hand, or join `other` to the event of `first`; returns events.id."""
    first = current_story(db, first)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (first,)).fetchone()
    event_id = int(row[0]) if row is not None else create_event(db, first, at=at, reason_code="manual")
    return join_event(db, other, event_id, at=at)
