"""Write tables into the configuration files: new ones at the end, never over what a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from crawler.config.app import STARTER_DIR
from crawler.exceptions import ConfigurationError


def is_untouched(path: Path) -> bool:
    """Whether a file is missing, or is the starter file as `scrapy init` wrote it."""
    starter = STARTER_DIR / path.name
    return not path.exists() or (starter.exists() and path.read_bytes() == starter.read_bytes())


def add_table(path: Path, table: str, check: Callable[[Path], object]) -> None:
    """Append a table to a file; an untouched starter file is replaced by the table.

    `check` reads the result before it takes the place of the file. Raises ConfigurationError.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        before = "" if is_untouched(path) else path.read_text(encoding="utf-8-sig").rstrip("\n") + "\n\n"
        new.write_text(before + table, encoding="utf-8")
        check(new)
        new.rename(path)
    except ConfigurationError as error:
        raise ConfigurationError(path, error.mistakes) from None
    except OSError as error:
        raise ConfigurationError(path, [f"cannot be written: {error.strerror}"]) from error
    finally:
        new.unlink(missing_ok=True)


def unused_id(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, with a number if it is in `taken`."""
    number, found = 2, wanted
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    return found
