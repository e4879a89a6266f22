"""The spellings of a URL that the patterns of `sources.toml` may match."""

from __future__ import annotations

import contextlib
from urllib.parse import unquote


def spellings(url: str) -> tuple[str, ...]:
    """Return the spellings of a URL that a pattern may match: as written, in ASCII, and with the letters of people."""
    if url.isascii() and "%" not in url and "xn--" not in url:
        return (url,)
    from w3lib.url import safe_url_string

    encoded = safe_url_string(url)
    scheme, _, rest = encoded.partition("://")
    host, slash, path = rest.partition("/")
    with contextlib.suppress(UnicodeError):
        host = host.encode("ascii").decode("idna")
    return tuple(dict.fromkeys((url, encoded, f"{scheme}://{host}{slash}{unquote(path)}")))
