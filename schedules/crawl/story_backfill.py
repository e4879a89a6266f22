"""Assign articles without a story to stories, and compute missing or outdated sketches (`scrapy stories --rebuild`).

Works on the current texts in the archive, in small transactions, so that crawls can write in between. It can be stopped
at any time; the next call continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.stories.assignment import assign_story, comparable_text
from crawler.sqlite.connection import Connection, transaction
from crawler.stories.minhash import VERSION, MinHashSketch
from crawler.stories.similarity import ComparableText

BACKFILL_GROUP = 64
"""Articles in one transaction."""
SketchOf = Callable[[ComparableText], MinHashSketch | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The result of a rebuild."""

    placed: int
    """Articles that had no story."""
    sketched: int
    """Articles with a story that had no sketch, or one of an older version."""


def rebuild(db: Connection, sketch_of: SketchOf, *, at: datetime) -> Rebuilt:
    """Assign every article without a story, the oldest first. Existing assignments are kept."""
    placed = sketched = 0
    for group in _groups(db):
        with transaction(db):
            for article_id, has_story in group:
                found = comparable_text(db, article_id)
                sketch = sketch_of(found) if found is not None else None
                assign_story(db, article_id, sketch.packed() if sketch is not None else None, at=at)
                placed, sketched = placed + (not has_story), sketched + has_story
    return Rebuilt(placed=placed, sketched=sketched)


def _groups(db: Connection) -> Iterator[list[tuple[int, bool]]]:
    last = 0
    while True:
        rows = db.execute(
            "SELECT a.id, m.article_id IS NOT NULL FROM articles a"
            " JOIN revisions r ON r.id = a.latest_revision_id"
            " LEFT JOIN story_articles m ON m.article_id = a.id"
            " LEFT JOIN story_sketches s ON s.article_id = a.id"
            " WHERE a.id > ? AND a.merged_into IS NULL AND (m.article_id IS NULL"
            "  OR (s.article_id IS NULL AND r.status <> 'empty' AND r.words > 0) OR substr(s.sketch, 1, 1) <> ?)"
            " ORDER BY a.id LIMIT ?",
            (last, bytes([VERSION]), BACKFILL_GROUP),
        ).fetchall()
        if not rows:
            return
        yield [(int(row[0]), bool(row[1])) for row in rows]
        last = int(rows[-1][0])
