from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pytest

from crawler.sqlite.connection import Connection, Row, SqliteError, memory
from crawler.sqlite.rows import from_row, insert_row, marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Ferry:
    name: str
    sails_at: datetime
    docked_at: datetime | None
    is_full: bool
    deck: str = "upper"


@pytest.fixture
def db() -> Connection:
    db = memory()
    db.row_factory = Row
    db.execute("CREATE TABLE ferries (name TEXT UNIQUE, sails_at TEXT, docked_at TEXT, is_full INTEGER, berth TEXT)")
    return db


def test_a_row_becomes_a_dataclass_with_times_and_truth_values(db: Connection) -> None:
    insert_row(db, "ferries", {"name": "Gull", "sails_at": "2026-03-01T06:00:00Z", "is_full": 1, "berth": "3"})
    row = db.execute("SELECT * FROM ferries").fetchone()
    at = datetime(2026, 3, 1, 6, tzinfo=timezone.utc)
    assert from_row(Ferry, row) == Ferry(name="Gull", sails_at=at, docked_at=None, is_full=True)
    assert from_row(Ferry, row, name="Tern", deck="lower").name == "Tern"


def test_a_field_without_a_column_and_without_a_default_is_an_error(db: Connection) -> None:
    row = db.execute("SELECT 'Gull' AS name").fetchone()
    with pytest.raises(TypeError, match="sails_at"):
        from_row(Ferry, row)


def test_a_new_row_gives_its_id_and_a_conflict_gives_zero(db: Connection) -> None:
    assert insert_row(db, "ferries", {"name": "Gull"}) == 1
    assert insert_row(db, "ferries", {"name": "Gull"}, "ON CONFLICT DO NOTHING") == 0
    with pytest.raises(SqliteError, match="UNIQUE"):
        insert_row(db, "ferries", {"name": "Gull"})


def test_each_value_gets_a_placeholder() -> None:
    assert (marks([]), marks("abc")) == ("", "?, ?, ?")
