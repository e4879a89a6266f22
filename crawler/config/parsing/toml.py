"""Read the TOML files of the user; a syntax error is one line with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomli

from crawler.config.parsing.lines import toml_lines, with_lines
from crawler.exceptions import ConfigurationError

_MAX_DIGITS = 1000
"""Digits of a number that no key can hold."""
_MAX_INTEGER = 2**63
"""TOML's integers have 64 bits."""
_MAX_DEPTH = 20
"""Nested lists and tables; our files need 4."""
_MAX_TEXT = 50_000
"""Characters of a text; the longest real query has some hundred."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file. Raises ConfigurationError if it is missing, not UTF-8 or not valid TOML, or if a
    value is too large to be meant."""
    tables = _parsed(path)
    mistakes = [f"{_place(place)}: {fault}" for place, fault in _oversized(tables)]
    if mistakes:
        raise ConfigurationError(path, with_lines(path, mistakes))
    return tables


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ConfigurationError(path, [f"{_deepest_line(path)}: lists or tables are nested too deeply"]) from None
    except FileNotFoundError:
        raise ConfigurationError(
            path,
            ["no such file; `scrapy init` creates it from the starter files, or set WIREWATCH_DATA_DIR to its folder"],
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, [f"line {_line_of(error)} is not UTF-8; save the file as UTF-8"]) from error
    except tomli.TOMLDecodeError as error:
        raise ConfigurationError(path, [f"not valid TOML: {_without_python(str(error))}"]) from error
    except ValueError:  # Python refuses to convert integers of more than 4,300 digits; TOML allows 64 bits
        raise ConfigurationError(path, [_huge_number(path)]) from None
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be read: {error.strerror}"]) from error


def _oversized(tables: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the place of each value that is too large, and what is wrong with it. Without recursion, which has a limit."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), tables)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, (dict, list)):
            if len(place) > _MAX_DEPTH:
                yield place[:2], "lists or tables are nested too deeply"
                continue
            items = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [((*place, str(key)[:_SHOWN]), item) for key, item in items]
        elif isinstance(value, int) and not -_MAX_INTEGER <= value < _MAX_INTEGER:
            yield place[:2], "the number is too large"
        elif isinstance(value, str) and len(value) > _MAX_TEXT:
            yield place[:2], f"the text has {len(value):,} characters; write {_MAX_TEXT:,} at most"


def _place(keys: tuple[str, ...]) -> str:
    return f"table [{keys[0]}]" + (f", key {keys[1]}" if len(keys) > 1 else "")


_SHOWN = 40
"""Characters of a key in a message."""


def _huge_number(path: Path) -> str:
    """Name the place of a number that is too long."""
    for line in toml_lines(path.read_text(encoding="utf-8-sig")):
        if re.search(rf"[0-9_]{{{_MAX_DIGITS}}}", line.text):
            return f"{line.place}: the number is too large"
    return "a number is too large"


def _deepest_line(path: Path) -> str:
    """Name the place of the first line at which lists or tables are nested more deeply than in any file of ours."""
    depth = 0
    for one in toml_lines(path.read_text(encoding="utf-8-sig")):
        line = one.text
        depth = max(depth + line.count("[") + line.count("{") - line.count("]") - line.count("}"), 0)
        if max(depth, line.count("["), line.count("{")) > _MAX_DEPTH:
            return one.place
    return "the file"


def _line_of(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


def _without_python(message: str) -> str:
    """Replace the tuples in which tomli names tables: "Cannot declare ('one', 'two') twice"."""
    return re.sub(r"\(('[^()]*'),?\)", lambda found: f"[{found[1].replace(chr(39), '').replace(', ', '.')}]", message)
