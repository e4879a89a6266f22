"""Divide the check of an archive into seven parts: each reads what is new, and a seventh of the rest.

Reading a million articles and their raw pages takes most of an hour, and nearly all of them are as they were yesterday.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.archive.db.seals import SEALED
from crawler.sqlite.connection import Connection

CHECK_PARTS = 7
"""Parts of a check: one a day, the whole archive in a week."""
WHOLE_TABLES: Mapping[str, int] = {
    "file structure": 1,
    "foreign keys": 2,
    "encoding": 3,
    "articles": 4,
    "stories": 4,
    "alerts": 5,
    "evidence": 5,
    "full-text index": 6,
}
"""Checks that compare whole tables -> the part with which they run."""
_WITHOUT_ROWID = {"article_urls": "article_id", "deliveries": "alert_id"}
"""Tables without a rowid -> the ascending column by which they are divided."""
_SMALL = frozenset({"digest_recipients"})
"""Tables that each part reads as a whole."""

RowRange = tuple[int, int]
"""First and last ID."""
RowsToRead = Callable[[str], tuple[str, list[int]]]
"""Table -> the SQL condition of the rows that are read one by one, and its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckScope:
    """What one part of a check reads."""

    part: int
    """1 to CHECK_PARTS."""
    ranges: Mapping[str, tuple[RowRange, ...]]
    """Table -> the rows that are read one by one; a table that is not named is read as a whole."""
    done: Mapping[str, int]
    """Table -> up to which row this part and those before it have read."""
    known: Mapping[str, int]
    """Table -> the newest row."""

    def includes(self, check: str) -> bool:
        """Return whether a check belongs to the part. Those that are not in WHOLE_TABLES belong to each."""
        return WHOLE_TABLES.get(check, self.part) == self.part

    def __str__(self) -> str:
        checks = [check for check, part in WHOLE_TABLES.items() if part == self.part]
        whole = f"; {', '.join(checks)}" if checks else ""
        return f"part {self.part} of {CHECK_PARTS}: new rows and raw pages, and a seventh of the others{whole}"


def unresolved_faults(last: Mapping[str, Any] | None, scope: CheckScope | None) -> dict[str, str]:
    """Return the faults that other parts found when they ran last, by part; `scope` None reads all parts again."""
    if last is None or scope is None:
        return {}
    return {part: faults for part, faults in last.get("faults", {}).items() if part != str(scope.part)}


def state_after(scope: CheckScope | None, last: Mapping[str, Any] | None, faults: str | None) -> dict[str, Any] | None:
    """Return what to store after a check, as JSON, for `next_scope` and `unresolved_faults`; None if nothing is to be stored.

    `faults`: those that it found, in words; None if it found none. The faults of a part remain until the part, or the whole
    archive (`scope` None), is checked and has none.
    """
    if scope is None:
        return {**last, "faults": {}} if last is not None and faults is None else None
    found = {str(scope.part): faults} if faults is not None else {}
    return {
        "part": scope.part,
        "done": dict(scope.done),
        "known": dict(scope.known),
        "faults": unresolved_faults(last, scope) | found,
    }


def rows_to_read(scope: CheckScope | None, table: str) -> tuple[str, list[int]]:
    """Return the SQL condition of the rows of a table that are read one by one, and its values."""
    ranges = scope.ranges.get(table) if scope is not None else None
    if ranges is None:
        return "true", []
    condition = " OR ".join(f"{_id_column(table)} BETWEEN ? AND ?" for _ in ranges)
    return f"({condition})", [limit for pair in ranges for limit in pair]


def all_rows(_: str) -> tuple[str, list[int]]:
    return "true", []


@contextlib.contextmanager
def rows_unlike(db: Connection, before: Path | None) -> Iterator[RowsToRead]:
    """Within the block, choose the rows that are not the same in `before`, a copy of the archive that no process writes to.

    All rows if it is None, or if the copy has other tables.
    """
    if before is None:
        yield all_rows
        return
    db.execute("ATTACH ? AS before", (f"{before.absolute().as_uri()}?mode=ro&immutable=1",))
    try:
        has_other_tables = db.execute(
            "SELECT 1 FROM main.sqlite_schema AS m WHERE type = 'table' AND NOT EXISTS"
            " (SELECT 1 FROM before.sqlite_schema AS b WHERE b.name = m.name AND b.sql IS m.sql)"
        ).fetchone()
        yield all_rows if has_other_tables else functools.partial(_unlike, db)
    finally:
        db.execute("DETACH before")


def _unlike(db: Connection, table: str) -> tuple[str, list[int]]:
    columns = db.execute(f"PRAGMA main.table_info({table})")
    same = [f"b.{row['name']} {'=' if row['pk'] else 'IS'} {table}.{row['name']}" for row in columns]
    sealed = SEALED.get(table)
    if sealed is not None and sealed.parts is not None:
        parts, reference, names = sealed.parts
        values = " || ".join(f"iif({name} IS NULL, '-', hex({name})) || ','" for name in names.split(", "))
        found = [
            f"(SELECT group_concat({values}) FROM {schema}.{parts} WHERE {reference} = {table}.{sealed.key[0]})"
            for schema in ("before", "main")
        ]
        same.append(" IS ".join(found))
    return f"NOT EXISTS (SELECT 1 FROM before.{table} AS b WHERE {' AND '.join(same)})", []


def _id_column(table: str) -> str:
    return _WITHOUT_ROWID.get(table, "rowid")


def next_scope(db: Connection, last: Mapping[str, Any] | None) -> CheckScope:
    """Return what to read after the part whose `state_after` is given; the first part if it is None.

    The rows that were there before the first part are not new.
    """
    part = last["part"] % CHECK_PARTS + 1 if last else 1
    done = last["done"] if last and part > 1 else {}
    known = last["known"] if last else {}
    ranges: dict[str, tuple[RowRange, ...]] = {}
    reached, newest = {}, {}
    for table in (*SEALED, "pages"):
        if table in _SMALL:
            continue
        top = db.execute(f"SELECT coalesce(max({_id_column(table)}), 0) FROM {table}").fetchone()[0]
        first = min(done.get(table, 0), top)
        until = first + -(-(top - first) // (CHECK_PARTS - part + 1))
        new_after = max(known.get(table, top), until)
        ranges[table] = ((first + 1, until), (new_after + 1, top))
        reached[table], newest[table] = until, top
    return CheckScope(part=part, ranges=ranges, done=reached, known=newest)
