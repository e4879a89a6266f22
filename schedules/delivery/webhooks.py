"""Requests to secret addresses: redirects are not followed but named; the report to a dead man's switch.

The switch hears that all messages were accepted; it raises an alarm when the reports stop.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

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
