"""Print to the terminal. Commands use only these functions and `console.py` (ruff checks it).

Output can contain text from outlets and servers, so control characters are removed. Characters that the locale cannot
encode are escaped.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TextIO

from crawler.sqlite.values import format_utc
from crawler.text.sanitize import escape_json, strip_control_characters


def print_line(*lines: object, end: str = "\n") -> None:
    """Print lines for people on standard output."""
    _write(sys.stdout, lines, end)


def warn(*lines: object) -> None:
    """Print lines for people on standard error."""
    _write(sys.stderr, lines, "\n")


def draw_progress(text: str) -> None:
    """Replace the progress line on standard error, which must be a terminal; "" clears it."""
    sys.stderr.write(f"\r\x1b[2K{strip_control_characters(text)}")
    sys.stderr.flush()


def print_json(value: Any, *, indent: int | None = 1) -> None:
    """Print JSON in UTF-8, for programs: dataclasses with their fields, times as in the archive, spans in seconds."""
    write_data([escape_json(json.dumps(value, ensure_ascii=False, indent=indent, default=_json_value)), "\n"])


def fields_of(one: Any) -> dict[str, Any]:
    """Return the fields of a dataclass with slots, by name."""
    return {name: getattr(one, name) for name in one.__slots__}


def _json_value(value: Any) -> object:
    if isinstance(value, datetime):
        return format_utc(value)
    return round(value.total_seconds()) if isinstance(value, timedelta) else fields_of(value)


def write_data(pieces: Iterable[str]) -> None:
    """Write data to standard output: unchanged in UTF-8 to a file or pipe, without control characters to a terminal."""
    if sys.stdout.isatty():
        output = writable(sys.stdout)
        output.writelines(strip_control_characters(piece) for piece in pieces)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
    sys.stdout.writelines(pieces)
    sys.stdout.flush()


def writable(stream: TextIO) -> TextIO:
    """Return the stream, which now escapes characters that it cannot encode."""
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    return stream


def _write(stream: TextIO, lines: Iterable[object], end: str) -> None:
    text = "\n".join(strip_control_characters(str(line)) for line in lines)
    writable(stream).write(f"{text}{end}")
    stream.flush()


class VisibleRecord(logging.LogRecord):
    """A log record without control characters; messages and tracebacks contain text from servers."""

    def getMessage(self) -> str:  # noqa: N802 -- logging's name
        """Return the message without control characters."""
        return strip_control_characters(super().getMessage())

    def __setattr__(self, name: str, value: Any) -> None:
        """Clean the traceback, which formatters store in `exc_text`."""
        super().__setattr__(
            name, strip_control_characters(value) if name == "exc_text" and isinstance(value, str) else value
        )
