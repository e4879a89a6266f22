"""Assign stories to events that were stored before there were events, or with features of an older version.

Reads only the archive. In groups, so that a crawl can write between them, and safe to stop: the next call continues.
"""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive.events.assignment import assign_event
from crawler.archive.events.queries import event_of_story
from crawler.events.features import event_features
from crawler.events.similarity import FEATURES_VERSION
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import parse_utc
from crawler.stories.similarity import story_text

EVENT_GROUP = 64
"""Stories in one transaction."""


def rebuild_events(db: Connection) -> tuple[int, int]:
    """Index every story that is not indexed yet, the first stored first; existing decisions stay.

    Returns the number of stories that were indexed and of those that joined an event.
    """
    indexed = joined = 0
    for group in _groups(db):
        with transaction(db):
            for article_id, story_id in group:
                row = db.execute(
                    "SELECT r.title, r.lead, r.text, r.language, r.seen_at FROM articles a"
                    " JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
                    (article_id,),
                ).fetchone()
                before = event_of_story(db, story_id)
                features = event_features(row["title"], story_text(row["lead"], row["text"]), row["language"])
                after = assign_event(db, article_id, features, at=parse_utc(row["seen_at"]))
                indexed, joined = indexed + 1, joined + (before is None and after is not None)
    return indexed, joined


def _groups(db: Connection) -> Iterator[list[tuple[int, int]]]:
    last = 0
    while True:
        rows = db.execute(
            "SELECT s.first_article_id, s.id FROM stories s JOIN articles a ON a.id = s.first_article_id"
            " JOIN revisions r ON r.id = a.latest_revision_id"
            " LEFT JOIN event_features f ON f.article_id = s.first_article_id"
            " WHERE s.id > ? AND s.article_count > 0 AND r.status <> 'empty' AND r.words > 0"
            " AND (f.article_id IS NULL OR substr(f.features, 1, 1) <> ?) ORDER BY s.id LIMIT ?",
            (last, bytes([FEATURES_VERSION]), EVENT_GROUP),
        ).fetchall()
        if not rows:
            return
        yield [(int(row[0]), int(row[1])) for row in rows]
        last = int(rows[-1][1])
