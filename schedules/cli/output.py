"""The one door through which anything reaches a terminal: commands print by nothing else (ruff sees to it).

Whatever goes through it may hold text of outlets and servers: it is made `visible`, and nothing in it is markup. What
the output cannot encode is escaped: a locale is no reason to end with a traceback. Tables and colours: `console.py`.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from crawler.text.sanitize import escape_json, strip_control_characters


def print_line(*lines: object, end: str = "\n") -> None:
    """Lines for people, on standard output."""
    _write(sys.stdout, lines, end)


def warn(*lines: object) -> None:
    """Lines for people, on standard error."""
    _write(sys.stderr, lines, "\n")


def draw_progress(text: str) -> None:
    """In the place of the line that is being drawn on standard error, a terminal: progress; "" clears it."""
    sys.stderr.write(f"\r\x1b[2K{strip_control_characters(text)}")
    sys.stderr.flush()


def print_json(value: Any, *, indent: int | None = 1) -> None:
    """For programs: JSON in UTF-8, which says everything as it is."""
    write_data([escape_json(json.dumps(value, ensure_ascii=False, indent=indent)), "\n"])


def write_data(pieces: Iterable[str]) -> None:
    """Data on standard output: to a file or a program unchanged and in UTF-8, whatever the locale; `visible` to a person."""
    if sys.stdout.isatty():
        output = writable(sys.stdout)
        output.writelines(strip_control_characters(piece) for piece in pieces)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogatepass")
    sys.stdout.writelines(pieces)


def writable(stream: TextIO) -> TextIO:
    """The stream, which takes any text from now on."""
    if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")
    return stream


def _write(stream: TextIO, lines: Iterable[object], end: str) -> None:
    text = "\n".join(strip_control_characters(str(line)) for line in lines)
    writable(stream).write(f"{text}{end}")
    stream.flush()


class VisibleRecord(logging.LogRecord):
    """Of a log: titles, URLs and servers' answers stand in messages and in tracebacks."""

    def getMessage(self) -> str:  # noqa: N802 -- logging's name
        """As logging's, visible."""
        return strip_control_characters(super().getMessage())

    def __setattr__(self, name: str, value: Any) -> None:
        """The traceback is made by whoever formats the record, and kept here."""
        super().__setattr__(
            name, strip_control_characters(value) if name == "exc_text" and isinstance(value, str) else value
        )
