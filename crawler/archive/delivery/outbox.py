"""Messages: stored once with their alerts, sent until the server accepts them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crawler.archive.db.seals import insert_sealed
from crawler.archive.delivery.recipients import set_done_until, waiting_alerts
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import clean_text, format_utc

MessageState = Literal["waiting", "sent", "given_up", "dropped"]
Fault = Literal["permanent", "temporary", "server"]
"""Cause of a failed attempt. permanent: the recipient or the message was refused; the message is given up. temporary: it is
retried for GIVE_UP_AFTER. server: the mail server or its settings; it is retried until someone corrects them."""
FIRST_RETRY = timedelta(minutes=1)
"""Pause after the first attempt; it doubles with each attempt."""
LONGEST_RETRY = timedelta(hours=4)
CONTENT_KEPT = timedelta(days=30)
"""How long the bytes of sent messages are kept. At 100 kB a message, they would outgrow the articles."""
GIVE_UP_AFTER = timedelta(days=4)
"""RFC 5321, 4.5.4.1: senders give up after four or five days."""
LEAST_TRIES = 14
"""Attempts before an old message is given up; with the pauses above they take a day. A message can be older than four days at
its first attempt if nothing ran for a while or it is retried by hand, and a greylisting server rejects a first attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of the outbox, without its bytes."""

    id: int
    digest: str
    recipient: str
    period: str
    subject: str
    message_id: str
    state: MessageState
    attempts: int
    next_try_at: datetime | None
    error: str | None
    fault: Fault | None
    created_at: datetime
    sent_at: datetime | None


def is_rendered(db: Connection, digest: str, recipient: str, period: str) -> bool:
    """Whether the period has a message."""
    row = db.execute(
        "SELECT 1 FROM outbox WHERE digest_id = ? AND recipient = ? AND period = ?", (digest, recipient, period)
    ).fetchone()
    return row is not None


def is_drained(db: Connection) -> bool:
    """Whether no message waits to be sent, now or later."""
    return db.execute("SELECT 1 FROM outbox WHERE state = 'waiting' LIMIT 1").fetchone() is None


def undelivered(db: Connection) -> list[tuple[MessageState, str, int]]:
    """State, error and number of the messages that were given up, or wait because of the server or its settings."""
    rows = db.execute(
        "SELECT state, error, count(*) AS n FROM outbox WHERE state = 'given_up' OR (state = 'waiting' AND fault = 'server')"
        " GROUP BY state, error ORDER BY min(id)"
    )
    return [(row["state"], row["error"] or "", row["n"]) for row in rows]


def store_message(
    db: Connection,
    *,
    digest: str,
    recipient: str,
    period: str,
    done: datetime,
    alerts: Sequence[int],
    subject: str,
    message_id: str,
    content: bytes,
    now: datetime,
) -> int | None:
    """Store a message with its alerts; returns outbox.id. None: another process stored the period or an alert first."""
    with transaction(db):
        if set(alerts) - set(waiting_alerts(db, digest, recipient)):
            return None
        columns = {
            "digest_id": digest,
            "recipient": recipient,
            "period": period,
            "subject": clean_text(subject),
            "message_id": message_id,
            "content": content,
            "content_sha256": sha256(content),
            "state": "waiting",
            "created_at": format_utc(now),
        }
        outbox_id = insert_sealed(db, "outbox", columns, "ON CONFLICT DO NOTHING")
        if not outbox_id:
            return None
        db.execute(
            "UPDATE deliveries SET outbox_id = ? WHERE digest_id = ? AND recipient = ? AND outbox_id IS NULL"
            " AND alert_id IN (SELECT value FROM json_each(?))",
            (outbox_id, digest, recipient, json.dumps(list(alerts))),
        )
        set_done_until(db, digest, recipient, done)
        return outbox_id


def messages_since(db: Connection, digest: str, recipient: str, since: datetime) -> int:
    """How many messages of a digest were rendered for a recipient since a time."""
    row = db.execute(
        "SELECT count(*) FROM outbox WHERE digest_id = ? AND recipient = ? AND created_at > ?",
        (digest, recipient, format_utc(since)),
    ).fetchone()
    return int(row[0])


def due_messages(db: Connection, now: datetime) -> list[Message]:
    """Messages to be sent now, oldest first."""
    rows = db.execute(
        f"{_READ} WHERE state = 'waiting' AND (next_try_at IS NULL OR next_try_at <= ?) ORDER BY id", (format_utc(now),)
    )
    return [from_row(Message, row) for row in rows]


def messages(db: Connection, *, states: Sequence[str], limit: int = -1) -> list[Message]:
    """Messages in these states, newest first."""
    return [
        from_row(Message, row)
        for row in db.execute(f"{_READ} WHERE state IN ({marks(states)}) ORDER BY id DESC LIMIT ?", (*states, limit))
    ]


def content_of(db: Connection, message: int) -> bytes:
    """The bytes that are sent."""
    return bytes(db.execute("SELECT content FROM outbox WHERE id = ?", (message,)).fetchone()[0])


def sha256_of(db: Connection, message: int) -> str:
    """The hash that was stored with the bytes."""
    return str(db.execute("SELECT content_sha256 FROM outbox WHERE id = ?", (message,)).fetchone()[0])


def begin_sending(db: Connection, message: Message, now: datetime) -> bool:
    """Count an attempt before it is made, so that one that is killed is not repeated at once.

    False: the message has changed since it was read: another process sends it, or it was dropped.
    """
    pause = min(FIRST_RETRY * 2 ** min(message.attempts, 20), LONGEST_RETRY)
    with transaction(db):
        cursor = db.execute(
            "UPDATE outbox SET attempts = attempts + 1, next_try_at = ?"
            " WHERE id = ? AND state = 'waiting' AND attempts = ?",
            (format_utc(now + pause), message.id, message.attempts),
        )
        return cursor.rowcount == 1


def sent(db: Connection, message: Message, now: datetime) -> None:
    """Mark a message as sent."""
    with transaction(db):
        db.execute(
            "UPDATE outbox SET state = 'sent', sent_at = ?, next_try_at = NULL, error = NULL, fault = NULL WHERE id = ?",
            (format_utc(now), message.id),
        )


def failed(db: Connection, message: Message, error: str, now: datetime, fault: Fault) -> MessageState:
    """Record a failed attempt. Returns the new state: waiting for another attempt, or given up."""
    too_long = now - message.created_at > GIVE_UP_AFTER and message.attempts + 1 >= LEAST_TRIES
    state: MessageState = "given_up" if fault == "permanent" or (fault == "temporary" and too_long) else "waiting"
    with transaction(db):
        db.execute(
            "UPDATE outbox SET state = ?, error = ?, fault = ?, next_try_at = iif(? = 'waiting', next_try_at, NULL) WHERE id = ?",
            (state, clean_text(error), fault, state, message.id),
        )
    return state


def forget_bytes(db: Connection, now: datetime) -> None:
    """Delete the bytes of messages that were sent long ago. Their rows and hashes stay."""
    old = ("state = 'sent' AND sent_at < ? AND length(content) > 0", (format_utc(now - CONTENT_KEPT),))
    if db.execute(f"SELECT 1 FROM outbox WHERE {old[0]} LIMIT 1", old[1]).fetchone() is not None:
        with transaction(db):
            db.execute(f"UPDATE outbox SET content = x'' WHERE {old[0]}", old[1])


def retry(db: Connection, message: int) -> bool:
    """Send a message at the next run, even if it was given up or dropped. False: it does not exist or was sent.

    Its attempts are counted anew, as for a new message.
    """
    with transaction(db):
        cursor = db.execute(
            "UPDATE outbox SET state = 'waiting', attempts = 0, next_try_at = NULL WHERE id = ? AND state <> 'sent'",
            (message,),
        )
        return cursor.rowcount == 1


def drop(db: Connection, message: int) -> bool:
    """Never send a message. False: it does not exist or was sent."""
    with transaction(db):
        cursor = db.execute(
            "UPDATE outbox SET state = 'dropped', next_try_at = NULL WHERE id = ? AND state <> 'sent'", (message,)
        )
        return cursor.rowcount == 1


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


_READ = (
    "SELECT id, digest_id AS digest, recipient, period, subject, message_id, state, attempts, next_try_at, error, fault,"
    " created_at, sent_at FROM outbox"
)
