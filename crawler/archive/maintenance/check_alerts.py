"""Whether matches, alerts and messages fit together, as `scrapy archive check` tells it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from crawler.sqlite.connection import Connection


def wrong_flags(db: Connection) -> Iterator[tuple[str, str]]:
    """(where, what) for everything that is not as it should be."""
    for row in db.execute(
        "SELECT a.id FROM alerts a LEFT JOIN matches m ON m.topic_id = a.topic_id AND m.revision_id = a.revision_id"
        " AND m.alert_id = a.id WHERE m.id IS NULL"
    ):
        yield f"alerts row {row['id']}", "no match says why it was made"
    for row in db.execute(
        "SELECT m.id FROM matches m LEFT JOIN match_sentences s ON s.match_id = m.id WHERE s.match_id IS NULL"
        " AND m.kind <> 'unchanged'"
    ):
        yield f"matches row {row['id']}", "has no sentence"
    for row in db.execute(
        "SELECT id, cursor FROM topic_versions WHERE cursor > (SELECT coalesce(max(id), 0) FROM revisions)"
    ):
        yield f"topic_versions row {row['id']}", f"looked at revision {row['cursor']}, which there is not"
    for row in db.execute(
        "SELECT id, content, content_sha256 FROM outbox WHERE NOT (state = 'sent' AND length(content) = 0)"
    ):
        if hashlib.sha256(row["content"]).hexdigest() != row["content_sha256"]:
            yield f"outbox row {row['id']}", "its bytes are not what was stored (SHA-256); `scrapy outbox --drop` it"
