"""The page of the database: ready-made queries, tables with what they are for, a place for one's own SQL.

In place of Datasette's, which counts every table anew and names every column: a fifth of a second at 100,000 articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.archive.schema.reference import tables
from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.table_metadata import HIDDEN, LOOKS

EXACT = 10_000
"""Rows up to which a table is counted; above, its highest id says about how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """A table or view in the list."""

    name: str
    title: str
    note: str
    is_view: bool
    rows: int | None
    """None for views and for tables without ids, whose rows only counting would tell."""
    is_exact: bool = True


def read_contents(db: Connection, visible: Sequence[str]) -> list[TableLine]:
    """Those of `visible`, in the order of the schema: what people read first stands first."""
    plain = {row["name"] for row in db.execute("PRAGMA table_list") if row["type"] == "table" and not row["wr"]}
    found = []
    for table in tables():
        if table.name not in visible:
            continue
        rows, exact = _rows(db, table.name) if table.name in plain else (None, True)
        found.append(
            TableLine(
                name=table.name,
                title=LOOKS[table.name].title if table.name in LOOKS else table.name,
                note=table.note.partition(": SELECT")[0].partition(". ")[0].rstrip("."),
                is_view=table.kind == "view",
                rows=rows,
                is_exact=exact,
            )
        )
    return sorted(found, key=lambda line: not line.is_view)


def _rows(db: Connection, name: str) -> tuple[int, bool]:
    highest = db.execute(f"SELECT max(rowid) FROM {name}").fetchone()[0] or 0  # noqa: S608 -- a name of our schema
    if highest > EXACT:
        return highest, False
    return db.execute(f"SELECT count(*) FROM {name}").fetchone()[0], True  # noqa: S608 -- the same


def shown_tables() -> list[str]:
    """Names of the tables and views that are not hidden."""
    return [table.name for table in tables() if table.name not in HIDDEN]
