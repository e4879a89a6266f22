"""How values look inside the archive: times, JSON, and text that SQLite and UTF-8 can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def format_utc(at: datetime) -> str:
    """ "2026-11-23T13:00:00Z": UTC, whole seconds, so that text order is time order."""
    return at.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def format_utc_or_none(at: datetime | None) -> str | None:
    return None if at is None else format_utc(at)


def parse_utc(text: str) -> datetime:
    """A time as the archive holds it, aware and in UTC."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def parse_utc_or_none(text: str | None) -> datetime | None:
    return None if text is None else parse_utc(text)


def clean_text(text: str) -> str:
    """`text` as it can be stored: U+FFFD in the place of NUL and of lone surrogates.

    UTF-8 cannot hold a lone surrogate, and a NUL ends the text for SQLite's own functions, its shell and FTS5. HTML
    itself reads both as U+FFFD. All other text is stored and read back as it is.
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def clean_text_or_none(text: str | None) -> str | None:
    return None if text is None else _UNSTORABLE.sub(REPLACEMENT, text)


def as_json(value: object) -> str:
    """Compact JSON that a person can read: no escapes of other scripts."""
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def names_or_none(names: Sequence[str]) -> str | None:
    """A JSON list, or null for an empty one."""
    return as_json(list(names)) if names else None


def sql_list(values: Iterable[str]) -> str:
    """Constants of ours as the items of an SQL list: `'a', 'b'`."""
    return ", ".join(f"'{value}'" for value in sorted(values))
