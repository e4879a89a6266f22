"""Line numbers for mistakes in TOML files: the readers of TOML know no lines, so tables and keys are searched in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_SHOWN = 40
"""Characters of a table or key in a message."""
_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]#]{1,200}?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]{1,200})\s*=")
_NAMED = re.compile(r"(?:table )?\[([^\]]+)\](?:, key ([^:\s]+))?")
"""How a mistake begins: "table [harbour-gazette], key feeds[0].url: …"."""
_QUOTES = ('"""', "'''")


class TomlLine(NamedTuple):
    """A line of a file, and the table and key that it belongs to; "" if it is in none."""

    number: int
    table: str
    key: str
    text: str
    starts: bool
    """Whether the table or key begins in this line."""

    @property
    def place(self) -> str:
        """The place for a message: "line 3, table [harbour-gazette], key name"."""
        table = f", table [{self.table[:_SHOWN]}]" if self.table else ""
        return f"line {self.number}{table}{f', key {self.key[:_SHOWN]}' if self.key else ''}"


def toml_lines(text: str) -> Iterator[TomlLine]:
    """Yield each line of a file, also of an invalid one."""
    table = key = quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        starts = False
        if not quote:
            if found := _KEY.match(line):
                key, starts = found[1], True
            elif (found := _HEADER.match(line)) and line.count("[") <= 2:
                table, key, starts = found[1], "", True
        yield TomlLine(number, table, key, line, starts)
        quote = _open_quote(line, quote)


def with_lines(path: Path, mistakes: Sequence[str]) -> list[str]:
    """Return the mistakes of a file that can be read, each with the line of its table or key, in the order of the lines."""
    places: dict[tuple[str, ...], int] = {}
    for line in toml_lines(path.read_text(encoding="utf-8-sig", errors="replace")):
        if line.starts:
            places.setdefault((*_parts(line.table), *_parts(line.key)), line.number)
    numbered = [(_line_of(mistake, places), mistake) for mistake in mistakes]
    numbered.sort(key=lambda one: one[0] or 0)
    return [f"line {number}, {mistake}" if number else mistake for number, mistake in numbered]


def _line_of(mistake: str, places: dict[tuple[str, ...], int]) -> int | None:
    """The line of the key that a mistake names, of the key around it, or of its table; None if it names no table."""
    found = _NAMED.match(mistake)
    if found is None:
        return None
    path = (found[1], *(_parts(re.sub(r"\[\d+\]", "", found[2])) if found[2] else ()))
    while path:
        if path in places:
            return places[path]
        path = path[:-1]
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split(".")) if dotted else ()


def _open_quote(line: str, quote: str) -> str:
    """The quotation marks of a text of several lines that is open at the end of a line; "" if none is."""
    position = 0
    while True:
        if quote:
            end = line.find(quote, position)
            if end < 0:
                return quote
            position, quote = end + 3, ""
        starts = [(at, mark) for mark in _QUOTES if (at := line.find(mark, position)) >= 0]
        if not starts:
            return ""
        position, quote = min(starts)
        position += 3
