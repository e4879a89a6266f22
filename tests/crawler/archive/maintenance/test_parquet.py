"""The Parquet export, read back with DuckDB."""

from __future__ import annotations

import typing
from pathlib import Path

import duckdb
import pytest

from crawler.archive.maintenance.parquet import arrow_schema, export_parquet
from crawler.archive.maintenance.parquet_tables import PARQUET_TABLES, ParquetType, parquet_reference
from crawler.exceptions import WirewatchError
from tests.support.archives.flagged import flagged_archive
from tests.support.factories import Archive

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "parquet.md"


def test_duckdb_reads_the_rows_that_the_archive_has(tmp_path: Path) -> None:
    target = tmp_path / "parquet"
    with flagged_archive(tmp_path) as flagged:
        counts = export_parquet(flagged.db, target)
        texts = [tuple(row) for row in flagged.db.execute("SELECT id, text, seen_at FROM revisions ORDER BY id")]
        alerts = [row[0] for row in flagged.db.execute("SELECT kind FROM alerts ORDER BY id")]

    db = duckdb.connect()
    for table in PARQUET_TABLES:
        files = list((target / table.name).rglob("*.parquet"))
        assert {file.parent.name.partition("=")[0] for file in files} == {"month"}
        [(rows,)] = db.sql(f"SELECT count(*) FROM read_parquet('{target}/{table.name}/*/*.parquet')").fetchall()
        assert rows == counts[table.name]
    revisions = db.sql(
        "SELECT revision_id, text, strftime(seen_at AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
        f" FROM read_parquet('{target}/revisions/*/*.parquet', hive_partitioning = true) ORDER BY 1"
    ).fetchall()
    assert revisions == texts
    kinds = db.sql(f"SELECT kind FROM read_parquet('{target}/alerts/*/*.parquet') ORDER BY alert_id").fetchall()
    assert [kind for (kind,) in kinds] == alerts
    assert counts["stories"] == 1


def test_duckdb_reads_a_table_without_rows(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert set(export_parquet(archive.store.db, tmp_path / "parquet").values()) == {0}
    archive.store.close()

    for table in PARQUET_TABLES:
        rows = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path}/parquet/{table.name}/*/*.parquet')")
        assert rows.columns[: len(table.columns)] == [column.name for column in table.columns]
        assert rows.fetchall() == []


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with flagged_archive(tmp_path) as flagged, pytest.raises(WirewatchError, match="choose a new one"):
        export_parquet(flagged.db, tmp_path / "full")

    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("table", PARQUET_TABLES, ids=lambda table: table.name)
def test_each_column_has_a_type_and_a_description(table: typing.Any) -> None:
    kinds = set(typing.get_args(ParquetType))

    assert all(column.type in kinds and column.description.endswith(".") for column in table.columns)
    assert table.month_of in arrow_schema(table).names


def test_the_reference_lists_all_columns() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == parquet_reference()
