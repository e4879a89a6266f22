"""Rows as dataclasses, and rows from columns."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sized
from typing import Any, TypeVar, cast

from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import parse_utc, parse_utc_or_none

_T = TypeVar("_T")
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": parse_utc,
    "datetime | None": parse_utc_or_none,
    "bool": bool,
}
"""By the annotation of a field: how its column is read. All other columns hold the value itself."""


def from_row(kind: type[_T], row: Row, **others: Any) -> _T:
    """Return a dataclass of type `kind`; each field has the value of the column with its name.

    `others`: fields with another value. A field without a column keeps its default.
    """
    columns = set(row.keys())
    values = {
        name: row[name] if read is None else read(row[name])
        for name, read in _fields(cast("Any", kind))
        if name in columns and name not in others
    }
    return kind(**values, **others)


@functools.cache
def _fields(kind: type[Any]) -> list[tuple[str, Callable[[Any], Any] | None]]:
    return [(field.name, _READERS.get(str(field.type))) for field in dataclasses.fields(kind)]


def insert_row(db: Connection, table: str, columns: Mapping[str, Any], ending: str = "") -> int:
    """Insert a row; returns its rowid, 0 if there was a conflict. `ending`: the rest of the statement."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)}) {ending}"  # noqa: S608 -- our names
    cursor = db.execute(statement, tuple(columns.values()))
    return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else 0


def marks(values: Sized) -> str:
    """Return a placeholder for each value: "?, ?, ?"."""
    return ", ".join("?" * len(values))
