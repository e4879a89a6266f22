"""Rows as dataclasses, and rows from columns."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sized
from datetime import datetime
from typing import Any, TypeVar, cast

from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none

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
    values = {
        name: row[name] if read is None else read(row[name])
        for name, read in _fields(cast("Any", kind), tuple(row.keys()))
        if name not in others
    }
    return kind(**values, **others)


@functools.cache
def _fields(kind: type[Any], columns: tuple[str, ...]) -> list[tuple[str, Callable[[Any], Any] | None]]:
    """The fields that have a column. Queries have a fixed set of columns, so the cache stays small."""
    return [(one.name, _READERS.get(str(one.type))) for one in dataclasses.fields(kind) if one.name in columns]


def columns_of(record: Any) -> dict[str, Any]:
    """Return the fields of a dataclass as columns: the reverse of `from_row`."""
    values = {one.name: getattr(record, one.name) for one in dataclasses.fields(record)}
    return {name: format_utc(value) if isinstance(value, datetime) else value for name, value in values.items()}


def replace_row(db: Connection, table: str, columns: Mapping[str, Any]) -> None:
    """Insert a row; it replaces one with the same key. Columns that are not named get their default."""
    statement = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})"  # noqa: S608 -- our names
    db.execute(statement, tuple(columns.values()))


def insert_row(db: Connection, table: str, columns: Mapping[str, Any], ending: str = "") -> int:
    """Insert a row; returns its rowid, 0 if there was a conflict. `ending`: the rest of the statement."""
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)}) {ending}"  # noqa: S608 -- our names
    cursor = db.execute(statement, tuple(columns.values()))
    return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else 0


def marks(values: Sized) -> str:
    """Return a placeholder for each value: "?, ?, ?"."""
    return ", ".join("?" * len(values))
