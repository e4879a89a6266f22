"""Read names.toml: a name and its spellings, used as `$name` in queries like a list of [terms]."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawler.config.parsing.toml import read_toml
from crawler.config.topic_tables import TERMS, read_terms
from crawler.exceptions import ConfigurationError
from crawler.search.query_ast import Terms

NAMES_FILE = "names.toml"
"""Stands next to topics.toml."""


def load_spellings(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the spellings of each name, in the order of the file; empty if there is no file.

    Raises ConfigurationError with all mistakes of the file.
    """
    if not path.exists():
        return {}
    tables = read_toml(path)
    mistakes = [
        f"key {name}: {spelling!r} refers to a list; write the spelling itself"
        for name, spellings in tables.items()
        for spelling in (spellings if isinstance(spellings, list) else ())
        if isinstance(spelling, str) and spelling.startswith(("$", "~"))
    ]
    names = {} if mistakes else read_terms(tables, mistakes)
    if mistakes:
        raise ConfigurationError(path, [one.replace(f"table [{TERMS}], ", "") for one in mistakes])
    return names


def names_as_terms(names: Mapping[str, tuple[str, ...]]) -> Terms:
    """Return the names as lists of terms: each spelling in all its forms; one that ends in * as it is."""
    return {
        name: tuple(spelling if spelling.endswith("*") else f"~{spelling}" for spelling in spellings)
        for name, spellings in names.items()
    }
