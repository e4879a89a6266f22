"""Remove one article everywhere: its rows in one transaction, then its raw pages, then its traces in unused bytes.

If the process is killed, the tombstone is either missing, and nothing has changed, or it has no `finished_at`, and
`finish_removals` continues.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.articles.identity import forgotten_id_of
from crawler.archive.retention.forget_rows import ArticleRows, delete_rows, find_rows
from crawler.archive.storage.warc_rewrite import erase_scheduled
from crawler.exceptions import ArchiveError, NotFoundError
from crawler.sqlite.connection import Connection, OperationalError, file_of, transaction
from crawler.sqlite.values import format_utc
from crawler.urls import url_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What was removed, or would be."""

    rows: ArticleRows
    title: str | None
    messages: int = 0
    forgotten_id: int | None = None
    """None if nothing was removed yet."""


def planned_removal(db: Connection, named: int | str) -> Removal:
    """What `forget` would remove. Raises NotFoundError."""
    _refuse_repetition(db, named)
    rows = find_rows(db, named)
    return Removal(rows=rows, title=rows.titles[-1] if rows.titles else None)


def forget(db: Connection, named: int | str, *, reason: str | None, now: datetime) -> Removal:
    """Delete the rows of an article and write its tombstone; `finish_removals` must follow. Raises NotFoundError."""
    with transaction(db):
        _refuse_repetition(db, named)
        rows = find_rows(db, named)
        forgotten_id, messages = delete_rows(db, rows, reason=reason, now=now)
    return Removal(
        rows=rows, title=rows.titles[-1] if rows.titles else None, messages=messages, forgotten_id=forgotten_id
    )


def finish_removals(
    db: Connection, warc_dir: Path, *, now: datetime, step: Callable[[str], None] = lambda _: None
) -> int:
    """Erase what removed articles left in WARC files and in unused bytes of the database; returns the number of removals.

    Raises ArchiveError if that is not possible now; it can be repeated at any time.
    """
    open_ids = [row[0] for row in db.execute("SELECT id FROM forgotten WHERE finished_at IS NULL")]
    if not open_ids:
        return 0
    step("raw pages")
    erase_scheduled(db, warc_dir, now=now)
    step("database")
    erase_unused_bytes(db)
    with transaction(db):
        db.executemany(
            "UPDATE forgotten SET finished_at = ? WHERE id = ?", [(format_utc(now), one) for one in open_ids]
        )
    return len(open_ids)


def erase_unused_bytes(db: Connection) -> None:
    """Write full-text index and database anew without what was deleted, and empty the -wal file. Raises ArchiveError."""
    with transaction(db):
        db.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('optimize')")
    _vacuum(db)


def _vacuum(db: Connection) -> None:
    path = Path(file_of(db))
    needed, free = 2 * path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        raise ArchiveError(
            f"{path}: {needed / 1e6:,.0f} MB of free disk space are needed to erase deleted texts, {free / 1e6:,.0f} MB are"
            " free; then repeat the command, `scrapy archive forget` without a URL"
        )
    try:
        db.execute("VACUUM")
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except OperationalError as error:
        raise ArchiveError(
            f"{path}: deleted texts could not be erased ({error}); run `scrapy archive forget` without a URL later"
        ) from error
    if busy:
        raise ArchiveError(
            f"{path}-wal: another process reads an old state of the archive, so deleted texts could not be erased;"
            " run `scrapy archive forget` without a URL later"
        )


def _refuse_repetition(db: Connection, named: int | str) -> None:
    if isinstance(named, int):
        row = db.execute("SELECT forgotten_at FROM forgotten WHERE article_id = ?", (named,)).fetchone()
    else:
        forgotten_id = forgotten_id_of(db, [url_key(named)])
        row = db.execute("SELECT forgotten_at FROM forgotten WHERE id = ?", (forgotten_id,)).fetchone()
    if row is not None:
        raise NotFoundError(f"{named}: was removed on {row['forgotten_at'][:10]} already")
