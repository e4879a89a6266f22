"""Whether the archive still is what was stored: its file, its links between rows, its texts, its raw pages, its index.

SQLite's own integrity check sees the file's structure, not its content: of 300 flipped bits it found 6, a SHA-256 on
each row 286. So every text and every raw page is hashed again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.articles.revisions import text_sha256
from crawler.archive.maintenance.check_alerts import wrong_flags
from crawler.archive.maintenance.check_pages import wrong_page, wrong_rows
from crawler.archive.maintenance.check_stories import wrong_stories
from crawler.archive.storage.warc_records import page_row, recorded_page
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import (
    Connection,
    OperationalError,
    SqliteError,
    file_of,
    is_database_file_error,
    rollback,
)

CheckProgress = Callable[[str, int, int], None]
"""Called with what is being checked, how many are done and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFinding:
    """Something that is not as it was stored."""

    where: str
    what: str
    is_fault: bool = True
    """False: it could not be looked at, which says nothing of how it is."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def check_archive(
    db: Connection, warc_dir: Path, *, pages: bool = True, progress: CheckProgress | None = None
) -> Iterator[CheckFinding]:
    """Everything that is wrong, as it is found.

    `db` may write, yet nobody waits for this: the archive is only read. `pages=False` leaves out the raw pages, which
    take nearly all of the time.
    """
    reported = progress or (lambda *_: None)
    yield from _read("its structure", _file(db))
    yield from _read("what rows point at", _foreign_keys(db))
    yield from _read("articles", _articles(db))
    yield from _read("stories", _as_findings(wrong_stories(db)))
    yield from _read("alerts", _as_findings(wrong_flags(db)))
    yield from _read("evidence", _as_findings(wrong_rows(db)))
    yield from _read("texts", _texts(db, reported))
    yield from _read("the full-text index", _index(db))
    yield from _read("files of raw pages", _warc_files(db, warc_dir))
    if pages:
        yield from _read("raw pages", _pages(db, warc_dir, reported))


def _read(what: str, findings: Iterator[CheckFinding]) -> Iterator[CheckFinding]:
    """The findings of one check; where damage keeps it from reading on, that is one, and the next check is made."""
    try:
        yield from findings
    except SqliteError as error:
        if not is_database_file_error(error):
            raise
        yield CheckFinding(where="archive.db", what=f"{what}: cannot be read ({error}); restore a backup")


def _as_findings(pairs: Iterable[tuple[str, str]]) -> Iterator[CheckFinding]:
    yield from (CheckFinding(where=where, what=what) for where, what in pairs)


def _file(db: Connection) -> Iterator[CheckFinding]:
    for (message,) in db.execute("PRAGMA integrity_check"):
        if message != "ok":
            yield CheckFinding(where="archive.db", what=f"{message}; restore a backup")


def _foreign_keys(db: Connection) -> Iterator[CheckFinding]:
    for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check"):
        yield CheckFinding(where=f"{table} row {rowid}", what=f"points at a row of {parent} that does not exist")


def _articles(db: Connection) -> Iterator[CheckFinding]:
    """Counts and pointers that are kept beside what they count."""
    rows = db.execute(
        "SELECT a.id, a.revision_count, count(r.id), max(r.number), a.latest_revision_id,"
        " (SELECT id FROM revisions WHERE article_id = a.id ORDER BY number DESC LIMIT 1)"
        " FROM articles a LEFT JOIN revisions r ON r.article_id = a.id GROUP BY a.id"
    )
    for article, said, count, highest, latest, newest in rows:
        if said != count or (highest or 0) != count or latest != newest:
            yield CheckFinding(
                where=f"articles row {article}",
                what=f"says {said} revisions, the newest {latest}; has {count}, {newest}",
            )
    for (key,) in db.execute("SELECT key FROM queue WHERE state = 'done' AND article_id IS NULL"):
        yield CheckFinding(where=f"queue {key}", what="is done, but names no article")


def _texts(db: Connection, reported: CheckProgress) -> Iterator[CheckFinding]:
    total = db.execute("SELECT count(*) FROM revisions").fetchone()[0]
    rows = db.execute("SELECT id, title, lead, byline, text, text_sha256 FROM revisions ORDER BY id")
    for number, row in enumerate(rows, start=1):
        reported("texts", number, total)
        now = text_sha256(title=row["title"], lead=row["lead"], byline=row["byline"], text=row["text"])
        if now != row["text_sha256"]:
            yield CheckFinding(where=f"revisions row {row['id']}", what="its text is not what was stored (SHA-256)")


def _index(db: Connection) -> Iterator[CheckFinding]:
    """FTS5 checks itself by a statement that holds the write lock while it reads every text: so a copy is asked."""
    path = Path(file_of(db))
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < needed:
        room = f"{needed / 1e6:,.0f} MB must be free beside archive.db, {free / 1e6:,.0f} MB are"
        yield CheckFinding(where="revisions_fts", what=f"not checked for want of room: {room}", is_fault=False)
        return
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="check-", ignore_cleanup_errors=True) as folder:
            db.execute("ATTACH ? AS probe", (str(Path(folder) / "probe.db"),))
    except (OSError, OperationalError) as error:
        yield CheckFinding(
            where="revisions_fts", what=f"not checked: no copy can be made of it ({error})", is_fault=False
        )
        return
    # The file is open and has no name any more: whatever ends this process, nothing of it stays on the disk.
    try:
        _copy_index(db)
        db.execute("INSERT INTO probe.revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    except OperationalError as error:  # it could not be asked: the disk is full, the file cannot be read
        yield CheckFinding(where="revisions_fts", what=f"not checked: {error}", is_fault=False)
    except SqliteError as error:
        yield CheckFinding(
            where="revisions_fts", what=f"the full-text index does not hold what the revisions say ({error})"
        )
    finally:
        rollback(db)
        db.execute("DETACH probe")


_INDEX_PARTS = ("data", "idx", "docsize", "config")
"""Tables that FTS5 keeps an index in (sqlite.org/fts5.html, "FTS5 Data Structures")."""


def _copy_index(db: Connection) -> None:
    """Begin a transaction in which `probe` holds the index, and the texts that it is of, as they are at one moment."""
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
    for row in db.execute("SELECT name, bytes FROM warc_files ORDER BY id"):
        path = warc_dir / row["name"]
        size = path.stat().st_size if path.exists() else 0
        if size < row["bytes"]:
            what = f"{size} of {row['bytes']} bytes are there" if path.exists() else "the file is missing"
            yield CheckFinding(where=str(path), what=f"{what}; restore it from a backup")


def _pages(db: Connection, warc_dir: Path, reported: CheckProgress) -> Iterator[CheckFinding]:
    ids = [row[0] for row in db.execute("SELECT id FROM pages ORDER BY warc_file_id, warc_offset")]
    sources = {row[0] for row in db.execute("SELECT id FROM sources")}
    for number, page_id in enumerate(ids, start=1):
        reported("raw pages", number, len(ids))
        try:
            row = page_row(db, page_id)
            wrong = list(wrong_page(row, recorded_page(row, warc_dir), sources))
        except ArchiveError as error:
            wrong = [str(error)]
        yield from (CheckFinding(where=f"pages row {page_id}", what=what) for what in wrong)
