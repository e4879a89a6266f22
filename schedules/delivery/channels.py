"""Deliver digests by other means than mail: chat services and webhooks (apprise), whose text is escaped; Atom feed files."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

from crawler.archive.delivery.outbox import Fault
from crawler.config.digests import CHANNEL
from crawler.filesystem.files import replace_file
from schedules.delivery.mime import SendError
from schedules.formatting.atom import FEED_OPENING
from schedules.formatting.plain_text import count_phrase

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


MARKDOWN_SERVICES = frozenset(
    {
        "NotifyDiscord", "NotifyFluxer", "NotifyGoogleChat", "NotifyGuilded", "NotifyLine", "NotifyMattermost", "NotifyRevolt",
        "NotifyRocketChat", "NotifyRyver", "NotifyTwist", "NotifyWebexTeams", "NotifyZulip",
    }
)  # fmt: skip
"""Services that interpret Markdown in what apprise sends them as plain text."""
UNESCAPED_SERVICES = frozenset({"NotifyForm", "NotifyJSON", "NotifyXML"})
"""Webhooks that pass the text to a program, which escapes it for its purpose."""
_ZERO_WIDTH = "\u200b"
_MENTION = re.compile(r"@(?=[\w!&])|<(?=[@#!&])")
"""After which a zero-width space makes @everyone, <@U1>, <!channel>, <@&1> and <#1> plain text."""
_MARKUP = re.compile(r"([\\`*_~|\[\](){}<>#])")
_LIST_MARKER = re.compile(r"^(\s*)([-+]|\d+(?=[.)]))", re.MULTILINE)
_URL_LINE = re.compile(r"https?://[!-~]+")


def escape_chat(text: str, service: str, *, is_escaped_later: bool = False) -> str:
    """The text without mentions, and without Markdown for a service that interprets it. URLs on a line of their own stay.

    `is_escaped_later`: the channel's format is Markdown, for which apprise escapes plain text.
    """
    if service in UNESCAPED_SERVICES:
        return text
    has_markdown = service in MARKDOWN_SERVICES and not is_escaped_later
    return "\n".join(_escape_line(line, has_markdown=has_markdown) for line in text.split("\n"))


def _escape_line(line: str, *, has_markdown: bool) -> str:
    if _URL_LINE.fullmatch(line):
        return line.replace("@", "%40")
    line = _MENTION.sub(lambda found: found[0] + _ZERO_WIDTH, line)
    if has_markdown:
        line = _LIST_MARKER.sub(r"\1\\\2" if not line[:1].isdigit() else r"\1\2\\", _MARKUP.sub(r"\\\1", line))
    return line


def shorten(text: str, most: int) -> str:
    """At most `most` characters: whole paragraphs, and the number of those left out."""
    if len(text) <= most:
        return text
    paragraphs = text.split("\n\n")
    kept = 0
    while kept < len(paragraphs) and len("\n\n".join([*paragraphs[: kept + 1], _rest(len(paragraphs))])) <= most:
        kept += 1
    if kept == 0:
        return f"{text[: most - 60]}… ({len(text) - most + 60:,} more characters; see the archive)"
    return "\n\n".join([*paragraphs[:kept], _rest(len(paragraphs) - kept)])


def _rest(number: int) -> str:
    return f"… and {count_phrase(number, 'more paragraph')}; see the archive."


REDIRECTS = frozenset({301, 302, 303, 307, 308})


def new_address(url: str, location: str) -> str:
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


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Raises HTTPError for a redirect instead of following it."""

    def http_error_302(self, *_: Any) -> None:
        """Do nothing, so that urllib raises the error."""

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


DEADMAN = "WIREWATCH_DEADMAN_URL"
"""Environment variable with the URL."""
DEADMAN_TIMEOUT = 30.0
"""Seconds."""


def ping_dead_mans_switch(url: str) -> str | None:
    """Request the URL of a dead man's switch. None: it replied; otherwise one line about the error, without the URL."""
    if not url.startswith(("http://", "https://")):
        return f"{DEADMAN}: write a full http(s) URL"
    try:
        with urllib.request.build_opener(NoRedirects).open(url, timeout=DEADMAN_TIMEOUT):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        moved = (
            f" and moved to {new_address(url, error.headers.get('Location', ''))}" if error.code in REDIRECTS else ""
        )
        return f"the dead man's switch replied with HTTP {error.code}{moved} ({DEADMAN})"
    except Exception as error:  # a reply that is not HTTP raises many types; their texts can contain the URL
        cause = error.reason if isinstance(error, urllib.error.URLError) else error
        text = (cause.strerror if isinstance(cause, OSError) else None) or type(cause).__name__
        return f"the dead man's switch did not reply properly: {text} ({DEADMAN})"
