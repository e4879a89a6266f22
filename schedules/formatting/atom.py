"""Atom feeds of alerts, for digests and the Datasette plugin."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timezone
from xml.sax.saxutils import escape, quoteattr

from crawler.archive.topics.alerts import Alert
from schedules.formatting.links import safe_link
from schedules.formatting.plain_text import header_text, one_line

MAX_ENTRY_TEXT = 10_000
"""Characters of an entry's text."""
FEED_OPENING = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
"""The beginning of every Wirewatch feed; it identifies a file as one."""


def atom_of_alerts(title: str, alerts: Sequence[Alert], *, feed_id: str, now: datetime) -> str:
    """An Atom feed (RFC 4287) of alerts, newest first."""
    entries = "".join(_entry(alert, feed_id) for alert in alerts)
    updated = max((alert.created_at for alert in alerts), default=now)
    return (
        f"{FEED_OPENING}<id>{escape(feed_id)}</id>\n<title>{_text(title)}</title>\n<updated>{_time(updated)}</updated>\n"
        f"<author><name>Wirewatch</name></author>\n{entries}</feed>\n"
    )


def _entry(alert: Alert, feed_id: str) -> str:
    href = safe_link(alert.url)
    link = f"<link href={quoteattr(href)}/>\n" if href else ""
    element = "summary" if href else "content"  # RFC 4287, 4.1.2: an entry without a link has content
    changed = [one for one in alert.sentences if one.change != "unchanged"]
    shown = [one for one in changed if one.text != alert.title] or changed  # the headline is the entry's title
    sentences = " ".join(f"{'removed: ' if one.change == 'removed' else ''}{one.text}" for one in shown)
    text = one_line(f"{alert.topic_title}, {alert.kind}: {sentences}", most=MAX_ENTRY_TEXT)
    entry_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{feed_id}:{alert.id}").urn
    return (
        f"<entry>\n<id>{entry_id}</id>\n<title>{_text(alert.title or alert.url)}</title>\n{link}"
        f"<updated>{_time(alert.created_at)}</updated>\n<published>{_time(alert.published_at)}</published>\n"
        f"<author><name>{_text(alert.byline or alert.source_name)}</name></author>\n"
        f"<category term={quoteattr(alert.topic)} label={quoteattr(header_text(alert.topic_title))}/>\n"
        f"<{element}>{escape(text)}</{element}>\n</entry>\n"
    )


def _text(text: str) -> str:
    return escape(header_text(text))


def _time(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
