"""Recipients of digests: their periods, and the alerts that wait for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_row, seal_rows
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc, parse_utc


def queue_deliveries(db: Connection, alert_id: int, subscribers: Sequence[tuple[str, str]], now: datetime) -> None:
    """Record the recipients of an alert, in the transaction that creates it."""
    for digest, recipient in subscribers:
        if db.execute(
            "SELECT 1 FROM digest_recipients WHERE digest_id = ? AND recipient = ? AND unsubscribed_at IS NOT NULL",
            (digest, recipient),
        ).fetchone():
            continue
        columns = {"alert_id": alert_id, "digest_id": digest, "recipient": recipient, "added_at": format_utc(now)}
        insert_sealed(db, "deliveries", columns, "ON CONFLICT DO NOTHING")


def register_recipients(db: Connection, digest: str, recipients: Sequence[str], now: datetime) -> None:
    """Add recipients that are not known yet; their periods start now."""
    known = {row[0] for row in db.execute("SELECT recipient FROM digest_recipients WHERE digest_id = ?", (digest,))}
    fresh = [recipient for recipient in recipients if recipient not in known]
    if fresh:
        with transaction(db):
            for recipient in fresh:
                set_done_until(db, digest, recipient, now)


def forget_recipients(db: Connection, kept: Collection[tuple[str, str]]) -> None:
    """Remove each (digest, recipient) that is not in `kept`. If it is added again, its periods start anew."""
    known = [tuple(row) for row in db.execute("SELECT digest_id, recipient FROM digest_recipients")]
    gone = [one for one in known if one not in kept]
    if gone:
        with transaction(db):
            db.executemany("DELETE FROM digest_recipients WHERE digest_id = ? AND recipient = ?", gone)


def save_schedule(db: Connection, digest: str, schedule: str, *, done: datetime) -> None:
    """Save the schedule of a digest. If it has changed, periods that ended until `done` are skipped."""
    row = db.execute("SELECT schedule FROM digest_schedules WHERE digest_id = ?", (digest,)).fetchone()
    if row is not None and row[0] == schedule:
        return
    with transaction(db):
        db.execute("INSERT OR REPLACE INTO digest_schedules VALUES (?, ?)", (digest, schedule))
        if row is not None:
            db.execute(
                "UPDATE digest_recipients SET done_until = max(done_until, ?) WHERE digest_id = ?",
                (format_utc(done), digest),
            )
            seal_rows(db, "digest_recipients", "digest_id = ?", (digest,))


def done_until(db: Connection, digest: str, recipient: str) -> datetime | None:
    """End of the last period that was rendered or skipped; None for an unknown recipient."""
    row = db.execute(
        "SELECT done_until FROM digest_recipients WHERE digest_id = ? AND recipient = ?", (digest, recipient)
    ).fetchone()
    return parse_utc(row[0]) if row is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSubscription:
    """A recipient of a digest, by the token of the unsubscribe link."""

    digest: str
    recipient: str
    unsubscribed: bool


def subscription(db: Connection, token: str) -> DigestSubscription | None:
    """The subscription that a token belongs to; None for an unknown token."""
    row = db.execute(
        "SELECT digest_id, recipient, unsubscribed_at FROM digest_recipients WHERE token = ?", (token,)
    ).fetchone()
    if row is None:
        return None
    is_over = row["unsubscribed_at"] is not None
    return DigestSubscription(digest=row["digest_id"], recipient=row["recipient"], unsubscribed=is_over)


def unsubscribe_token(db: Connection, digest: str, recipient: str) -> str | None:
    """The token of a recipient; None if the digest job has not registered it yet."""
    row = db.execute(
        "SELECT token FROM digest_recipients WHERE digest_id = ? AND recipient = ?", (digest, recipient)
    ).fetchone()
    return str(row[0]) if row is not None else None


def unsubscribed_recipients(db: Connection) -> set[tuple[str, str]]:
    """(Digest, recipient) of those who unsubscribed."""
    rows = db.execute("SELECT digest_id, recipient FROM digest_recipients WHERE unsubscribed_at IS NOT NULL")
    return {(row[0], row[1]) for row in rows}


def unsubscribe(db: Connection, token: str, now: datetime) -> None:
    """End a subscription: its waiting alerts and messages are dropped. An unknown token changes nothing."""
    found = subscription(db, token)
    if found is None:
        return
    with transaction(db):
        place = (found.digest, found.recipient)
        db.execute(
            "UPDATE digest_recipients SET unsubscribed_at = coalesce(unsubscribed_at, ?) WHERE token = ?",
            (format_utc(now), token),
        )
        seal_rows(db, "digest_recipients", "token = ?", (token,))
        db.execute("DELETE FROM deliveries WHERE digest_id = ? AND recipient = ? AND outbox_id IS NULL", place)
        db.execute(
            "UPDATE outbox SET state = 'dropped', next_try_at = NULL WHERE digest_id = ? AND recipient = ?"
            " AND state = 'waiting'",
            place,
        )


def waiting_alerts(db: Connection, digest: str, recipient: str) -> list[int]:
    """Alerts for a recipient that are not in a message yet, oldest first."""
    rows = db.execute(
        "SELECT alert_id FROM deliveries WHERE digest_id = ? AND recipient = ? AND outbox_id IS NULL ORDER BY alert_id",
        (digest, recipient),
    )
    return [row[0] for row in rows]


def deliveries_without_recipient(db: Connection, known: Collection[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """Digest, recipient and number of waiting alerts of each (digest, recipient) that is not in `known`."""
    rows = db.execute(
        "SELECT digest_id, recipient, count(*) AS n FROM deliveries WHERE outbox_id IS NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    return [(row[0], row[1], row[2]) for row in rows if (row[0], row[1]) not in known]


def waiting_since(db: Connection, digest: str, recipient: str) -> tuple[datetime, datetime] | None:
    """When the oldest and the newest waiting alert of a recipient were created; None if no alert waits."""
    row = db.execute(
        "SELECT min(added_at), max(added_at) FROM deliveries"
        " WHERE digest_id = ? AND recipient = ? AND outbox_id IS NULL",
        (digest, recipient),
    ).fetchone()
    return (parse_utc(row[0]), parse_utc(row[1])) if row[0] is not None else None


def set_done_until(db: Connection, digest: str, recipient: str, done: datetime) -> None:
    """Record the end of a period, in the caller's transaction."""
    db.execute(
        "INSERT INTO digest_recipients (digest_id, recipient, done_until) VALUES (?, ?, ?)"
        " ON CONFLICT (digest_id, recipient) DO UPDATE SET done_until = max(done_until, excluded.done_until)",
        (digest, recipient, format_utc(done)),
    )
    seal_row(db, "digest_recipients", digest, recipient)
