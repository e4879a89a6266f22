"""Indices for what is asked at every page and at every look of the monitor: neither slows down as the archive grows.

As in `schema.py`, what is written here never changes.
"""

from __future__ import annotations

LOOKUPS = """
-- Whether these very bytes are kept already; whether a recorded page is in the archive.
CREATE INDEX pages_url ON pages(url);
-- Articles due to be looked at again, of one source or any, the longest due first. In place of an index by time alone.
CREATE INDEX articles_visits ON articles(source_id, next_visit_at) WHERE next_visit_at IS NOT NULL;
DROP INDEX articles_due;
-- Sums over all crawls of a source, for its metrics.
CREATE INDEX source_runs_sums ON source_runs(source_id, requests, failed, blocked);
"""
