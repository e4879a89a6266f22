"""The initial schema. SQLite keeps the comments, so `.schema` in its shell explains each table and column.

Released schema modules never change: later changes are migrations (`crawler/archive/db/migrations.py`).
`docs/reference/schema.md` is generated from the comments by `reference.py`.

Times are UTC, "2026-11-23T13:00:00Z"; offsets are the publisher's, in minutes; lists are JSON. IDs never change and are
never reused. One process writes at a time, so a higher revision ID was always committed later and works as a cursor.
"""

from __future__ import annotations

from crawler.archive.schema.articles import ARTICLE_VIEWS, ARTICLES, RAW_PAGES, REVISIONS
from crawler.archive.schema.crawl import FEED_HEADLINES, HOSTS, LINKS, RUNS, SOURCES
from crawler.archive.schema.delivery import DELIVERY
from crawler.archive.schema.desk import DESK_TABLES
from crawler.archive.schema.events import EVENT_TABLES
from crawler.archive.schema.evidence import EVIDENCE
from crawler.archive.schema.merges import MERGES
from crawler.archive.schema.monitoring import MONITORING
from crawler.archive.schema.retention import RETENTION
from crawler.archive.schema.search import SEARCH
from crawler.archive.schema.stories import STORY_TABLES
from crawler.archive.schema.tasks import TASKS
from crawler.archive.schema.topics import TOPICS

INITIAL = (
    SOURCES
    + RUNS
    + LINKS
    + FEED_HEADLINES
    + ARTICLES
    + RAW_PAGES
    + REVISIONS
    + HOSTS
    + SEARCH
    + ARTICLE_VIEWS
    + STORY_TABLES
    + EVENT_TABLES
    + MONITORING
    + TOPICS
    + DELIVERY
    + DESK_TABLES
    + EVIDENCE
    + TASKS
    + MERGES
    + RETENTION
)
