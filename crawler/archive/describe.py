"""The schema explained, made from the comments in it: what `docs/archive.md` and `scrapy archive schema` show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.archive import (
    browsing_schema,
    flag_schema,
    monitor_schema,
    outbox_schema,
    schema,
    search_schema,
    story_schema,
)

SCRIPT = (
    schema.FIRST_RELEASE
    + story_schema.STORIES
    + monitor_schema.MONITORING
    + flag_schema.FLAGGING
    + outbox_schema.OUTBOX
    + browsing_schema.BROWSING
    + outbox_schema.TIMETABLES
    + search_schema.SEARCH
    + browsing_schema.SILENT_EDITS
)
"""All statements that made the schema: the first release's, and after it what each migration adds."""

_TABLE = re.compile(r"CREATE (TABLE|VIEW) (\w+) (?:\(|AS)\n(.*?)(?:\n\) STRICT.*?;|;\n)", re.DOTALL)
_COLUMN = re.compile(r"^  (\w+) (TEXT|INTEGER|REAL|BLOB)([^-]*?),?(?: -- (.*))?$")
_VIEW_COLUMN = re.compile(r"^    .*?(\w+),?(?: -- (.*))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column, as the schema explains it."""

    name: str
    type: str = ""
    may_be_null: bool = False
    references: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table or view."""

    kind: str
    name: str
    note: str
    columns: tuple[Column, ...] = field(default=())


def tables(script: str = SCRIPT) -> Iterator[Table]:
    """The tables and views in the order of the schema, each as the last migration that made it has it."""
    found: dict[str, Table] = {}
    for kind, name, body in _TABLE.findall(script):
        lines = body.split("\n")
        notes = [line.strip()[3:] for line in lines if line.startswith("  -- ")]
        columns = _columns(lines) if kind == "TABLE" else _view_columns(lines)
        found[name] = Table(kind=kind.lower(), name=name, note=" ".join(notes), columns=tuple(columns))
    yield from found.values()


def as_markdown(script: str = SCRIPT) -> str:
    """A section for each table."""
    return "\n".join(_section(table) for table in tables(script))


def _section(table: Table) -> str:
    heading = f"### {table.name}{' (view)' if table.kind == 'view' else ''}\n\n{table.note}\n"
    rows = [f"| `{c.name}` | {c.type.lower()} | {_explained(c)} |" for c in table.columns]
    return "\n".join([heading, "| column | type | |", "|---|---|---|", *rows, ""])


def _explained(column: Column) -> str:
    points_at = f"→ `{column.references}`." if column.references else ""
    return " ".join(part for part in (points_at, column.note) if part)


def _columns(lines: list[str]) -> Iterator[Column]:
    for line in lines:
        found = _COLUMN.match(line)
        if found is None:
            continue
        name, kind, rest, note = found.groups()
        reference = re.search(r"REFERENCES (\w+)\((\w+)\)", rest)
        yield Column(
            name=name,
            type=kind,
            may_be_null="NOT NULL" not in rest and "PRIMARY KEY" not in rest,
            references=f"{reference[1]}.{reference[2]}" if reference else None,
            note=note or "",
        )


def _view_columns(lines: list[str]) -> Iterator[Column]:
    inside = False
    for line in lines:
        if line.startswith("  SELECT"):
            inside = True
        elif line.startswith("  FROM"):
            return
        elif inside and (found := _VIEW_COLUMN.match(line)):
            yield Column(name=found[1], note=found[2] or "")
