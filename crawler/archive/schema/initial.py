"""The initial schema. SQLite keeps the comments, so `.schema` in its shell explains each table and column.

Released files never change: later changes are migrations (`crawler/archive/db/migrations.py`).
`docs/reference/schema.md` is generated from the comments by `reference.py`.

Times are UTC, "2026-11-23T13:00:00Z"; offsets are the publisher's, in minutes; lists are JSON. IDs never change and are
never reused. One process writes at a time, so a higher revision ID was always committed later and works as a cursor.
"""

from __future__ import annotations

from pathlib import Path

SEARCH = """
CREATE TABLE revision_segments (
  -- The indexed form of revisions whose text is not indexed as written: equivalent letters are folded, and scripts
  -- without spaces are segmented. Written with the revision; other revisions have no row here.
  revision_id INTEGER PRIMARY KEY REFERENCES revisions(id),
  title TEXT, -- Null like revisions.title.
  lead TEXT, -- Like revisions.lead.
  byline TEXT, -- Like revisions.byline.
  text TEXT NOT NULL -- Folded, with a zero-width space between the characters of scripts without spaces.
) STRICT;

CREATE VIEW revisions_search AS
  -- The content of the full-text index revisions_fts.
  SELECT
    revisions.id AS id, -- revisions.id.
    iif(segments.revision_id IS NULL, revisions.title, segments.title) AS title, -- From revision_segments if it has a row.
    iif(segments.revision_id IS NULL, revisions.lead, segments.lead) AS lead, -- Like title.
    iif(segments.revision_id IS NULL, revisions.byline, segments.byline) AS byline, -- Like title.
    iif(segments.revision_id IS NULL, revisions.text, segments.text) AS text -- Like title.
  FROM revisions LEFT JOIN revision_segments AS segments ON segments.revision_id = revisions.id;

CREATE VIRTUAL TABLE revisions_fts USING fts5(
  title, lead, byline, text, /* content="revisions" lets Datasette find the index */
  content='revisions_search', content_rowid='id',
  tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' separators '\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\ua78c\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f'"
);
"""


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
