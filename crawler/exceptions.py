"""The errors that reach a user, as one tree.

WirewatchError
├── ConfigurationError      a file of the user's is wrong (crawler/config/sources.py, topics.py)
├── ArchiveError            the archive cannot be opened, is newer than this program, or is damaged (crawler/archive)
│   └── NotThere            the archive is well; what was asked of it is not in it, or is so already
├── FetchRefused            we chose not to fetch (robots.txt, budget, Retry-After, private address)
├── UnreadableError         bytes that are not what they were taken for (feeds, sitemaps, WARC files)
└── WorkerError             a child process was killed or died over some bytes (crawler/workers/pool.py)

What reaches a user is one line: what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


class WirewatchError(Exception):
    """Anything that Wirewatch reports in one line rather than with a traceback."""


class ConfigurationError(WirewatchError):
    """One file, all its mistakes. Raised by whoever reads one of the user's TOML or OPML files."""

    def __init__(self, path: Path | str, mistakes: Sequence[str]) -> None:
        self.path = Path(path)
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{path}: {mistake}" for mistake in mistakes))


class ArchiveError(WirewatchError):
    """The archive cannot be used as it is. Raised by crawler/archive."""


class NotFoundError(ArchiveError):
    """The archive is well; what was asked of it is not in it, or is so already. Raised by crawler/archive."""


class FetchRefusedError(WirewatchError):
    """We chose not to fetch a URL, `until` then where that is known. Raised by the downloader middlewares."""

    def __init__(self, url: str, reason: str, until: datetime | None = None) -> None:
        self.url = url
        self.reason = reason
        self.until = until
        super().__init__(f"{url}: {reason}")


class ParseError(WirewatchError):
    """Bytes that are not what they were taken for. Raised by the parsers of feeds, sitemaps, listings and WARC."""

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"{what}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.what, self.reason)


class WorkerError(WirewatchError):
    """A child process was killed for taking too long, or died. Raised by crawler/workers/pool.py."""

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"{what}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.what, self.reason)
