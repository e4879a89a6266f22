"""The digest job: render and store what is due, send what waits, write the feeds and previews.

`scrapy digest` and the monitor run it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.db.migrations import archive_uuid
from crawler.archive.delivery.digest_queries import alerts_of_topics
from crawler.archive.delivery.outbox import Message, forget_bytes, messages
from crawler.archive.evidence.daily_roots import record_daily_root
from crawler.archive.monitoring.idle import last_alert, save_checkpoint
from crawler.archive.topics.alerts import alerts_by_id
from crawler.config.app import AppConfig
from crawler.config.digests import CHANNEL, Digest, groups_of, load_digests, tags_of
from crawler.config.parsing.toml import read_toml
from crawler.config.paths import expanded
from crawler.exceptions import ConfigurationError, WirewatchError
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection, SqliteError
from crawler.sqlite.values import format_utc
from crawler.text.suggestions import did_you_mean
from schedules.cli.idle import files_of
from schedules.delivery.mail_server import MailServer, server_from
from schedules.delivery.mime import RenderedDigest
from schedules.delivery.outbox import Pending, Send, SendResult, pending, queue_message, send_pending
from schedules.delivery.periods import next_end

FEED_ENTRIES = 100
"""Alerts of an Atom feed, the newest."""
SAMPLE = Digest(id="preview", title="Wirewatch", enabled=False)
"""The digest of a preview without digests.toml: all topics."""


@dataclass(slots=True)
class DigestReport:
    """The result of one run of the job."""

    attempts: list[SendResult] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    """One line for each digest that could not be rendered and each feed that could not be written."""

    @property
    def failed(self) -> bool:
        return bool(self.mistakes) or any(attempt.error is not None for attempt in self.attempts)


def digests_of(config: AppConfig) -> tuple[Digest, ...]:
    """The digests of digests.toml, checked against topics.toml and sources.toml; none without the file.

    Raises ConfigurationError.
    """
    if not config.digests_toml.exists():
        return ()
    topics = groups_of(read_toml(config.topics_toml)) if config.topics_toml.exists() else None
    tags = tags_of(read_toml(config.sources_toml)) if config.sources_toml.exists() else None
    return load_digests(config.digests_toml, topics, tags)


def digests_named(config: AppConfig, names: Sequence[str]) -> list[Digest]:
    """The digests with these names; without names, all. Raises ConfigurationError for an unknown name."""

    digests = {digest.id: digest for digest in digests_of(config)}
    for name in names:
        if name not in digests:
            raise ConfigurationError(config.digests_toml, [f"there is no digest {name!r}{did_you_mean(name, digests)}"])
    return [digests[name] for name in names] or list(digests.values())


def render_digest(db: Connection, one: Pending, now: datetime) -> RenderedDigest:
    """Collect and render a digest."""
    from schedules.digest.collect import collect
    from schedules.digest.render import render

    return render(
        collect(db, one.digest, one.alerts, recipient=one.recipient, period_start=one.begins_at, now=now, late=one.late)
    )


def sample(db: Connection, config: AppConfig, digest: Digest, since: datetime, now: datetime) -> Pending:
    """A digest of all alerts of its topics created since then, also those already sent. Topics not in the file are left out."""
    topics = digest.topics or (tuple(groups_of(read_toml(config.topics_toml))) if config.topics_toml.exists() else ())
    alerts = alerts_of_topics(db, topics, tags=digest.tags, since=format_utc(since))
    return Pending(
        digest=digest, recipient="", period="", begins_at=since, ends_at=now, late=False, alerts=tuple(alerts)
    )  # fmt: skip


def send_due(
    db: Connection, config: AppConfig, settings: Mapping[str, Any] | Any, *, now: Callable[[], datetime]
) -> DigestReport:
    """Render what is due, send what waits, write the feeds. Raises ConfigurationError for files and settings."""
    files = files_of(config, "digest")
    digests = digests_of(config)
    has_mail = any(digest.enabled and digest.recipients for digest in digests)
    server = _server(db, settings, has_mail=has_mail)
    sender = server.sender if server is not None else "wirewatch@localhost"
    report = DigestReport()
    try:
        record_daily_root(db, now=now())
    except SqliteError as error:  # damage of old rows must not stop the digests of new ones
        report.mistakes.append(
            f"archive.db: the daily root could not be computed ({error}); run `scrapy archive check`"
        )
    for one in list(pending(db, digests, now=now())):
        try:
            queue_message(db, one, render_digest, sender=sender, now=now())
        except Exception as error:  # one digest that cannot be rendered must not stop the others
            mistake = next(iter(str(error).splitlines()), "") or type(error).__name__
            report.mistakes.append(f"digest {one.digest.id} for {one.recipient}: {mistake}; its alerts wait")
    report.attempts = list(send_pending(db, sender_of(server), now=now, locks=config.locks_dir))
    forget_bytes(db, now())
    report.mistakes += write_feeds(db, config, digests, now=now())
    if not report.failed:
        save_checkpoint(db, "digest", files, _checkpoint(db, config, digests, now()), now())
    return report


def _checkpoint(db: Connection, config: AppConfig, digests: Sequence[Digest], now: datetime) -> dict[str, Any]:
    """When the next message is due. `last_alert`: the files in `feeds` hold all alerts up to it."""
    ends = [next_end(digest, now=now) for digest in digests if digest.enabled and not digest.immediate]
    until = min((end for end in ends if end is not None), default=None)
    return {
        "until": until.isoformat() if until else None,
        "immediate": any(digest.enabled and digest.immediate for digest in digests),
        "last_alert": last_alert(db),
        "feeds": [str(_feed_path(config, digest.feed)) for digest in digests if digest.feed and digest.enabled],
    }


def send_waiting(
    db: Connection, config: AppConfig, settings: Mapping[str, Any] | Any, *, now: Callable[[], datetime]
) -> list[SendResult]:
    """Send the messages that are due. Raises ConfigurationError for the mail server's settings."""
    send = sender_of(_server(db, settings, has_mail=False))
    return list(send_pending(db, send, now=now, locks=config.locks_dir))


