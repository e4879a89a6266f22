"""The digest job: what is due is rendered and stored, then sent. What `scrapy digest` and the monitor run."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive.delivery.outbox import forget_bytes
from crawler.config.digests import CHANNEL, Digest, load_digests
from crawler.config.toml import read_toml
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc
from schedules.delivery.outbox import QueuedMessage, SendResult, pending, queue_message, send_pending
from schedules.delivery.smtp import server_from

if TYPE_CHECKING:
    from crawler.archive.delivery.outbox import Message
    from crawler.config.app import AppConfig
    from schedules.delivery.smtp import Server

FEED_ENTRIES = 100
"""Alerts of an Atom feed, the newest."""
EVERYTHING = Digest(id="preview", title="Wirewatch", enabled=False)
"""What is previewed where there is no digests.toml: all topics."""


@dataclass(slots=True)
class DigestReport:
    """What one run of the job did."""

    made: list[QueuedMessage] = field(default_factory=list)
    attempts: list[SendResult] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    """Digests that could not be rendered, feeds that could not be written; a line each."""

    @property
    def failed(self) -> bool:
        return bool(self.mistakes) or any(attempt.error is not None for attempt in self.attempts)


def digests_of(config: AppConfig) -> tuple[Digest, ...]:
    """The user's digests, checked against the user's topics; none where there is no file. Raises ConfigurationError."""
    if not config.digests_toml.exists():
        return ()
    topics = (
        [name for name in read_toml(config.topics_toml) if name != "terms"] if config.topics_toml.exists() else None
    )
    return load_digests(config.digests_toml, topics)


def render_digest(
    db: Connection, digest: Digest, alerts: Sequence[int], begins_at: datetime, now: datetime, late: bool
) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    from schedules.digest.collect import collect
    from schedules.digest.render import render as set_in_type

    content = collect(db, digest, alerts, period_start=begins_at, now=now, late=late, archive_url=digest.archive_url)
    rendered = set_in_type(content)
    return rendered.subject, rendered.text, rendered.html


def send_due(
    db: Connection, config: AppConfig, settings: Mapping[str, Any] | Any, *, now: Callable[[], datetime]
) -> DigestReport:
    """Render what is due, send what waits, write the feeds. Raises ConfigurationError for the files and settings."""
    digests = digests_of(config)
    server = server_from(settings)
    result = DigestReport()
    for one in list(pending(db, digests, now=now())):
        try:
            made = queue_message(db, one, render_digest, sender=server.sender, now=now())
        except Exception as error:  # one digest that cannot be rendered must not hold up the others
            result.mistakes.append(f"digest {one.digest.id} for {one.recipient}: {_first_line(error)}; its alerts wait")
        else:
            result.made += [made] if made is not None else []
    result.attempts = list(send_pending(db, sender_of(server), now=now, locks=config.locks_dir))
    forget_bytes(db, now())
    result.mistakes += write_feeds(db, config, digests, now=now())
    return result


def sender_of(server: Server) -> Callable[[Message, bytes], None]:
    """Hands a message to the mail server or to its channel."""

    def send(message: Message, content: bytes) -> None:
        if message.recipient.startswith(CHANNEL):
            from schedules.delivery.channels import notify

            notify(message.recipient, content)
        else:
            from schedules.delivery.smtp import send as mail

            mail(server, message.recipient, content)

    return send


def write_feeds(db: Connection, config: AppConfig, digests: Sequence[Digest], *, now: datetime) -> list[str]:
    """The Atom feeds as files. Gives back a line for each that could not be written."""
    from crawler.archive.db.migrations import archive_uuid
    from crawler.archive.topics.alerts import alerts_by_id
    from schedules.delivery.channels import write_feed
    from schedules.formatting.atom import atom_of_alerts

    mistakes = []
    for digest in digests:
        if digest.feed is None or not digest.enabled:
            continue
        path = config.data_dir / Path(digest.feed).expanduser()
        alerts = alerts_by_id(db, newest_alerts(db, digest, most=FEED_ENTRIES))
        try:
            feed_id = uuid.uuid5(archive_uuid(db), digest.id).urn  # two newsrooms may name their digests alike
            write_feed(path, atom_of_alerts(digest.title, alerts, feed_id=feed_id, now=now))
        except OSError as error:
            mistakes.append(f"digest {digest.id}: {path} cannot be written ({error.strerror})")
    return mistakes


def alerts_since(db: Connection, digest: Digest, since: datetime) -> list[int]:
    """Alerts of the digest's topics made since then, whoever was told of them; oldest first."""
    rows = db.execute("SELECT id, topic_id FROM alerts WHERE created_at >= ? ORDER BY id", (format_utc(since),))
    return [row["id"] for row in rows if digest.reports(row["topic_id"])]


def newest_alerts(db: Connection, digest: Digest, *, most: int) -> list[int]:
    """The newest alerts of the digest's topics, newest first; read backwards, as far as needed."""
    rows = db.execute("SELECT id, topic_id FROM alerts ORDER BY id DESC")
    return [row["id"] for row in itertools.islice((row for row in rows if digest.reports(row["topic_id"])), most)]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
