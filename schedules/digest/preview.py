"""Previews of digests: the mails that `scrapy digest --preview` writes to a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.config.digests import CHANNEL
from crawler.exceptions import WirewatchError
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection
from schedules.delivery.outbox import Pending
from schedules.digest.job import render_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenPreview:
    """A preview that was written."""

    subject: str
    recipients: tuple[str, ...]
    """Those who get this content; empty for a sample."""
    paths: tuple[Path, ...]


def group_by_content(due: Iterable[Pending]) -> list[list[Pending]]:
    """Group the messages of a digest whose recipients get the same content."""
    return list(grouped_by(due, lambda one: (one.begins_at, one.alerts, one.late)).values())


def write_preview(db: Connection, folder: Path, name: str, group: Sequence[Pending], now: datetime) -> WrittenPreview:
    """Render the mail of a group and write it as HTML, text and, for channels, chat text. Raises WirewatchError."""
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
    recipients = tuple(one.recipient for one in group if one.recipient)
    return WrittenPreview(subject=rendered.subject, recipients=recipients, paths=tuple(paths))
