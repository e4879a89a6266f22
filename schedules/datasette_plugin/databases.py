"""Which of the databases that Datasette serves is an archive."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from click import ClickException

from crawler.archive.db.migrations import applied, refuse_unless_current
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import SqliteError, connect


def archive_of(datasette: Any) -> Any | None:
    """The first archive among the databases; None if there is none, which switches the plugin off."""
    return next((db for db in datasette.databases.values() if db.path and _is_archive(str(db.path))), None)


def is_archive(datasette: Any, database: str | None) -> bool:
    """Whether the database with that name is the archive of the pages."""
    found = archive_of(datasette)
    return found is not None and found.name == database


@lru_cache(maxsize=64)
def _is_archive(path: str) -> bool:
    try:
        db = connect(Path(path), read_only=True)
    except ArchiveError:
        return False
    try:
        return bool(applied(db))
    except SqliteError:
        return False
    finally:
        db.close()


def check_database(datasette: Any) -> None:
    """Raises ClickException, which Datasette prints as one line, if the archive is missing or has another schema version."""
    found = archive_of(datasette)
    if found is None:
        folder = Path(datasette.config_dir) if datasette.config_dir else None
        if folder and (folder / "sources.toml").exists() and not (folder / "archive.db").exists():
            raise ClickException(f"{folder}/archive.db: no archive yet; `scrapy crawl all` creates one")
        return
    db = connect(Path(found.path), read_only=True)
    try:
        refuse_unless_current(db, Path(found.path))
    except ArchiveError as error:
        raise ClickException(str(error)) from error
    finally:
        db.close()
