"""From alerts that wait to messages that were taken: rendered once, their bytes stored, then sent until somebody has them.

A kill at any moment leaves an alert waiting, or in exactly one stored message; a message whose taking was not written down
is sent again as the same bytes with the same Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.delivery import outbox
from crawler.archive.delivery.outbox import Message
from crawler.config.digests import CHANNEL, Digest
from crawler.locks import acquire
from crawler.sqlite.connection import Connection
from schedules.delivery.mime import SendError, build
from schedules.delivery.periods import LATE_AFTER, Period, due_periods

SEND_LOCK = "outbox"
IMMEDIATE_PAUSE = timedelta(minutes=1)
"""Alerts for a digest that goes out at once wait so long for those of the same crawl."""
IMMEDIATE_MAX_WAIT = timedelta(minutes=5)
"""And no longer, where new ones keep coming."""
LOOK_BACK = timedelta(days=1)
"""How far back periods are looked at where the last one told lies in the future: the clock was set back."""

Render = Callable[[Connection, Digest, Sequence[int], datetime, datetime, bool], tuple[str, str, str]]
"""(archive, digest, alerts' ids, beginning of the period, now, late) -> subject, text, HTML."""
Send = Callable[[Message, bytes], None]
"""Hands a message over. Raises SendError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMessage:
    """A message that was rendered and stored."""

    outbox_id: int
    digest: str
    recipient: str
    subject: str
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What became of sending a message."""

    message: Message
    error: str | None = None
    state: outbox.MessageState = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A digest that is to be rendered for somebody."""

    digest: Digest
    recipient: str
    period: str
    begins_at: datetime
    ends_at: datetime
    late: bool
    alerts: tuple[int, ...]


def pending(db: Connection, digests: Sequence[Digest], *, now: datetime) -> Iterator[Pending]:
    """What is due for whom, of all the file's digests.

    Somebody who is new in the file, or there again, is met now and told from now on. New times count from now on as well:
    nobody was late at a time that nobody had asked for.
    """
    enabled = [digest for digest in digests if digest.enabled]
    if digests:  # a file that is empty while an editor writes it forgets nobody
        outbox.forget_recipients(db, {(digest.id, one) for digest in enabled for one in digest.destinations})
    for digest in enabled:
        outbox.register_recipients(db, digest.id, digest.destinations, now)
        outbox.save_schedule(db, digest.id, digest.schedule, done=now - LATE_AFTER)
        for recipient in digest.destinations:
            begins = outbox.done_until(db, digest.id, recipient) or now
            if begins > now:  # told by a clock that was ahead: waiting until then would be a silent stop
                begins = now - LOOK_BACK
            alerts = tuple(outbox.waiting_alerts(db, digest.id, recipient))
            if digest.immediate:
                if alerts and _has_settled(db, digest.id, recipient, now):
                    yield Pending(
                        digest=digest, recipient=recipient, period=f"once-{alerts[-1]}", begins_at=begins, ends_at=now,
                        late=False, alerts=alerts,
                    )  # fmt: skip
                continue
            period: Period | None = due_periods(digest, done_until=begins, now=now)
            if period is not None and not outbox.is_rendered(db, digest.id, recipient, period.name):
                yield Pending(
                    digest=digest, recipient=recipient, period=period.name, begins_at=begins, ends_at=period.ends_at,
                    late=period.late, alerts=alerts,
                )  # fmt: skip


def queue_message(db: Connection, one: Pending, render: Render, *, sender: str, now: datetime) -> QueuedMessage | None:
    """Render it and store its bytes. None: there was nothing to say, or another process was quicker."""
    if not one.alerts and one.digest.skip_empty:
        outbox.skip_period(db, digest=one.digest.id, recipient=one.recipient, done=one.ends_at)
        return None
    subject, text, html = render(db, one.digest, one.alerts, one.begins_at, now, one.late)
    message_id = message_id_of(one.digest.id, one.recipient, one.period, sender)
    content = (
        f"{subject}\n\n{text}".encode()
        if one.recipient.startswith(CHANNEL)
        else build(
            sender=sender, recipient=one.recipient, subject=subject, text=text, html=html, message_id=message_id,
            digest=one.digest.id, at=now,
        )
    )  # fmt: skip
    outbox_id = outbox.store_message(
        db, digest=one.digest.id, recipient=one.recipient, period=one.period, done=one.ends_at, alerts=one.alerts,
        subject=subject, message_id=message_id, content=content, now=now,
    )  # fmt: skip
    if outbox_id is None:
        return None
    return QueuedMessage(
        outbox_id=outbox_id, digest=one.digest.id, recipient=one.recipient, subject=subject, alerts=len(one.alerts)
    )


def send_pending(db: Connection, send: Send, *, now: Callable[[], datetime], locks: Path) -> Iterator[SendResult]:
    """Send what is due, each message in a conversation of its own. Nothing while another process sends."""
    with acquire(locks, [SEND_LOCK]) as busy:
        if busy:
            return
        for message in outbox.due_messages(db, now()):
            content = outbox.content_of(db, message.id)
            if outbox.sha256(content) != outbox.sha256_of(db, message.id):
                error = "its bytes are not those that were stored; `scrapy archive check` tells more"
                yield SendResult(
                    message=message, error=error, state=outbox.failed(db, message, error, now(), for_good=True)
                )
                continue
            if not outbox.begin_sending(db, message, now()):
                continue
            try:
                send(message, content)
            except Exception as error:  # whatever it is must not hold up the messages behind it
                reported = str(error) if isinstance(error, SendError) else f"{type(error).__name__} while sending"
                for_good = isinstance(error, SendError) and error.for_good
                state = outbox.failed(db, message, reported, now(), for_good=for_good)
                yield SendResult(message=message, error=reported, state=state)
            else:
                outbox.sent(db, message, now())
                yield SendResult(message=message)


def message_id_of(digest: str, recipient: str, period: str, sender: str) -> str:
    """The same for the same digest, recipient and period, on every machine."""
    name = hashlib.sha256(f"{digest}\x1f{recipient}\x1f{period}".encode()).hexdigest()[:32]
    domain = sender.rpartition("@")[2] or "localhost"
    return f"{name}@{domain}"


def _has_settled(db: Connection, digest: str, recipient: str, now: datetime) -> bool:
    since = outbox.waiting_since(db, digest, recipient)
    if since is None:
        return False
    oldest, newest = since
    return newest > now or now - newest >= IMMEDIATE_PAUSE or now - oldest >= IMMEDIATE_MAX_WAIT
