"""Assign articles to stories and stories to events where that was not done yet, or with features of an older version.

Reads only the archive. In groups, so that a crawl can write between them, and safe to stop: the next call continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from crawler.archive.events.assignment import assign_event
from crawler.archive.events.queries import event_of_story
from crawler.archive.stories.assignment import assign_story, comparable_text
from crawler.events.features import event_features
from crawler.events.similarity import FEATURES_VERSION
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import parse_utc
from crawler.stories.minhash import VERSION, MinHashSketch
from crawler.stories.similarity import ComparableText, story_text

BACKFILL_GROUP = 64
"""Articles or stories in one transaction."""
SketchOf = Callable[[ComparableText], MinHashSketch | None]
_STORIES = (
    "SELECT s.id, s.first_article_id FROM stories s JOIN articles a ON a.id = s.first_article_id"
    " JOIN revisions r ON r.id = a.latest_revision_id LEFT JOIN event_features f ON f.article_id = s.first_article_id"
    " WHERE s.id > ? AND s.article_count > 0 AND r.status <> 'empty' AND r.words > 0"
    " AND (f.article_id IS NULL OR substr(f.features, 1, 1) <> ?) ORDER BY s.id LIMIT ?"
)
_ARTICLES = (
    "SELECT a.id, m.article_id IS NOT NULL FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
    " LEFT JOIN story_articles m ON m.article_id = a.id LEFT JOIN story_sketches s ON s.article_id = a.id"
    " WHERE a.id > ? AND a.merged_into IS NULL AND (m.article_id IS NULL"
    " OR (s.article_id IS NULL AND r.status <> 'empty' AND r.words > 0) OR substr(s.sketch, 1, 1) <> ?)"
    " ORDER BY a.id LIMIT ?"
)


def rebuild_events(db: Connection) -> tuple[int, int]:
    """Index every story that is not indexed yet, the first stored first; existing decisions stay.

    Returns the number of stories that were indexed and of those that joined an event.
    """
    indexed = joined = 0
    for group in _groups(db, _STORIES, FEATURES_VERSION):
        with transaction(db):
            for story_id, article_id in group:
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


def rebuild(db: Connection, sketch_of: SketchOf, *, at: datetime) -> tuple[int, int]:
    """Assign every article without a story, the oldest first. Existing assignments are kept.

    Returns the number of articles that had no story, and of those whose sketch was missing or of an older version.
    """
    placed = sketched = 0
    for group in _groups(db, _ARTICLES, VERSION):
        with transaction(db):
            for article_id, has_story in group:
                found = comparable_text(db, article_id)
                sketch = sketch_of(found) if found is not None else None
                assign_story(db, article_id, sketch.packed() if sketch is not None else None, at=at)
                placed, sketched = placed + (not has_story), sketched + has_story
    return placed, sketched


def _groups(db: Connection, query: str, version: int) -> Iterator[list[tuple[int, int]]]:
    """The rows of a query in groups; its parameters are the ID of the last row before, the version, and the limit."""
    last = 0
    while rows := [tuple(row) for row in db.execute(query, (last, bytes([version]), BACKFILL_GROUP))]:
        yield rows
        last = rows[-1][0]
