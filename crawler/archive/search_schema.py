"""Full-text search whose words are folded: in the place of what `schema.SEARCH` made.

As in `schema.py`, what is written here never changes: another way to fold, or another tokenizer, is another migration.
"""

from __future__ import annotations

from crawler.words import TOKENIZER

NO_SEARCH = """
DROP TABLE revisions_fts;
DROP VIEW revisions_search;
DROP TABLE revision_segments;
"""

SEARCH = f"""
CREATE TABLE revision_segments (
  -- The words of revisions as full-text search has them, where that is not as they are written: letters that are taken
  -- for the same are folded, and scripts written without spaces set apart. Written with the revision; revisions whose
  -- words need neither have no row here.
  revision_id INTEGER PRIMARY KEY REFERENCES revisions(id),
  title TEXT, -- Null as in revisions; so for lead and byline.
  lead TEXT, -- As revisions.lead.
  byline TEXT, -- As revisions.byline.
  text TEXT NOT NULL -- Folded, with a zero-width space between the characters of unspaced scripts.
) STRICT;

CREATE VIEW revisions_search AS
  -- What the full-text index revisions_fts holds of each revision.
  SELECT
    revisions.id AS id, -- revisions.id.
    iif(segments.revision_id IS NULL, revisions.title, segments.title) AS title, -- From revision_segments where it is there.
    iif(segments.revision_id IS NULL, revisions.lead, segments.lead) AS lead, -- As revisions.lead.
    iif(segments.revision_id IS NULL, revisions.byline, segments.byline) AS byline, -- As revisions.byline.
    iif(segments.revision_id IS NULL, revisions.text, segments.text) AS text -- As revisions.text.
  FROM revisions LEFT JOIN revision_segments AS segments ON segments.revision_id = revisions.id;

CREATE VIRTUAL TABLE revisions_fts USING fts5(
  title, lead, byline, text, /* content="revisions" */
  content='revisions_search', content_rowid='id',
  tokenize="{TOKENIZER}"
);
"""
