"""Other ways out than mail: chat services and webhooks through apprise, an Atom feed as a file, a dead man's switch."""

from __future__ import annotations

import errno
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Mapping
from pathlib import Path

from crawler.config.digests import CHANNEL
from schedules.delivery.mime import SendError
from schedules.formatting.atom import _OPENING

CHANNEL_TIMEOUT = 30.0
MAX_CHANNEL_MESSAGE = 3_500
"""Characters of a message to a channel; Telegram takes 4,096, Slack 4,000."""


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
    if len(text) <= MAX_CHANNEL_MESSAGE:
        return text
    kept = text[:MAX_CHANNEL_MESSAGE].rsplit("\n", 1)[0]
    return f"{kept}\n\n… {len(text) - len(kept)} characters more; the archive has all of it."


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
        with urllib.request.urlopen(url, timeout=CHANNEL_TIMEOUT):  # noqa: S310 -- http(s) alone, checked above
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"the dead man's switch answered {error.code}"
    except (OSError, ValueError) as error:  # URLError is an OSError; none of their texts holds the URL's path
        reason = getattr(error, "reason", None) or type(error).__name__
        return f"the dead man's switch did not answer ({reason})"
