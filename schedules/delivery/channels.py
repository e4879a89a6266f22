"""Deliver digests by other means than mail: chat services and webhooks (apprise), Atom feed files."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawler.archive.delivery.outbox import Fault
from crawler.config.digests import CHANNEL
from crawler.filesystem.files import replace_file
from schedules.delivery.chat_text import escape_chat, shorten
from schedules.delivery.message import SendError
from schedules.delivery.redirects import REDIRECTS, new_address
from schedules.formatting.atom import FEED_OPENING

MAX_CHANNEL_MESSAGE = 3_500
"""Characters of a message to a channel. Telegram accepts 4,096, Slack 4,000, Discord 2,000 (as apprise knows)."""


def notify(recipient: str, content: bytes, environ: Mapping[str, str] = os.environ) -> None:
    """Send a message to a channel. Raises SendError, which does not contain the channel's URL."""
    name = recipient.removeprefix(CHANNEL)
    url = environ.get(name, "").strip()
    if not url:
        raise SendError(f"{name} is not set in the environment; set it to the channel's apprise URL", "server")
    import apprise

    for logger in ("apprise", "urllib3", "requests"):  # their messages can contain the URL, which is a secret
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    sender = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False))
    with warnings.catch_warnings():  # one of apprise's services imports a deprecated module
        warnings.simplefilter("ignore", DeprecationWarning)
        is_known = sender.add(url)
    if not is_known:
        raise SendError(f"{name} is not an apprise URL; see apprise's list of services", "server")
    service = sender[0]
    subject, _, text = content.decode("utf-8", "replace").partition("\n\n")
    formats = [service.notify_format, *parse_qs(urlsplit(url).query).get("format", [])]
    is_escaped_later = apprise.NotifyFormat.MARKDOWN in formats
    title, body = (
        escape_chat(part, type(service).__name__, is_escaped_later=is_escaped_later)
        for part in (subject, text.strip("\n"))
    )
    body = shorten(body, min(MAX_CHANNEL_MESSAGE, service.body_maxlen) - len(title) - 2)
    with _responses() as responses:
        is_sent = sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
    if not is_sent:
        raise _not_accepted(name, responses)


@contextlib.contextmanager
def _responses() -> Iterator[list[Any]]:
    """The HTTP responses that apprise gets: it returns only success or failure."""
    import requests

    responses: list[Any] = []
    original = requests.Session.send

    def send(self: Any, request: Any, **options: Any) -> Any:
        responses.append(original(self, request, **options))
        return responses[-1]

    requests.Session.send = send  # type: ignore[method-assign]
    try:
        yield responses
    finally:
        requests.Session.send = original  # type: ignore[method-assign]


def _not_accepted(name: str, responses: Sequence[Any]) -> SendError:
    if not responses:
        return SendError(f"{name}: the service did not reply", is_unreachable=True)
    status = responses[-1].status_code
    if status in REDIRECTS:
        moved = new_address(responses[-1].url, responses[-1].headers.get("Location", ""))
        return SendError(f"{name}: HTTP {status}, the service moved to {moved}; correct the URL in {name}", "server")
    fault: Fault = "server" if 400 <= status < 500 and status not in (408, 429) else "temporary"
    return SendError(f"{name}: the service did not accept the message (HTTP {status})", fault)


def write_feed(path: Path, text: str) -> None:
    """Write a feed like `write_atomically`. Raises FileExistsError if the path is a file that is not a Wirewatch feed."""
    if path.is_file():
        with path.open("rb") as file:
            opening = file.read(len(FEED_OPENING.encode()))
        if opening and opening != FEED_OPENING.encode():
            raise FileExistsError(errno.EEXIST, "the existing file is not a Wirewatch feed", str(path))
    write_atomically(path, text)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content at once, in a folder that is created if needed. Unchanged files are not touched."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != text.encode():
        replace_file(path, text.encode())
