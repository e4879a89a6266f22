"""Decisions of people on events: split, join and group stories. They are permanent."""

from __future__ import annotations

from datetime import datetime

from crawler.archive.events.membership import add_story, create_event, known_story, remove_story
from crawler.archive.events.queries import current_event
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection


def split_event(db: Connection, story_id: int, *, at: datetime) -> int:
    """Move a story to an event of its own, by hand and permanently; returns the event that it was in.

    Raises NotFoundError if it is in no event with other stories.
    """
    story_id = known_story(db, story_id)
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
    story_id, event_id = known_story(db, story_id), current_event(db, event_id)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (story_id,)).fetchone()
    if row is not None and row[0] == event_id:
        raise NotFoundError(f"story {story_id} is in event {event_id} already")
    remove_story(db, story_id, into=event_id)
    add_story(db, story_id, event_id, at, reason_code="manual", why="joined by hand")
    return event_id


def group_stories(db: Connection, first: int, other: int, *, at: datetime) -> int:
    """Make an event of two stories by hand, or join `other` to the event of `first`; returns events.id."""
    first = known_story(db, first)
    row = db.execute("SELECT event_id FROM event_stories WHERE story_id = ?", (first,)).fetchone()
    event_id = int(row[0]) if row is not None else create_event(db, first, at=at, reason_code="manual")
    return join_event(db, other, event_id, at=at)
