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
