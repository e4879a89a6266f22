"""Migrations are applied once, in order, and an archive of another version is recognised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crawler.archive.db.migrations import MIGRATIONS, applied, migrate, refuse_unless_current
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import connect, run_script
from crawler.text.tokenizer import TOKENIZER
from tests.support.factories import Archive, article, page, record


def add_notes(db: Any) -> None:
    """A second version of the schema: a table that is filled from the existing rows."""
    run_script(
        db.conn,
        """
CREATE TABLE notes (
  article_id INTEGER PRIMARY KEY REFERENCES articles(id),
  note TEXT NOT NULL
) STRICT;
INSERT INTO notes SELECT id, title FROM articles;
""",
    )


SECOND = (*MIGRATIONS, add_notes)
RELEASED = [migration.__name__ for migration in MIGRATIONS]


def test_an_archive_of_the_first_version_is_migrated_with_its_content(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article("Lock nine is closed."), page("https://harbour-gazette.example/news/1")))
    archive.store.close()

    db = connect(archive.db_path)
    migrate(db, archive.db_path, SECOND)
    migrate(db, archive.db_path, SECOND)
    assert applied(db) == [*RELEASED, "add_notes"]
    assert db.execute("SELECT count(*) FROM notes").fetchone()[0] == 1
    assert db.execute("SELECT count(*) FROM revisions").fetchone()[0] == 1
    db.close()


def test_a_failing_migration_changes_nothing(tmp_path: Path) -> None:
    def broken(db: Any) -> None:
        add_notes(db)
        raise ValueError("disk full")

    Archive(tmp_path).store.close()
    path = tmp_path / "archive.db"
    db = connect(path)
    with pytest.raises(ValueError, match="disk full"):
        migrate(db, path, (*MIGRATIONS, broken))
    assert applied(db) == RELEASED
    assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone()
    db.close()


def test_an_older_archive_is_refused_read_only_and_a_newer_one_always(tmp_path: Path) -> None:
    Archive(tmp_path).store.close()
    path = tmp_path / "archive.db"
    db = connect(path)
    with pytest.raises(ArchiveError, match="created by an older Wirewatch; run `scrapy archive check`"):
        refuse_unless_current(db, path, SECOND)
    migrate(db, path, SECOND)
    with pytest.raises(ArchiveError, match=r"created by a newer Wirewatch .unknown migration 'add_notes'.; upgrade"):
        migrate(db, path)
    db.close()


def test_an_archive_of_a_development_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    Archive(tmp_path).store.close()
    path = tmp_path / "archive.db"
    db = connect(path)
    db.execute("UPDATE _sqlite_migrations SET name = 'first_release'")
    for check in (migrate, refuse_unless_current):
        with pytest.raises(ArchiveError, match=r"before 0.1.0.*move the file away and run `scrapy replay"):
            check(db, path)
    db.close()


def test_the_search_index_uses_the_tokenizer_of_the_matcher(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    (sql,) = archive.store.db.execute("SELECT sql FROM sqlite_master WHERE name = 'revisions_fts'").fetchone()
    assert TOKENIZER in sql
    archive.store.close()


def copies(folder: Path) -> list[Path]:
    return sorted((folder / "before-migration").glob("*"))


def test_the_archive_is_copied_before_it_is_migrated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    archive = Archive(tmp_path)
    archive.record_fetch(record(article("Lock nine is closed."), page("https://harbour-gazette.example/news/1")))
    archive.store.close()
    assert copies(tmp_path) == [], "a new archive has nothing to copy"
    db = connect(archive.db_path)
    migrate(db, archive.db_path, SECOND)
    migrate(db, archive.db_path, SECOND)
    db.close()
    (copy,) = copies(tmp_path)
    assert copy.name.endswith("-add_notes.db")
    assert [line.message for line in caplog.records if str(copy) in line.message] == [
        f"{archive.db_path}: the schema is upgraded; a copy of the archive before the upgrade is {copy}"
    ]
    before = connect(copy, read_only=True)
    refuse_unless_current(before, copy)  # the version before
    assert before.execute("SELECT count(*) FROM revisions").fetchone()[0] == 1
    before.close()


def test_without_a_copy_there_is_no_migration(tmp_path: Path) -> None:
    Archive(tmp_path).store.close()
    path = tmp_path / "archive.db"
    (tmp_path / "before-migration").write_text("a file where the folder should be")
    db = connect(path)
    with pytest.raises(ArchiveError, match="the copy that is made before an upgrade could not be written"):
        migrate(db, path, SECOND)
    assert applied(db) == RELEASED
    db.close()


def test_the_leftover_of_a_migration_that_was_killed_is_removed(tmp_path: Path) -> None:
    Archive(tmp_path).store.close()
    path = tmp_path / "archive.db"
    (tmp_path / "before-migration").mkdir()
    (tmp_path / "before-migration" / "20260301T000000Z-add_notes.unfinished").write_bytes(b"half a copy")
    db = connect(path)
    migrate(db, path, SECOND)
    db.close()
    assert [copy.suffix for copy in copies(tmp_path)] == [".db"]
