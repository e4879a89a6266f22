"""Check that matches, alerts, cursors and messages are consistent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from crawler.sqlite.connection import Connection

_QUERIES = (
    (
        "SELECT a.id FROM alerts a LEFT JOIN matches m ON m.topic_id = a.topic_id AND m.revision_id = a.revision_id"
        " AND m.alert_id = a.id WHERE m.id IS NULL",
        "alerts",
        "no match belongs to it",
    ),
    (
        "SELECT m.id FROM matches m LEFT JOIN match_sentences s ON s.match_id = m.id WHERE s.match_id IS NULL"
        " AND m.kind <> 'unchanged'",
        "matches",
        "has no sentence",
    ),
    (
        "SELECT id FROM topic_versions WHERE cursor >"
        " (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'revisions')",
        "topic_versions",
        "its cursor is after the last revision",
    ),
)


def alert_faults(db: Connection) -> Iterator[tuple[str, str]]:
    """(row, fault) for each inconsistency."""
    for query, table, fault in _QUERIES:
        for (row,) in db.execute(query):
            yield f"{table} row {row}", fault
    for row in db.execute(
        "SELECT id, content, content_sha256 FROM outbox WHERE NOT (state IN ('sent', 'dropped') AND length(content) = 0)"
    ):
        if hashlib.sha256(row["content"]).hexdigest() != row["content_sha256"]:
            yield (
                f"outbox row {row['id']}",
                "content does not match content_sha256; drop it with `scrapy outbox --drop`",
            )
