"""Generate the schema reference from the comments in the SQL, for `docs/reference/schema.md` and `scrapy archive schema`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.archive.schema.initial import INITIAL

_TABLE = re.compile(r"CREATE (TABLE|VIEW) (\w+) (?:\(|AS)\n(.*?)(?:\n\) STRICT.*?;|;\n)", re.DOTALL)
_COLUMN = re.compile(r"^  (\w+) (TEXT|INTEGER|REAL|BLOB)([^-]*?),?(?: -- (.*))?$")
_VIEW_COLUMN = re.compile(r"^    .*?(\w+),?(?: -- (.*))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column with its comment."""

    name: str
    type: str = ""
    references: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table or view with its comment."""

    kind: str
    name: str
    note: str
    columns: tuple[Column, ...] = field(default=())


def tables(script: str = INITIAL) -> Iterator[Table]:
    """The tables and views in the order of the schema."""
    found: dict[str, Table] = {}
    for kind, name, body in _TABLE.findall(script):
        lines = body.split("\n")
        notes = [line.strip()[3:] for line in lines if line.startswith("  -- ")]
        columns = _columns(lines) if kind == "TABLE" else _view_columns(lines)
        found[name] = Table(kind=kind.lower(), name=name, note=" ".join(notes), columns=tuple(columns))
    yield from found.values()


def as_markdown(script: str = INITIAL) -> str:
    """Markdown with a section for each table."""
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
