"""Deliver digests by other means than mail: chat services and webhooks (apprise), Atom feed files, a dead man's switch."""

from __future__ import annotations

import errno
import logging
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Mapping
from pathlib import Path

from crawler.config.digests import CHANNEL
from schedules.delivery.errors import SendError
from schedules.formatting.atom import FEED_OPENING

CHANNEL_TIMEOUT = 30.0
MAX_CHANNEL_MESSAGE = 3_500
"""Characters of a message to a channel. Telegram accepts 4,096, Slack 4,000."""


def notify(recipient: str, content: bytes, environ: Mapping[str, str] = os.environ) -> None:
    """Send a message to a channel. Raises SendError, which does not contain the channel's URL."""
    name = recipient.removeprefix(CHANNEL)
    url = environ.get(name, "").strip()
    if not url:
        raise SendError(f"{name} is not set in the environment; set it to the channel's apprise URL")
    import apprise

    for logger in ("apprise", "urllib3", "requests"):  # their messages can contain the URL, which is a secret
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    sender = apprise.Apprise()
    with warnings.catch_warnings():  # one of apprise's services imports a deprecated module
        warnings.simplefilter("ignore", DeprecationWarning)
        is_known = sender.add(url)
    if not is_known:
        raise SendError(f"{name} is not an apprise URL; see apprise's list of services")
    subject, _, text = content.decode("utf-8", "replace").partition("\n\n")
    if not sender.notify(title=subject, body=_short(text), body_format=apprise.NotifyFormat.TEXT):
        raise SendError(f"{name}: the service did not accept the message")


def _short(text: str) -> str:
    if len(text) <= MAX_CHANNEL_MESSAGE:
        return text
    kept = text[:MAX_CHANNEL_MESSAGE].rsplit("\n", 1)[0]
    return f"{kept}\n\n… {len(text) - len(kept)} more characters; see the archive."


def write_feed(path: Path, text: str) -> None:
    """Write a feed like `write_atomically`. Raises FileExistsError if the path is a file that is not a Wirewatch feed."""
    if path.is_file():
        with path.open("rb") as file:
            opening = file.read(len(FEED_OPENING.encode()))
        if opening and opening != FEED_OPENING.encode():
            raise FileExistsError(errno.EEXIST, "the existing file is not a Wirewatch feed", str(path))
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content at once: readers see the old or the new content. Unchanged files are not touched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.read_bytes() == text.encode():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def ping_dead_mans_switch(url: str) -> str | None:
    """Request the URL of a dead man's switch. None: it replied; otherwise one line about the error, without the URL."""
    if not url.startswith(("http://", "https://")):
        return "WIREWATCH_DEADMAN_URL: write a full http(s) URL"
    try:
        with urllib.request.urlopen(url, timeout=CHANNEL_TIMEOUT):  # noqa: S310 -- http(s) only, checked above
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"the dead man's switch replied with HTTP {error.code}"
    except (OSError, ValueError) as error:  # URLError is an OSError; their texts do not contain the URL's path
        reason = getattr(error, "reason", None) or type(error).__name__
        return f"the dead man's switch did not reply ({reason})"
