"""How an archive comes to its present shape: named changes, each made once, in this order.

To change the schema, add a function at the end and never touch an earlier one. What it creates carries its notes as
comments, as in `schema.py`.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.archive import (
    browsing_schema,
    flag_schema,
    lookup_schema,
    monitor_schema,
    outbox_schema,
    schema,
    search_schema,
    story_schema,
)
from crawler.archive.connection import Connection, run_script, transaction
from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

FTS5_HASH_BYTES = 1 << 20
"""Words that FTS5 gathers in memory before it writes them; its own default."""
REBUILD_HASH_BYTES = 64 << 20
"""The same while an index is made again: with the default, merging rewrites the index several times over."""
SET = "wirewatch"
"""Name of our set in `_sqlite_migrations`, the table in which sqlite-utils records what was applied."""


def first_release(db: Database) -> None:
    """Sources, links, articles with every revision, raw pages, full-text search."""
    run_script(db.conn, schema.FIRST_RELEASE)


def stories(db: Database) -> None:
    """Which articles tell the same report. Those of before are laid to theirs by `scrapy stories --rebuild`."""
    run_script(db.conn, story_schema.STORIES)


def monitoring(db: Database) -> None:
    """Rhythms, the gap ledger, what is wrong with sources, the monitor's jobs. Each begins with the next poll."""
    run_script(db.conn, monitor_schema.MONITORING)


def flagging(db: Database) -> None:
    """Topics, their matches and alerts. Each topic begins with what is stored after the flag job first met it."""
    run_script(db.conn, flag_schema.FLAGGING)


def outbox(db: Database) -> None:
    """Deliveries and messages. Alerts that were made before are told to nobody."""
    run_script(db.conn, outbox_schema.OUTBOX)


def browsing(db: Database) -> None:
    """Indices for the pages and ready-made queries of Datasette."""
    run_script(db.conn, browsing_schema.BROWSING)


def timetables(db: Database) -> None:
    """When each digest goes out. Each begins with what digests.toml says when the digest job first looks."""
    run_script(db.conn, outbox_schema.TIMETABLES)


def folding(db: Database) -> None:
    """Full-text search folds more letters, and knows the vowel signs of Hindi: the index is made again."""
    from crawler.archive.revisions import index_apart

    run_script(db.conn, search_schema.NO_SEARCH + search_schema.SEARCH)
    for row in db.conn.execute("SELECT id, title, lead, byline, text FROM revisions"):
        index_apart(db.conn, row["id"], (row["title"], row["lead"], row["byline"], row["text"]))
    set_fts = "INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('hashsize', ?)"
    db.conn.execute(set_fts, (REBUILD_HASH_BYTES,))
    db.conn.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild')")
    db.conn.execute(set_fts, (FTS5_HASH_BYTES,))


def silent_edits(db: Database) -> None:
    """The view `edits` says which were silent. A topic's alerts are paged by id."""
    run_script(db.conn, browsing_schema.SILENT_EDITS)


def lookups(db: Database) -> None:
    """Indices for what each page and each look of the monitor asks."""
    run_script(db.conn, lookup_schema.LOOKUPS)


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    first_release,
    stories,
    monitoring,
    flagging,
    outbox,
    browsing,
    timetables,
    folding,
    silent_edits,
    lookups,
)


def migrate(db: Connection, path: Path) -> None:
    """Bring the archive to the present shape. Safe when several processes start at once.

    Raises ArchiveError when the archive holds a change that this program does not know.
    """
    known = [migration.__name__ for migration in MIGRATIONS]
    if _is_current(db, path, known):
        return
    from sqlite_utils import Database

    with transaction(db):  # begun at once: whoever comes second waits here and then finds nothing to do
        if not _is_current(db, path, known):
            migration_set().apply(Database(db))


def refuse_unless_current(db: Connection, path: Path) -> None:
    """For readers, who cannot migrate: raises ArchiveError when the archive is older or newer than the program."""
    if not applied(db):
        raise ArchiveError(f"{path}: no archive yet; `scrapy crawl all` makes one")
    if not _is_current(db, path, [migration.__name__ for migration in MIGRATIONS]):
        raise ArchiveError(
            f"{path}: made by an older Wirewatch; run `scrapy archive check` once to bring it up to date"
        )


def applied(db: Connection) -> list[str]:
    """Names of the changes that the archive holds, oldest first."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return []
    rows = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (SET,))
    return [row[0] for row in rows]


def archive_uuid(db: Connection) -> uuid.UUID:
    """What tells this archive from any other, wherever its file lies: the microsecond in which it was made."""
    (made_at,) = db.execute(
        "SELECT applied_at FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id LIMIT 1", (SET,)
    ).fetchone()
    return uuid.uuid5(uuid.NAMESPACE_OID, f"wirewatch archive {made_at}")


@functools.cache
def migration_set() -> Migrations:
    """Our migrations as sqlite-utils runs them (its import costs half a second, so only when there is work)."""
    from sqlite_utils import Migrations

    migrations = Migrations(SET)
    for migration in MIGRATIONS:
        migrations()(migration)
    return migrations


def _is_current(db: Connection, path: Path, known: list[str]) -> bool:
    done = applied(db)
    unknown = [name for name in done if name not in known]
    if unknown:
        raise ArchiveError(
            f"{path}: made by a newer Wirewatch (this one does not know its change {unknown[0]!r});"
            " upgrade Wirewatch, or open a backup from before"
        )
    return len(done) == len(known)
