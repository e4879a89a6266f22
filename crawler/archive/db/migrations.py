"""Schema migrations: named functions that are applied once each, in order.

To change the schema, add a function at the end of `MIGRATIONS` and never change an earlier one. Write the SQL into the
migration itself or into a schema module that nothing else changes: a migration must give the same result years later,
so it imports no code that may change. Comments in the SQL become the documentation, as in the files of the schema.
"""

from __future__ import annotations

import contextlib
import logging
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive.schema.initial import INITIAL
from crawler.clock import utc_now
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, SqliteError, connect, run_script, transaction

if TYPE_CHECKING:
    from sqlite_utils import Database

    Migration = Callable[[Database], None]


FOLDER = "before-migration"
"""Next to archive.db: Datasette serves every .db file of the data folder itself."""


def back_up_before_migration(path: Path, migration: str) -> Path:
    """Copy the committed state of the archive; returns the copy. The caller holds the write lock.

    Raises ArchiveError if there is no space for it or it cannot be written.
    """
    target = path.parent / FOLDER / f"{utc_now():%Y%m%dT%H%M%SZ}-{migration}.db"
    unfinished = target.with_suffix(".unfinished")
    try:
        target.parent.mkdir(exist_ok=True)
        for leftover in target.parent.glob("*.unfinished*"):  # of a migration that was killed
            leftover.unlink()
        # A second connection: SQLite does not copy from one that has begun to write.
        with contextlib.closing(connect(path, read_only=True)) as db, contextlib.closing(connect(unfinished)) as copy:
            db.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # a single file
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    except (OSError, SqliteError) as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise ArchiveError(
            f"{unfinished}: the copy that is made before an upgrade could not be written ({error}); free"
            f" {path.stat().st_size / 1e6:,.0f} MB and start again; the archive was not changed"
        ) from error
    return target


log = logging.getLogger(__name__)

MIGRATION_SET = "wirewatch"
"""Name of the migration set in `_sqlite_migrations`, the table in which sqlite-utils records applied migrations."""
BEFORE_RELEASE = "first_release"
"""First migration of the development versions; its tables have other names."""


def initial(db: Database) -> None:
    """Create the schema of release 0.1.0."""
    run_script(db.conn, INITIAL)


MIGRATIONS: tuple[Migration, ...] = (initial,)


def migrate(db: Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply the missing migrations in one transaction. Safe if several processes start at the same time.

    An archive that exists is copied first, to the folder `before-migration` next to it.

    Raises ArchiveError if the archive has a migration that this program does not know.
    """
    if _is_current(db, path, migrations):
        return
    # The import takes half a second: only if there is something to apply.
    from sqlite_utils import Database, Migrations

    with transaction(db):  # a second process waits here and then finds nothing to apply
        if _is_current(db, path, migrations):
            return
        done = applied(db)
        if done:
            missing = next(migration.__name__ for migration in migrations if migration.__name__ not in done)
            copy = back_up_before_migration(path, missing)
            log.warning("%s: the schema is upgraded; a copy of the archive before the upgrade is %s", path, copy)
        migration_set = Migrations(MIGRATION_SET)
        for migration in migrations:
            migration_set()(migration)
        migration_set.apply(Database(db))


def refuse_unless_current(db: Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise ArchiveError if the schema is older or newer; for read-only connections, which cannot migrate."""
    if not applied(db):
        raise ArchiveError(
            f"{path}: not an archive: it has no tables of Wirewatch; `scrapy crawl all` creates them in an empty file"
        )
    if not _is_current(db, path, migrations):
        raise ArchiveError(f"{path}: created by an older Wirewatch; run `scrapy archive check` once to upgrade it")


def applied(db: Connection) -> list[str]:
    """Names of the applied migrations, oldest first."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return []
    rows = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (MIGRATION_SET,))
    return [row[0] for row in rows]


def archive_uuid(db: Connection) -> uuid.UUID:
    """Return the identity of the archive, independent of its path: derived from the microsecond of its creation."""
    (created_at,) = db.execute(
        "SELECT applied_at FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id LIMIT 1", (MIGRATION_SET,)
    ).fetchone()
    return uuid.uuid5(uuid.NAMESPACE_OID, f"wirewatch archive {created_at}")


def _is_current(db: Connection, path: Path, migrations: Sequence[Migration]) -> bool:
    known = [migration.__name__ for migration in migrations]
    done = applied(db)
    if BEFORE_RELEASE in done:
        raise ArchiveError(
            f"{path}: created by a development version before 0.1.0, which cannot be converted; move the file away and"
            " run `scrapy replay warc/*.warc.gz` to store its raw pages again"
        )
    unknown = [name for name in done if name not in known]
    if unknown:
        raise ArchiveError(
            f"{path}: created by a newer Wirewatch (unknown migration {unknown[0]!r});"
            " upgrade Wirewatch, or open an older backup"
        )
    return len(done) == len(known)
