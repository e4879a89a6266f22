"""Other ways out than mail: chat services and webhooks through apprise, an Atom feed as a file, a dead man's switch."""

from __future__ import annotations

import errno
import os
import urllib.error
import urllib.request
import uuid
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from crawler.archive.alerts import Alert
from crawler.digests import CHANNEL
from schedules.links import safe_link
from schedules.mail import SendError, header_text
from schedules.plaintext import one_line

SECONDS = 30.0
LONGEST = 3_500
"""Characters of a message to a channel; Telegram takes 4,096, Slack 4,000."""
MOST_TOLD = 10_000
"""Characters of an entry of a feed."""


def notify(recipient: str, content: bytes, environ: Mapping[str, str] = os.environ) -> None:
    """Tell a channel. Raises SendError; what apprise logs of the URL stays in apprise."""
    import logging

    name = recipient.removeprefix(CHANNEL)
    url = environ.get(name, "").strip()
    if not url:
        raise SendError(f"{name} is not set in the environment; put the channel's apprise URL there", for_good=False)
    import apprise

    for name_of_log in ("apprise", "urllib3", "requests"):  # what they log can hold the URL, which is a secret
        logging.getLogger(name_of_log).setLevel(logging.CRITICAL)
    sender = apprise.Apprise()
    with warnings.catch_warnings():  # one of its hundred services imports a module that Python is about to drop
        warnings.simplefilter("ignore", DeprecationWarning)
        known = sender.add(url)
    if not known:
        raise SendError(f"{name} holds no URL that apprise knows (see its list of services)", for_good=False)
    subject, _, text = content.decode("utf-8", "replace").partition("\n\n")
    taken = sender.notify(title=subject, body=_short(text), body_format=apprise.NotifyFormat.TEXT)
    if not taken:
        raise SendError(f"{name}: the service did not take it", for_good=False)


def _short(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    kept = text[:LONGEST].rsplit("\n", 1)[0]
    return f"{kept}\n\n… {len(text) - len(kept)} characters more; the archive has all of it."


_OPENING = '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
"""What a feed of ours begins with, byte for byte."""


def atom(title: str, alerts: Sequence[Alert], *, feed_id: str, now: datetime) -> str:
    """An Atom feed (RFC 4287) of alerts, newest first."""
    entries = "".join(_entry(alert, feed_id) for alert in alerts)
    updated = max((alert.made_at for alert in alerts), default=now)
    return (
        f"{_OPENING}<id>{escape(feed_id)}</id>\n<title>{_text(title)}</title>\n<updated>{_time(updated)}</updated>\n"
        f"<author><name>Wirewatch</name></author>\n{entries}</feed>\n"
    )


def _entry(alert: Alert, feed_id: str) -> str:
    href = safe_link(alert.url)
    link = f"<link href={quoteattr(href)}/>\n" if href else ""
    told = "summary" if href else "content"  # RFC 4287, 4.1.2: an entry without a link has content
    fresh = [one for one in alert.sentences if one.change != "there"]
    below = [one for one in fresh if one.text != alert.title] or fresh  # the headline is the entry's title
    sentences = " ".join(f"{_SIGNS.get(one.change, '')}{one.text}" for one in below)
    entry_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{feed_id}:{alert.id}").urn
    return (
        f"<entry>\n<id>{entry_id}</id>\n<title>{_text(alert.title or alert.url)}</title>\n{link}"
        f"<updated>{_time(alert.made_at)}</updated>\n<published>{_time(alert.published_at)}</published>\n"
        f"<author><name>{_text(alert.byline or alert.source_name)}</name></author>\n"
        f"<category term={quoteattr(alert.topic)} label={quoteattr(header_text(alert.topic_title))}/>\n"
        f"<{told}>{_whole(f'{alert.topic_title}, {alert.kind}: {sentences}')}</{told}>\n</entry>\n"
    )


_SIGNS = {"removed": "no longer there: "}


def _text(text: str) -> str:
    return escape(header_text(text))


def _whole(text: str) -> str:
    """Sentences are told to their end; a title is one line of a list."""
    return escape(one_line(text, most=MOST_TOLD))


def _time(at: datetime) -> str:
    return at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_feed(path: Path, text: str) -> None:
    """`write_whole`, but never in the place of a file that is no feed of ours: raises FileExistsError, an OSError."""
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(len(_OPENING.encode()))
        if begins and begins != _OPENING.encode():
            raise FileExistsError(errno.EEXIST, "the file there is no feed of Wirewatch's", str(path))
    write_whole(path, text)


def write_whole(path: Path, text: str) -> None:
    """A reader sees the file as it was or as it is, never half of it. Where nothing changed it is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == text.encode():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def still_alive(url: str) -> str | None:
    """Fetch the dead man's switch. None: it answered; else one line."""
    if not url.startswith(("http://", "https://")):
        return "WIREWATCH_DEADMAN_URL: write a full http(s) URL"
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):  # noqa: S310 -- http(s) alone, checked above
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"the dead man's switch answered {error.code}"
    except (OSError, ValueError) as error:  # URLError is an OSError; none of their texts holds the URL's path
        reason = getattr(error, "reason", None) or type(error).__name__
        return f"the dead man's switch did not answer ({reason})"
