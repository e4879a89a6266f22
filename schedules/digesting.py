"""The digest job: what is due is rendered and stored, then sent. What `scrapy digest` and the monitor run."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.archive.connection import Connection
from crawler.archive.outbox import forget_bytes
from crawler.archive.values import iso
from crawler.digests import CHANNEL, Digest, load_digests
from crawler.toml import read_toml
from schedules.outbox import Attempt, Made, drain, make, pending
from schedules.smtp import server_from

if TYPE_CHECKING:
    from crawler.archive.outbox import Message
    from crawler.config import Config
    from schedules.smtp import Server

FEED_ENTRIES = 100
"""Alerts of an Atom feed, the newest."""
EVERYTHING = Digest(id="preview", title="Wirewatch", enabled=False)
"""What is previewed where there is no digests.toml: all topics."""


@dataclass(slots=True)
class Sent:
    """What one run of the job did."""

    made: list[Made] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    """Digests that could not be rendered, feeds that could not be written; a line each."""

    @property
    def failed(self) -> bool:
        return bool(self.mistakes) or any(attempt.error is not None for attempt in self.attempts)


def digests_of(config: Config) -> tuple[Digest, ...]:
    """The user's digests, checked against the user's topics; none where there is no file. Raises ConfigurationError."""
    if not config.digests_toml.exists():
        return ()
    topics = (
        [name for name in read_toml(config.topics_toml) if name != "terms"] if config.topics_toml.exists() else None
    )
    return load_digests(config.digests_toml, topics)


def render(
    db: Connection, digest: Digest, alerts: Sequence[int], begins_at: datetime, now: datetime, late: bool
) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    from schedules.digest import collect
    from schedules.rendering_mail import render as set_in_type

    content = collect(db, digest, alerts, period_start=begins_at, now=now, late=late, archive_url=digest.archive_url)
    rendered = set_in_type(content)
    return rendered.subject, rendered.text, rendered.html


def send_due(db: Connection, config: Config, settings: Mapping[str, Any] | Any, *, now: Callable[[], datetime]) -> Sent:
    """Render what is due, send what waits, write the feeds. Raises ConfigurationError for the files and settings."""
    digests = digests_of(config)
    server = server_from(settings)
    result = Sent()
    for one in list(pending(db, digests, now=now())):
        try:
            made = make(db, one, render, sender=server.sender, now=now())
        except Exception as error:  # one digest that cannot be rendered must not hold up the others
            result.mistakes.append(f"digest {one.digest.id} for {one.recipient}: {_first_line(error)}; its alerts wait")
        else:
            result.made += [made] if made is not None else []
    result.attempts = list(drain(db, sender_of(server), now=now, locks=config.locks_dir))
    forget_bytes(db, now())
    result.mistakes += write_feeds(db, config, digests, now=now())
    return result


def sender_of(server: Server) -> Callable[[Message, bytes], None]:
    """Hands a message to the mail server or to its channel."""

    def send(message: Message, content: bytes) -> None:
        if message.recipient.startswith(CHANNEL):
            from schedules.channels import notify

            notify(message.recipient, content)
        else:
            from schedules.smtp import send as mail

            mail(server, message.recipient, content)

    return send


def write_feeds(db: Connection, config: Config, digests: Sequence[Digest], *, now: datetime) -> list[str]:
    """The Atom feeds as files. Gives back a line for each that could not be written."""
    from crawler.archive.alerts import alerts_by_id
    from crawler.archive.migrations import archive_uuid
    from schedules.channels import atom, write_feed

    mistakes = []
    for digest in digests:
        if digest.feed is None or not digest.enabled:
            continue
        path = config.data_dir / Path(digest.feed).expanduser()
        alerts = alerts_by_id(db, newest_alerts(db, digest, most=FEED_ENTRIES))
        try:
            feed_id = uuid.uuid5(archive_uuid(db), digest.id).urn  # two newsrooms may name their digests alike
            write_feed(path, atom(digest.title, alerts, feed_id=feed_id, now=now))
        except OSError as error:
            mistakes.append(f"digest {digest.id}: {path} cannot be written ({error.strerror})")
    return mistakes


def alerts_since(db: Connection, digest: Digest, since: datetime) -> list[int]:
    """Alerts of the digest's topics made since then, whoever was told of them; oldest first."""
    rows = db.execute("SELECT id, topic_id FROM alerts WHERE made_at >= ? ORDER BY id", (iso(since),))
    return [row["id"] for row in rows if digest.tells(row["topic_id"])]


def newest_alerts(db: Connection, digest: Digest, *, most: int) -> list[int]:
    """The newest alerts of the digest's topics, newest first; read backwards, as far as needed."""
    rows = db.execute("SELECT id, topic_id FROM alerts ORDER BY id DESC")
    return [row["id"] for row in itertools.islice((row for row in rows if digest.tells(row["topic_id"])), most)]


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
