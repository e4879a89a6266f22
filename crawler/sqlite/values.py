"""Convert values for the archive: times, JSON, and text that SQLite and UTF-8 can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crawler.reasons import Reason

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def format_utc(at: datetime) -> str:
    """ "2026-11-23T13:00:00Z": UTC, whole seconds, so that the order of texts is the order of times."""
    return at.astimezone(timezone.utc).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def format_utc_or_none(at: datetime | None) -> str | None:
    return None if at is None else format_utc(at)


def parse_utc(text: str) -> datetime:
    """An aware time in UTC from the archive's format."""
    if len(text) != 20 or text[-1] != "Z":
        raise ValueError(f"{text!r} is not a time of the archive, such as 2026-11-23T13:00:00Z")
    # Python 3.10 knows no "Z"; `replace(tzinfo=...)` takes five times as long as the rest, and strptime fifty times.
    return datetime.fromisoformat(f"{text[:-1]}+00:00")


def parse_utc_or_none(text: str | None) -> datetime | None:
    return None if text is None else parse_utc(text)


def clean_text(text: str) -> str:
    """`text` with U+FFFD instead of NUL and lone surrogates, like HTML parsers do.

    UTF-8 has no lone surrogates, and SQLite's functions, its shell and FTS5 end a text at a NUL. All other text is
    stored unchanged.
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def clean_text_or_none(text: str | None) -> str | None:
    return None if text is None else _UNSTORABLE.sub(REPLACEMENT, text)


def as_json(value: object) -> str:
    """Compact JSON without escapes, so that other scripts remain readable."""
    return clean_text(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def names_or_none(names: Sequence[str]) -> str | None:
    """A JSON list; None if it is empty."""
    return as_json(list(names)) if names else None


def sql_list(values: Iterable[str]) -> str:
    """Constants of ours as the items of an SQL list: `'a', 'b'`."""
    return ", ".join(f"'{value}'" for value in sorted(values))


def reason_columns(reason: Reason | None) -> tuple[str | None, str | None]:
    """Return a reason's code and its text, cleaned, for the two columns that store it."""
    return (reason.code.value, clean_text_or_none(reason.text)) if reason else (None, None)
