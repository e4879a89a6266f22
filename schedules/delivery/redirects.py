"""Redirects of webhooks: they are not followed, and the message names the new address."""

from __future__ import annotations

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