def _server(db: Connection, settings: Mapping[str, Any] | Any, *, has_mail: bool) -> MailServer | None:
    """The mail server; None if it is not needed. Raises ConfigurationError if it is needed and not configured."""

    waiting = messages(db, states=["waiting"])
    if has_mail or any(not message.recipient.startswith(CHANNEL) for message in waiting):
        return server_from(settings)
    return None


def sender_of(server: MailServer | None) -> Send:
    """A function that sends a message through the mail server or its channel."""

    def send(message: Message, content: bytes) -> None:
        if message.recipient.startswith(CHANNEL):
            from schedules.delivery.channels import notify

            notify(message.recipient, content)
        elif server is not None:
            from schedules.delivery.smtp import send as send_mail

            send_mail(server, message.recipient, content)

    return send


def write_feeds(db: Connection, config: AppConfig, digests: Sequence[Digest], *, now: datetime) -> list[str]:
    """Write the Atom feeds, without muted alerts. Returns one line for each that could not be written."""
    from schedules.delivery.channels import write_feed
    from schedules.formatting.atom import atom_of_alerts

    mistakes = []
    for digest in digests:
        if digest.feed is None or not digest.enabled:
            continue
        path = _feed_path(config, digest.feed)
        newest = alerts_of_topics(db, digest.topics, tags=digest.tags, newest=FEED_ENTRIES, unmuted_at=now)
        alerts = alerts_by_id(db, newest)
        try:
            feed_id = uuid.uuid5(archive_uuid(db), digest.id).urn  # digests of two archives can have the same name
            write_feed(path, atom_of_alerts(digest.title, alerts, feed_id=feed_id, now=now))
        except OSError as error:
            mistakes.append(f"digest {digest.id}: {path} cannot be written ({error.strerror})")
    return mistakes


def _feed_path(config: AppConfig, feed: str) -> Path:
    return config.data_dir / expanded(feed)


def group_by_content(due: Iterable[Pending]) -> list[list[Pending]]:
    """Group the messages of a digest whose recipients get the same content."""
    return list(grouped_by(due, lambda one: (one.begins_at, one.alerts, one.late)).values())


def write_preview(
    db: Connection, folder: Path, name: str, group: Sequence[Pending], now: datetime
) -> tuple[str, list[Path]]:
    """Render the mail of a group and write it as HTML, text and, for channels, chat text. Raises WirewatchError.

    Returns the subject and the files.
    """
    from schedules.delivery.channels import write_atomically

    rendered = render_digest(db, group[0], now)
    texts = {"html": rendered.html, "txt": f"{rendered.subject}\n\n{rendered.text}"}
    if any(one.recipient.startswith(CHANNEL) for one in group):
        texts["chat.txt"] = f"{rendered.subject}\n\n{rendered.chat}"
    paths = {folder / f"{name}.{extension}": content for extension, content in texts.items()}
    try:
        for path, content in paths.items():
            write_atomically(path, content)
    except OSError as error:
        raise WirewatchError(f"{folder}: cannot write the preview ({error.strerror}); name a folder") from error
    return rendered.subject, list(paths)
