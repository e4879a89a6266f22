"""Remove an article from stored messages and from one-line notes that quote its address or title."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy

from crawler.archive.db.seals import SEALED, keys_of_valid, seal_row
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc

REMOVED = "[removed]"
_ERROR = "an article in it was removed with `scrapy archive forget`; its other alerts go into the next digest"
_NOTES = (
    ("job_runs", "message"),
    ("problems", "what"),
    ("problems", "evidence"),
    ("problems", "advice"),
    ("fetches", "reason"),
    ("queue", "reason"),
    ("polls", "error"),
    ("seeds", "error"),
    ("outbox", "error"),
    ("flag_failures", "error"),
    ("story_articles", "reason"),
    ("coverage", "resolution"),
)
"""Columns for people that may quote an address or a title."""


def remove_from_messages(db: Connection, alerts: Sequence[int], needles: Sequence[str], *, now: datetime) -> int:
    """Empty the messages that report these alerts or contain one of the texts; returns their number.

    A message that was not sent yet is dropped, and its other alerts are delivered with the next one.
    """
    found = set(_messages_with(db, needles))
    for (outbox_id,) in db.execute(
        "SELECT DISTINCT outbox_id FROM deliveries WHERE outbox_id IS NOT NULL AND alert_id IN"
        " (SELECT value FROM json_each(?))",
        (json.dumps(alerts),),
    ):
        found.add(outbox_id)
    for outbox_id in sorted(found):
        state = db.execute("SELECT state FROM outbox WHERE id = ?", (outbox_id,)).fetchone()[0]
        db.execute("UPDATE outbox SET content = x'', subject = ? WHERE id = ?", (REMOVED, outbox_id))
        if state == "sent":
            seal_row(db, "outbox", outbox_id)
            continue
        # The period is free again, so that a message with the other alerts can take its place.
        db.execute(
            "UPDATE outbox SET state = 'dropped', next_try_at = NULL, error = ?, fault = NULL, period = ? WHERE id = ?",
            (_ERROR, f"removed-{outbox_id}-{format_utc(now)}", outbox_id),
        )
        seal_row(db, "outbox", outbox_id)
        db.execute("UPDATE deliveries SET outbox_id = NULL WHERE outbox_id = ?", (outbox_id,))
    return len(found)


def remove_from_notes(db: Connection, needles: Sequence[str]) -> None:
    """Replace the texts in notes for people."""
    for table, column in _NOTES:
        for needle in sorted(needles, key=len, reverse=True):
            _replace(db, table, column, needle)


def _replace(db: Connection, table: str, column: str, needle: str) -> None:
    sealed: list[tuple[object, ...]] = []
    if table in SEALED:  # a seal that does not match stays as it is: the row is damaged
        sealed = keys_of_valid(db, table, f"instr({column}, ?)", (needle,))
    db.execute(f"UPDATE {table} SET {column} = replace({column}, ?1, ?2) WHERE instr({column}, ?1)", (needle, REMOVED))
    for key in sealed:
        seal_row(db, table, *key)


def _messages_with(db: Connection, needles: Sequence[str]) -> list[int]:
    rows = db.execute("SELECT id, subject, content FROM outbox WHERE length(content) > 0")
    return [row["id"] for row in rows if _mentions(row["subject"] + "\n" + _text_of(bytes(row["content"])), needles)]


def _mentions(text: str, needles: Sequence[str]) -> bool:
    flat = " ".join(text.split())
    return any(" ".join(needle.split()) in flat for needle in needles)


def _text_of(content: bytes) -> str:
    """The readable parts of a message: a mail, or the text of a chat message."""
    parts = [content.decode("utf-8", "replace")]
    for part in message_from_bytes(content, policy=policy.default).walk():
        if part.get_content_maintype() == "text":
            raw = part.get_payload(decode=True)
            parts.append(raw.decode(part.get_content_charset() or "utf-8", "replace") if isinstance(raw, bytes) else "")
    return "\n".join(parts)
