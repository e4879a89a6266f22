"""Notice that a document became empty, or a listing far shorter, compared with its earlier polls."""

from __future__ import annotations

from datetime import timedelta

from crawler.items import PollRecord
from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

EARLIER_POLLS, EARLIER_SINCE = 20, timedelta(days=7)
"""Polls that the length of a document is compared with; after a week, the shorter length is the usual one."""
SHRUNK_FROM, SHRUNK_TO = 9, 1 / 3
"""A listing of usually 9 links or more with less than a third of them has shrunk; short listings vary too much."""


def shrinkage(db: Connection, seed_id: int, poll: PollRecord) -> Reason | None:
    """Return a note if a document is empty, or a listing far shorter than usual; None otherwise."""
    rows = db.execute(
        "SELECT polls.items, polls.at, seeds.kind FROM polls JOIN seeds ON seeds.id = polls.seed_id"
        " WHERE seed_id = ? AND polls.url IS NULL AND polls.outcome IN ('new', 'known') AND polls.items > 0"
        " AND coalesce(polls.reason_code, '') <> ? AND polls.at > ? ORDER BY polls.id DESC LIMIT ?",
        (seed_id, ReasonCode.SHRUNK, format_utc(poll.at - EARLIER_SINCE), EARLIER_POLLS),
    ).fetchall()
    if not rows:
        return None
    usual, now = sorted(row["items"] for row in rows)[len(rows) // 2], len(poll.links)
    if now == 0 and poll.entries == 0:
        last = rows[0]["at"][:16].replace("T", " ")
        return Reason(ReasonCode.EMPTIED, f"no entries; usually {usual}, last seen {last} UTC")
    if rows[0]["kind"] == "listing" and usual >= SHRUNK_FROM and now < usual * SHRUNK_TO:
        return Reason(ReasonCode.SHRUNK, f"{now} of usually {usual} links to articles")
    return None
