"""Deliver digests by other means than mail: chat services and webhooks (apprise), Atom feed files, a dead man's switch."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from crawler.archive.delivery.outbox import Fault
from crawler.config.digests import CHANNEL
from schedules.delivery.chat_text import escape_chat, shorten
from schedules.delivery.message import SendError
from schedules.formatting.atom import FEED_OPENING

CHANNEL_TIMEOUT = 30.0
MAX_CHANNEL_MESSAGE = 3_500
"""Characters of a message to a channel. Telegram accepts 4,096, Slack 4,000, Discord 2,000 (as apprise knows)."""
DEADMAN = "WIREWATCH_DEADMAN_URL"
REDIRECTS = frozenset({301, 302, 303, 307, 308})


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
        moved = _new_address(responses[-1].url, responses[-1].headers.get("Location", ""))
        return SendError(f"{name}: HTTP {status}, the service moved to {moved}; correct the URL in {name}", "server")
    fault: Fault = "server" if 400 <= status < 500 and status not in (408, 429) else "temporary"
    return SendError(f"{name}: the service did not accept the message (HTTP {status})", fault)


def _new_address(url: str, location: str) -> str:
    """Where a response redirects to. Parts of the old path are replaced with "…": they are secret."""
    if not location:
        return "an unknown address (no Location header)"
    try:
        new = urlsplit(urljoin(url, location))
        secrets = set(filter(None, urlsplit(url).path.split("/")))
        path = "/".join("…" if unquote(part) in secrets or part in secrets else part for part in new.path.split("/"))
        return f"{new.scheme}://{new.netloc.rpartition('@')[2]}{path}"
    except ValueError:
        return "an invalid address"


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


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def http_error_302(self, *_: Any) -> None:
        """Treat a redirect as an error."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


def ping_dead_mans_switch(url: str) -> str | None:
    """Request the URL of a dead man's switch. None: it replied; otherwise one line about the error, without the URL."""
    if not url.startswith(("http://", "https://")):
        return f"{DEADMAN}: write a full http(s) URL"
    try:
        with urllib.request.build_opener(_NoRedirects).open(url, timeout=CHANNEL_TIMEOUT):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        moved = (
            f" and moved to {_new_address(url, error.headers.get('Location', ''))}" if error.code in REDIRECTS else ""
        )
        return f"the dead man's switch replied with HTTP {error.code}{moved} ({DEADMAN})"
    except Exception as error:  # a reply that is not HTTP raises many types; their texts can contain the URL
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        text = (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
        return f"the dead man's switch did not reply properly: {text} ({DEADMAN})"
