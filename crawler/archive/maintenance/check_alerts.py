"""Check that matches, alerts, cursors and messages are consistent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from crawler.archive.maintenance.consistency import RowFault, consistency_faults
from crawler.sqlite.connection import Connection


def alert_faults(db: Connection) -> Iterator[RowFault]:
    """(row, fault) for each inconsistency."""
    yield from consistency_faults(db, "alerts")
    for row in db.execute(
        "SELECT id, content, content_sha256 FROM outbox WHERE NOT (state IN ('sent', 'dropped') AND length(content) = 0)"
    ):
        if hashlib.sha256(row["content"]).hexdigest() != row["content_sha256"]:
            yield (
                f"outbox row {row['id']}",
                "content does not match content_sha256; drop it with `scrapy outbox --drop`",
            )
