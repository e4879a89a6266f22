"""The initial schema. SQLite keeps the comments, so `.schema` in its shell explains each table and column.

Released files never change: later changes are migrations (`crawler/archive/db/migrations.py`).
`docs/reference/schema.md` is generated from the comments by `reference.py`.

Times are UTC, "2026-11-23T13:00:00Z"; offsets are the publisher's, in minutes; lists are JSON. IDs never change and are
never reused. One process writes at a time, so a higher revision ID was always committed later and works as a cursor.
"""

from __future__ import annotations

from pathlib import Path

from crawler.archive.schema.search import SEARCH


def _tables_of(*subjects: str) -> str:
    """Return the statements of the files with these names."""
    folder = Path(__file__).parent
    return "".join((folder / f"{subject}.sql").read_text(encoding="utf-8") for subject in subjects)


INITIAL = (
    _tables_of("crawl", "articles")
    + SEARCH
    + _tables_of("article_views", "stories", "events", "monitoring", "topics", "delivery", "desk", "evidence")
    + _tables_of("tasks", "merges", "retention")
)
