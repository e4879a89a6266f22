"""The errors that reach a user, as one tree.

WirewatchError
├── ConfigurationError    a file of the user is wrong (crawler/config)
├── ArchiveError          the archive cannot be opened, is newer than this program, or is damaged (crawler/archive)
│   └── NotFoundError     the archive is fine, but the requested row does not exist or is in that state already
│       └── PrunedPageError  a raw page was deleted on purpose; its row is kept
├── FetchRefusedError     a request was not sent: robots.txt, Retry-After, private address (crawler/middlewares/)
├── ParseError            bytes are not the document they were taken for (feeds, sitemaps, listings, WARC, responses)
└── WorkerError           a child process was killed or died while it parsed something (crawler/workers/pool.py)

The message of each is one line: what is wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.reasons import ReasonCode


class WirewatchError(Exception):
    """An error that is reported in one line, without a traceback."""


class ConfigurationError(WirewatchError):
    """All mistakes in one file. Raised by the readers of the user's TOML and OPML files."""

    def __init__(self, path: Path | str, mistakes: Sequence[str]) -> None:
        self.path = Path(path)
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{path}: {mistake}" for mistake in mistakes))


class ArchiveError(WirewatchError):
    """The archive cannot be used in its present state. Raised by crawler/archive."""


class NotFoundError(ArchiveError):
    """The requested row does not exist or is in that state already. Raised by crawler/archive."""


class PrunedPageError(NotFoundError):
    """A raw page was deleted on purpose; `day`: when, as YYYY-MM-DD. Raised by crawler/archive/storage."""

    def __init__(self, page_id: int, day: str) -> None:
        self.day = day
        super().__init__(f"raw page {page_id} was pruned on {day}; its hash is kept")


class FetchRefusedError(WirewatchError):
    """A request was not sent; `until`: when it may be sent, if known. Raised by the downloader middlewares."""

    def __init__(self, url: str, reason: str, code: ReasonCode, until: datetime | None = None) -> None:
        self.url = url
        self.reason = reason
        self.code = code
        self.until = until
        super().__init__(f"{url}: {reason}")


class _CodedError(WirewatchError):
    """An error with a subject, a reason and a reason code, which can cross a process border."""

    default_code = ReasonCode.PARSER_FAILED

    def __init__(self, what: str, reason: str, code: ReasonCode | None = None) -> None:
        self.what = what
        self.reason = reason
        self.code = code or self.default_code
        super().__init__(f"{what}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), (self.what, self.reason, self.code)


class ParseError(_CodedError):
    """Bytes are not the document they were taken for. Raised by the parsers of feeds, sitemaps, listings and WARC."""


class WorkerError(_CodedError):
    """A child process was killed for taking too long, or died. Raised by crawler/workers/pool.py."""

    default_code = ReasonCode.PARSER_CRASHED
