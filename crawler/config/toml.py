"""Read the TOML files of the user; a syntax error is one line with its place."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from crawler.exceptions import ConfigurationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


_MAX_DIGITS = 1000
"""Digits of a number that no key can hold."""


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file. Raises ConfigurationError if it is missing, not UTF-8 or not valid TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ConfigurationError(path, ["lists or tables are nested too deeply"]) from None
    except FileNotFoundError:
        raise ConfigurationError(
            path,
            ["no such file; `scrapy init` creates it from the starter files, or set WIREWATCH_DATA_DIR to its folder"],
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, [f"line {_line_of(error)} is not UTF-8; save the file as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(path, [f"not valid TOML: {_without_python(str(error))}"]) from error
    except ValueError:  # Python refuses to convert integers of more than 4,300 digits; TOML allows 64 bits
        raise ConfigurationError(path, [_huge_number(path)]) from None
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be read: {error.strerror}"]) from error


def _huge_number(path: Path) -> str:
    """Name the line and key of a number that is too long."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if re.search(rf"[0-9_]{{{_MAX_DIGITS},}}", line):
            key = line.partition("=")[0].strip()[:40]
            return f"line {number}, key {key}: the number is too large"
    return "a number is too large"


def _line_of(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


def _without_python(message: str) -> str:
    """Replace the tuples in which tomllib names tables: "Cannot declare ('one', 'two') twice"."""
    return re.sub(r"\(('[^()]*'),?\)", lambda found: f"[{found[1].replace(chr(39), '').replace(', ', '.')}]", message)
