"""Find the digests that are due, render each once, store its bytes, and send them until the server accepts them.

After a kill at any moment, an alert is either waiting or in exactly one stored message. A message whose acceptance was not
recorded is sent again: the same bytes with the same Message-ID.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crawler.archive.delivery import outbox, recipients
from crawler.archive.delivery.outbox import Message
from crawler.archive.desk.mutes import muted_alerts
from crawler.config.digests import CHANNEL, Digest
from crawler.filesystem.locks import acquire
from crawler.sqlite.connection import Connection, transaction
from schedules.delivery.mime import RenderedDigest, SendError, build
from schedules.delivery.periods import LATE_AFTER, due_period, is_quiet
from schedules.formatting.links import ArchiveLinks

log = logging.getLogger(__name__)

SEND_LOCK = "outbox"
IMMEDIATE_PAUSE = timedelta(minutes=1)
"""An immediate digest is rendered after this time without a new alert, so that alerts of one crawl come together."""
IMMEDIATE_MAX_WAIT = timedelta(minutes=5)
"""An immediate digest is rendered after this time, even if new alerts keep coming."""
LOOK_BACK = timedelta(days=1)
"""How far back periods are looked for if the last one ended in the future, because the clock was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """The result of one attempt to send a message."""

    message: Message
    error: str | None = None
    state: outbox.MessageState = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A digest that is to be rendered for one recipient."""

    digest: Digest
    recipient: str
    period: str
    begins_at: datetime
    ends_at: datetime
    late: bool
    alerts: tuple[int, ...]


Render = Callable[[Connection, Pending, datetime], RenderedDigest]
"""(archive, digest, now) -> the rendered digest."""
Send = Callable[[Message, bytes], None]
"""Sends a message. Raises SendError."""


def pending(db: Connection, digests: Sequence[Digest], *, now: datetime) -> Iterator[Pending]:
    """The digests that are due, for each recipient. `digests`: all tables of the file.

    A new recipient, also one that was removed before, gets alerts and periods from now on. If the schedule of a digest
    changes, its new times count from now on.
    """
    enabled = [digest for digest in digests if digest.enabled]
    if digests:  # an editor may empty the file for a moment; this forgets no recipient
        recipients.forget_recipients(db, {(digest.id, one) for digest in enabled for one in digest.destinations})
    unsubscribed = recipients.unsubscribed_recipients(db)
    for digest in enabled:
        recipients.register_recipients(db, digest.id, digest.destinations, now)
        recipients.save_schedule(db, digest.id, digest.schedule, done=now - LATE_AFTER)
        for recipient in digest.destinations:
            if (digest.id, recipient) in unsubscribed:
                continue
            one = _pending(db, digest, recipient, now)
            if one is not None:
                log.debug(
                    "digest %s for %s: period %s is due, %d alerts", digest.id, recipient, one.period, len(one.alerts)
                )
                yield one


def _pending(db: Connection, digest: Digest, recipient: str, now: datetime) -> Pending | None:
    one = _next_message(db, digest, recipient, now)
    if digest.immediate:
        is_held = is_quiet(digest, now) or _is_capped(db, digest, recipient, now)
        return one if not is_held and _has_news(db, one, now) and _has_settled(db, digest.id, recipient, now) else None
    period = due_period(digest, done_until=one.begins_at, now=now)
    if period is None or outbox.is_rendered(db, digest.id, recipient, period.name):
        return None
    return replace(one, period=period.name, ends_at=period.ends_at, late=period.late)


def next_messages(db: Connection, digest: Digest, *, now: datetime) -> list[Pending]:
    """What each recipient would be sent if the digest was due now. Writes nothing."""
    if not digest.enabled:
        return []
    gone = recipients.unsubscribed_recipients(db)
    messages = [
        _pending(db, digest, one, now) or _next_message(db, digest, one, now)
        for one in digest.destinations
        if (digest.id, one) not in gone
    ]
    return [one for one in messages if _has_news(db, one, now) or not (digest.skip_empty or digest.immediate)]


def _is_capped(db: Connection, digest: Digest, recipient: str, now: datetime) -> bool:
    """Whether the recipient got as many messages within the last hour as the digest allows."""
    sent = outbox.messages_since(db, digest.id, recipient, now - timedelta(hours=1)) if digest.max_per_hour else 0
    return digest.max_per_hour is not None and sent >= digest.max_per_hour


def _has_news(db: Connection, one: Pending, now: datetime) -> bool:
    """Whether it has an alert that is not muted. Muted ones alone wait until the next message counts them."""
    return len(one.alerts) > len(muted_alerts(db, one.alerts, now))


def _next_message(db: Connection, digest: Digest, recipient: str, now: datetime) -> Pending:
    begins_at = recipients.done_until(db, digest.id, recipient) or now
    if begins_at > now:  # the clock was set back; waiting until then would stop the digest silently
        begins_at = now - LOOK_BACK
    alerts = tuple(recipients.waiting_alerts(db, digest.id, recipient))
    return Pending(
        digest=digest, recipient=recipient, period=f"once-{alerts[-1]}" if alerts else "", begins_at=begins_at,
        ends_at=now, late=False, alerts=alerts,
    )  # fmt: skip


def queue_message(db: Connection, one: Pending, render: Render, *, sender: str, now: datetime) -> int | None:
    """Render a digest and store its bytes; returns outbox.id.

    None: it is empty and skipped, or another process stored it first.
    """
    digest, recipient = one.digest, one.recipient
    if digest.skip_empty and not _has_news(db, one, now):
        log.debug("digest %s for %s: period %s is empty and skipped", digest.id, recipient, one.period)
        with transaction(db):
            recipients.set_done_until(db, digest.id, recipient, one.ends_at)
        return None
    rendered = render(db, one, now)
    message_id = message_id_of(digest.id, recipient, one.period, sender)
    if recipient.startswith(CHANNEL):
        content = f"{rendered.subject}\n\n{rendered.chat}".encode()
    else:
        content = build(
            sender=sender, recipient=recipient, subject=rendered.subject, text=rendered.text, html=rendered.html,
            message_id=message_id, digest=digest.id, at=now, reply_to=digest.reply_to,
            unsubscribe_url=unsubscribe_url(db, digest, recipient),
        )  # fmt: skip
    outbox_id = outbox.store_message(
        db, digest=digest.id, recipient=recipient, period=one.period, done=one.ends_at, alerts=one.alerts,
        subject=rendered.subject, message_id=message_id, content=content, now=now,
    )  # fmt: skip
    if outbox_id is not None:
        log.debug("message %d: digest %s for %s, alerts %s", outbox_id, digest.id, recipient, one.alerts)
    return outbox_id


def send_pending(db: Connection, send: Send, *, now: Callable[[], datetime], locks: Path) -> Iterator[SendResult]:
    """Send each message that is due, one after the other. Sends nothing while another process is sending."""
    with acquire(locks, [SEND_LOCK]) as busy:
        if busy:
            log.debug("another process is sending")
            return
        unreachable: set[str] = set()
        due = outbox.due_messages(db, now())
        # Chat messages first, and no second message to a service that does not reply: it must not hold up the others.
        for message in sorted(due, key=lambda message: not message.recipient.startswith(CHANNEL)):
            service = message.recipient if message.recipient.startswith(CHANNEL) else "mail"
            if service in unreachable:
                log.debug("message %d to %s: not tried, %s does not reply", message.id, message.recipient, service)
                continue
            content = outbox.content_of(db, message.id)
            if outbox.sha256(content) != outbox.sha256_of(db, message.id):
                error = "its bytes are not those that were stored; see `scrapy archive check`"
                state = outbox.failed(db, message, error, now(), "permanent")
                yield SendResult(message=message, error=error, state=state)
            elif outbox.begin_sending(db, message, now()):
                result, is_unreachable = _send(db, message, content, send, now)
                if is_unreachable:
                    unreachable.add(service)
                yield result


def _send(
    db: Connection, message: Message, content: bytes, send: Send, now: Callable[[], datetime]
) -> tuple[SendResult, bool]:
    """The result, and whether the service did not reply."""
    try:
        send(message, content)
    except Exception as error:  # an unexpected error must not stop the other messages
        reason = str(error) if isinstance(error, SendError) else f"{type(error).__name__} while sending"
        fault = error.fault if isinstance(error, SendError) else "temporary"
        state = outbox.failed(db, message, reason, now(), fault)
        log.debug("message %d to %s: %s, %s", message.id, message.recipient, reason, state)
        is_unreachable = isinstance(error, SendError) and error.is_unreachable
        return SendResult(message=message, error=reason, state=state), is_unreachable
    outbox.sent(db, message, now())
    log.debug("message %d to %s: sent", message.id, message.recipient)
    return SendResult(message=message), False


def unsubscribe_url(db: Connection, digest: Digest, recipient: str) -> str | None:
    """The page at which the recipient unsubscribes; None if the digest has none."""
    token = recipients.unsubscribe_token(db, digest.id, recipient) if digest.one_click_unsubscribe else None
    return ArchiveLinks(digest.archive_url).page("unsubscribe", token)


def message_id_of(digest: str, recipient: str, period: str, sender: str) -> str:
    """The Message-ID without brackets: the same for the same digest, recipient and period on every machine."""
    name = hashlib.sha256(f"{digest}\x1f{recipient}\x1f{period}".encode()).hexdigest()[:32]
    return f"{name}@{sender.rpartition('@')[2] or 'localhost'}"


def _has_settled(db: Connection, digest: str, recipient: str, now: datetime) -> bool:
    """Whether an immediate digest has waited long enough for further alerts."""
    since = recipients.waiting_since(db, digest, recipient)
    if since is None:
        return False
    oldest, newest = since
    return newest > now or now - newest >= IMMEDIATE_PAUSE or now - oldest >= IMMEDIATE_MAX_WAIT
