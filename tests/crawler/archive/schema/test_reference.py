"""The schema reference has the columns that the archive has."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.archive.schema.reference import as_markdown, tables
from tests.support.factories import Archive

DOCS = Path(__file__).parents[4] / "docs" / "reference" / "schema.md"


@pytest.mark.parametrize("table", list(tables()), ids=lambda table: table.name)
def test_every_column_is_explained(table) -> None:  # type: ignore[no-untyped-def]
    assert table.note
    assert [column.name for column in table.columns if not (column.note or column.references)] == []


def test_the_schema_reference_has_exactly_the_columns_of_the_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for table in tables():
        have = [row[1] for row in archive.rows(f"PRAGMA table_info({table.name})")]
        assert [column.name for column in table.columns] == have, table.name


def test_the_documentation_has_the_current_schema_reference() -> None:
    assert as_markdown() in DOCS.read_text(), (
        "paste the output of `scrapy archive schema` into docs/reference/schema.md"
    )
