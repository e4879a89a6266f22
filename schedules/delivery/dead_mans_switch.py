"""Report to a dead man's switch that all messages were accepted; it raises an alarm when the reports stop."""

from __future__ import annotations

DEADMAN = "WIREWATCH_DEADMAN_URL"
"""Environment variable with the URL."""
DEADMAN_TIMEOUT = 30.0
"""Seconds."""


def ping_dead_mans_switch(url: str) -> str | None:
    """Request the URL of a dead man's switch. None: it replied; otherwise one line about the error, without the URL."""
    import urllib.error
    import urllib.request

    from schedules.delivery.redirects import REDIRECTS, NoRedirects, new_address

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
