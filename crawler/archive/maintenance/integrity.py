"""Verify that the archive is as it was stored: file, foreign keys, rows, texts, raw pages and full-text index.

SQLite's own integrity check examines the structure of the file, not its content: of 300 flipped bits it found 6, hashes of
each row 286. So every text, sealed row and raw page is hashed again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from crawler.archive.evidence.daily_roots import DailyRoot, daily_roots
from crawler.archive.evidence.root_check import root_faults, with_day
from crawler.archive.maintenance.check_pages import page_faults
from crawler.archive.maintenance.check_rows import encoding_faults, text_faults
from crawler.archive.maintenance.check_scope import CheckScope, rows_to_read
from crawler.archive.maintenance.consistency import consistency_faults
from crawler.archive.storage.warc_records import page_row, recorded_page
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import (
    Connection,
    OperationalError,
    SqliteError,
    damaged_text_allowed,
    file_of,
    is_database_file_error,
    rollback,
)

CheckProgress = Callable[[str, int, int], None]
"""Called with what is being checked, the number done and the total."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinding:
    """Something that is not as it was stored."""

    where: str
    what: str
    is_fault: bool = True
    """False if it could not be checked."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check_archive(
    db: Connection,
    warc_dir: Path,
    *,
    pages: bool = True,
    progress: CheckProgress | None = None,
    scope: CheckScope | None = None,
) -> Iterator[CheckFinding]:
    """Yield each fault as it is found.

    The archive is only read, although `db` may be writable, and no other process waits. `pages=False` skips the raw pages,
    which take nearly all of the time. `scope`: one part of the check; None: everything.
    """
    with damaged_text_allowed(db):
        roots = _readable_roots(db)
        for finding in _findings(db, warc_dir, pages, progress or (lambda *_: None), scope):
            yield replace(finding, where=with_day(finding.where, roots))


def _findings(
    db: Connection, warc_dir: Path, pages: bool, report: CheckProgress, scope: CheckScope | None
) -> Iterator[CheckFinding]:
    checks: list[tuple[str, Iterator[CheckFinding]]] = [
        ("file structure", _file(db)),
        ("foreign keys", _foreign_keys(db)),
        ("encoding", _as_findings(encoding_faults(db))),
        ("articles", _as_findings(consistency_faults(db, "articles"))),
        ("stories", _as_findings(consistency_faults(db, "stories"))),
        ("alerts", _as_findings(consistency_faults(db, "alerts"))),
        ("evidence", _as_findings(consistency_faults(db, "evidence"))),
        ("daily roots", _roots(db)),
        ("texts", _as_findings(text_faults(db, report, partial(rows_to_read, scope)))),
        ("full-text index", _index(db)),
        ("WARC files", _warc_files(db, warc_dir)),
        ("removals", _unfinished_removals(db)),
    ]
    if pages:
        checks.append(("raw pages", _pages(db, warc_dir, report, scope)))
    for what, findings in checks:
        if scope is None or scope.includes(what):
            yield from _guarded(what, findings)


def pruned_totals(db: Connection) -> str:
    """What `scrapy archive prune` removed so far, in one line; empty if nothing."""
    found = []
    for what, table, column in (
        ("raw pages", "pages", "pruned_at"),
        ("texts of versions", "revisions", "text_pruned_at"),
    ):
        count, newest = db.execute(f"SELECT count({column}), max({column}) FROM {table}").fetchone()
        if count:
            found.append(f"{count:,} {what}, the last on {newest[:10]}")
    return f"pruned: {'; '.join(found)}" if found else ""


def _guarded(what: str, findings: Iterator[CheckFinding]) -> Iterator[CheckFinding]:
    """The findings of one check; if damage prevents it from continuing, that is a finding."""
    try:
        yield from findings
    except SqliteError as error:
        if not is_database_file_error(error):
            raise
        yield CheckFinding(where="archive.db", what=f"{what}: cannot be read ({error}); restore a backup")


def _as_findings(pairs: Iterable[tuple[str, str]]) -> Iterator[CheckFinding]:
    yield from (CheckFinding(where=where, what=what) for where, what in pairs)


def _readable_roots(db: Connection) -> list[DailyRoot]:
    """The daily roots; none if their table is damaged, which is a finding of its own."""
    try:
        return daily_roots(db)
    except SqliteError as error:
        if not is_database_file_error(error):
            raise
        return []


def _roots(db: Connection) -> Iterator[CheckFinding]:
    for fault in root_faults(db):
        yield CheckFinding(where=fault.where, what=fault.what, is_fault=fault.is_proven)


def _file(db: Connection) -> Iterator[CheckFinding]:
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield CheckFinding(where="archive.db", what=f"{message}; restore a backup")


def _foreign_keys(db: Connection) -> Iterator[CheckFinding]:
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield CheckFinding(where=f"{table} row {rowid}", what=f"references a row of {parent} that does not exist")


def _index(db: Connection) -> Iterator[CheckFinding]:
    """Check a copy of the full-text index: FTS5's own check holds the write lock while it reads every text."""
    path = Path(file_of(db))
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        space = f"needs {needed / 1e6:,.0f} MB next to archive.db, {free / 1e6:,.0f} MB are free"
        yield CheckFinding(where="revisions_fts", what=f"not checked, too little disk space: {space}", is_fault=False)
        return
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="check-", ignore_cleanup_errors=True) as folder:
            db.execute("ATTACH ? AS probe", (str(Path(folder) / "probe.db"),))
    except (OSError, OperationalError) as error:
        yield CheckFinding(where="revisions_fts", what=f"not checked: cannot be copied ({error})", is_fault=False)
        return
    # The open file has been unlinked, so nothing remains on the disk however this process ends.
    try:
        _copy_index(db)
        db.execute("INSERT INTO probe.revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    except OperationalError as error:  # the disk is full, or the file cannot be read
        yield CheckFinding(where="revisions_fts", what=f"not checked: {error}", is_fault=False)
    except SqliteError as error:
        yield CheckFinding(where="revisions_fts", what=f"the full-text index does not match the revisions ({error})")
    finally:
        rollback(db)
        db.execute("DETACH probe")


_INDEX_PARTS = ("data", "idx", "docsize", "config")
"""Tables in which FTS5 stores an index (sqlite.org/fts5.html, "FTS5 Data Structures")."""


def _copy_index(db: Connection) -> None:
    """Begin a transaction in which `probe` has a consistent copy of the index and of the indexed texts."""
    declared: str = db.execute("SELECT sql FROM main.sqlite_master WHERE name = 'revisions_fts'").fetchone()[0]
    db.execute("PRAGMA probe.journal_mode = MEMORY")
    db.execute("PRAGMA probe.synchronous = OFF")
    db.execute("BEGIN")
    db.execute("CREATE TABLE probe.revisions_search (id INTEGER PRIMARY KEY, title, lead, byline, text)")
    db.execute("INSERT INTO probe.revisions_search SELECT * FROM main.revisions_search ORDER BY id")
    db.execute(declared.replace("revisions_fts", "probe.revisions_fts", 1))
    for part in _INDEX_PARTS:
        db.execute(f"DELETE FROM probe.revisions_fts_{part}")
        db.execute(f"INSERT INTO probe.revisions_fts_{part} SELECT * FROM main.revisions_fts_{part}")


def _warc_files(db: Connection, warc_dir: Path) -> Iterator[CheckFinding]:
    for row in db.execute("SELECT name, bytes FROM warc_files WHERE deleted_at IS NULL ORDER BY id"):
        path = warc_dir / row["name"]
        size = path.stat().st_size if path.exists() else 0
        if size < row["bytes"]:
            what = f"has {size} of {row['bytes']} bytes" if path.exists() else "the file is missing"
            yield CheckFinding(where=str(path), what=f"{what}; restore it from a backup")


def _unfinished_removals(db: Connection) -> Iterator[CheckFinding]:
    for row in db.execute("SELECT id, forgotten_at FROM forgotten WHERE finished_at IS NULL"):
        what = (
            f"the removal of {row['forgotten_at']} was interrupted; `scrapy archive forget` without a URL finishes it"
        )
        yield CheckFinding(where=f"forgotten row {row['id']}", what=what)


def _pages(db: Connection, warc_dir: Path, report: CheckProgress, scope: CheckScope | None) -> Iterator[CheckFinding]:
    where, values = rows_to_read(scope, "pages")
    stored = f"SELECT id FROM pages WHERE {where} AND pruned_at IS NULL ORDER BY warc_file_id, warc_offset"
    ids = [row[0] for row in db.execute(stored, values)]
    sources = {row[0] for row in db.execute("SELECT id FROM sources")}
    for number, page_id in enumerate(ids, start=1):
        report("raw pages", number, len(ids))
        try:
            row = page_row(db, page_id)
            faults = list(page_faults(row, recorded_page(row, warc_dir), sources))
        except ArchiveError as error:
            faults = [str(error)]
        yield from (CheckFinding(where=f"pages row {page_id}", what=fault) for fault in faults)
