"""Indices for what is asked in the browser: each serves a page or a ready-made query of Datasette.

As in `schema.py`, what is written here never changes.
"""

from __future__ import annotations

BROWSING = """
-- A topic's alerts, the newest first, and its alerts per day.
CREATE INDEX alerts_topic ON alerts(topic_id, made_at);
-- Edits of a week: revisions after the first, by time. One in some ten, so it is small.
CREATE INDEX revisions_edits ON revisions(seen_at) WHERE number > 1;
-- Facets of revisions and articles: counted without reading texts.
CREATE INDEX revisions_language ON revisions(language);
CREATE INDEX revisions_status ON revisions(status);
CREATE INDEX articles_newest ON articles(first_seen_at);
CREATE INDEX stories_by_carriers ON stories(carriers, latest_at) WHERE carriers > 1;
"""

SILENT_EDITS = """
DROP VIEW edits;
CREATE VIEW edits AS
  -- Revisions after the first: what was changed, next to what it said before. A page read again by a better reader
  -- (`scrapy reextract`) is no edit and is left out.
  SELECT
    revisions.id AS revision_id, -- revisions.id.
    revisions.article_id AS article_id, -- articles.id.
    articles.source_id AS source_id, -- sources.id.
    revisions.number AS number, -- revisions.number.
    revisions.seen_at AS seen_at, -- When the page was fetched.
    before.title AS title_before, -- Of the revision before.
    revisions.title AS title, -- revisions.title.
    before.words AS words_before, -- Of the revision before.
    revisions.words AS words, -- revisions.words.
    revisions.modified_at AS modified_at, -- As the page says; null where it says none.
    before.modified_at AS modified_before, -- Of the revision before.
    (revisions.modified_at IS NULL OR revisions.modified_at IS before.modified_at)
      AS silent, -- 1: the text changed, and the page kept its time or says none. Else 0.
    before.id AS previous_revision_id, -- revisions.id of the text before.
    articles.url AS url -- articles.url.
  FROM revisions
  JOIN revisions AS before ON before.article_id = revisions.article_id AND before.number = revisions.number - 1
  JOIN articles ON articles.id = revisions.article_id
  WHERE revisions.page_id IS NULL OR revisions.page_id IS NOT before.page_id;

-- A topic's alerts by id, a page after the other; its place in time is what a clock said that may have been set back.
CREATE INDEX alerts_of_topic ON alerts(topic_id);
"""
