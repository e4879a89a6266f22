"""The tables of a Parquet export, which `parquet_tables.toml` lists: columns with their types, and queries that fill them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tomli

ParquetType = Literal["text", "integer", "real", "time", "truth"]


@dataclass(frozen=True, slots=True)
class ParquetColumn:
    """A column of the export."""

    name: str
    type: ParquetType
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetTable:
    """A table of the export: a folder with a folder for each month."""

    name: str
    description: str
    columns: tuple[ParquetColumn, ...]
    select: str
    """Gives the columns in this order."""
    month_of: str
    """The column whose month chooses the folder; never null."""


def _read_tables() -> tuple[ParquetTable, ...]:
    content = tomli.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(
        ParquetTable(**{**table, "name": name, "columns": tuple(map(_column, table["columns"].splitlines()))})
        for name, table in content.items()
    )


def _column(line: str) -> ParquetColumn:
    name, kind, description = line.split(maxsplit=2)
    return ParquetColumn(name, kind, description)  # type: ignore[arg-type]  # the type is checked by a test


PARQUET_TABLES = _read_tables()


def parquet_reference() -> str:
    """The schema of the export as Markdown, for docs/reference/parquet.md."""
    parts = [
        "# Parquet export\n\nGenerated from `crawler/archive/maintenance/parquet_tables.toml`."
        " `scrapy archive export --parquet DIR` writes one folder a table, in it `month=YYYY-MM` folders (Hive partitioning)."
        " A table without rows has one file without rows, in `month=none`."
        " Texts are UTF-8 strings, integers have 64 bits, times are `timestamp[s, tz=UTC]`."
    ]
    for table in PARQUET_TABLES:
        rows = "\n".join(f"| `{one.name}` | {one.type} | {one.description} |" for one in table.columns)
        parts.append(f"## {table.name}\n\n{table.description}\n\n| column | type | |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"
