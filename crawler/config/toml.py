"""TOML files of the user's: read, with syntax errors as one line that says where; suggestions for misspelt names."""

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


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigurationError where it is absent, no UTF-8, or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ConfigurationError(path, ["lists or tables lie too deep in one another to be read"]) from None
    except FileNotFoundError:
        raise ConfigurationError(
            path,
            ["no such file; `scrapy init` creates it from the starter files, or set WIREWATCH_DATA_DIR to its folder"],
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(path, [f"line {_line_of(error)} is not UTF-8; save the file as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(path, [f"not valid TOML: {_without_python(str(error))}"]) from error
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be read: {error.strerror}"]) from error


def _line_of(error: UnicodeDecodeError) -> int:
    return error.object[: error.start].count(b"\n") + 1


def _without_python(said: str) -> str:
    """tomllib names a table as a tuple: "Cannot declare ('one', 'two') twice"."""
    return re.sub(r"\(('[^()]*'),?\)", lambda found: f"[{found[1].replace(chr(39), '').replace(', ', '.')}]", said)
