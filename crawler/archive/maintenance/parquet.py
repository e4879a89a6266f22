"""Export the archive as Parquet files, partitioned by month, for DuckDB, pandas and Spark."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crawler.archive.maintenance.parquet_tables import PARQUET_TABLES, ParquetTable
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import Connection, damaged_text_allowed

ROWS_A_GROUP = 2_000
"""Rows of a month that are collected before they are written: about 10 MB of texts."""
NO_MONTH = "none"
"""In the name of the folder of a table without rows, whose file has the columns only."""


def export_parquet(db: Connection, target: Path) -> dict[str, int]:
    """Write all tables into a new folder; returns their numbers of rows. The folder appears when it is complete.

    Raises WirewatchError if the folder exists and is not empty, or if pyarrow is not installed; OSError if it cannot be
    written.
    """
    try:
        import pyarrow as pa
    except ImportError as error:
        raise WirewatchError("--parquet needs pyarrow: pip install -e '.[parquet]'") from error
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise WirewatchError(f"{target}: exists and is not an empty folder; choose a new one")
    target.parent.mkdir(parents=True, exist_ok=True)
    working = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        with damaged_text_allowed(db):
            counts = {table.name: _write_table(pa, db, table, working / table.name) for table in PARQUET_TABLES}
        working.chmod(0o777 & ~_umask())
        if target.exists():
            target.rmdir()
        working.rename(target)
    except BaseException:
        shutil.rmtree(working, ignore_errors=True)
        raise
    return counts


def _write_table(pa: Any, db: Connection, table: ParquetTable, folder: Path) -> int:
    from pyarrow import parquet

    schema = arrow_schema(table)
    position = [column.name for column in table.columns].index(table.month_of)
    folder.mkdir()
    waiting: dict[str, list[Sequence[Any]]] = {}
    written: Counter[str] = Counter()
    with contextlib.ExitStack() as stack:
        writers: dict[str, Any] = {}

        def write(month: str) -> None:
            if month not in writers:
                path = folder / f"month={month}"
                path.mkdir()
                writers[month] = stack.enter_context(parquet.ParquetWriter(path / "part-0.parquet", schema))
            writers[month].write_batch(_batch(pa, table, schema, waiting[month]))
            written[month] += len(waiting[month])
            waiting[month] = []

        for row in db.execute(table.select):
            month = str(row[position])[:7]
            rows = waiting.setdefault(month, [])
            rows.append(tuple(row))
            if len(rows) == ROWS_A_GROUP:
                write(month)
        if not waiting:  # readers of Parquet files refuse a folder without any
            waiting[NO_MONTH] = []
        for month, rows in waiting.items():
            if rows or month not in writers:
                write(month)
    return written.total()


def _batch(pa: Any, table: ParquetTable, schema: Any, rows: Sequence[Sequence[Any]]) -> Any:
    columns = []
    for number, column in enumerate(table.columns):
        values = [row[number] for row in rows]
        kind = schema.field(column.name).type
        try:
            if column.type == "time":
                columns.append(pa.array(values, pa.string()).cast(kind))
            elif column.type == "truth":
                columns.append(pa.array([None if value is None else bool(value) for value in values], kind))
            elif column.type == "text":
                columns.append(pa.array([_readable_text(value) for value in values], kind))
            else:
                columns.append(pa.array(values, kind))
        except pa.ArrowInvalid as error:
            raise WirewatchError(
                f"{table.name}.{column.name}: a damaged value ({error}); `scrapy archive check` names the row"
            ) from error
    return pa.record_batch(columns, schema=schema)


def _readable_text(value: Any) -> Any:
    """The text, with replacement characters for bytes that are not UTF-8."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def arrow_schema(table: ParquetTable) -> Any:
    """The schema of a table's files; descriptions are in the metadata of its fields."""
    import pyarrow as pa

    types: Mapping[str, Any] = {
        "text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "truth": pa.bool_(),
        "time": pa.timestamp("s", "UTC"),
    }  # fmt: skip
    return pa.schema(
        [pa.field(one.name, types[one.type], metadata={"description": one.description}) for one in table.columns],
        metadata={"description": table.description},
    )


def _umask() -> int:
    value = os.umask(0)
    os.umask(value)
    return value
