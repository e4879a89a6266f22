"""How the archive's file is opened: which SQLite, with what settings, and what a transaction is."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from crawler.exceptions import ArchiveError

if TYPE_CHECKING:
    from sqlite3 import Connection, Cursor, OperationalError, Row
    from sqlite3 import Error as SqliteError
else:
    try:
        from pysqlite3.dbapi2 import Connection, Cursor, OperationalError, Row
        from pysqlite3.dbapi2 import Error as SqliteError
    except ImportError:  # no wheel for this platform: Python's own, with a warning when it is an old one
        from sqlite3 import Connection, Cursor, OperationalError, Row
        from sqlite3 import Error as SqliteError

__all__ = ["Connection", "Cursor", "OperationalError", "Row", "SqliteError"]

log = logging.getLogger(__name__)

SAFE_SQLITE = (3, 51, 3)
"""Older ones can corrupt a WAL database when two connections checkpoint at once (sqlite.org/wal.html, "WAL-reset")."""
BUSY_MILLISECONDS = 30_000
"""How long to wait for another writer. Our longest transaction, a group of 64 pages with its sync, takes below 1 s."""
_OF_THE_FILE = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 26})
"""SQLite's PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB (sqlite.org/rescode.html)."""
WRITER_CACHE_KIB = 16_384
"""Page cache of a writer; SQLite's default is 2,000 KiB. Merging FTS segments reads many pages."""


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection to an existing or new archive file, as it is: without migrations.

    Statements commit by themselves unless they stand in a `transaction`. A connection belongs to one thread.
    """
    _warn_of_old_sqlite()
    if read_only:
        require_archive(path)
    seconds = BUSY_MILLISECONDS / 1000
    try:
        db: Connection = _module().connect(_uri(path, read_only), uri=True, isolation_level=None, timeout=seconds)
    except SqliteError as error:
        raise ArchiveError(
            f"{path}: cannot be opened ({error}); does the folder exist, may you write there?"
        ) from error
    db.row_factory = Row
    try:
        db.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
        db.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KIB}")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except SqliteError as error:
        db.close()
        raise ArchiveError(f"{path}: not a readable archive ({error}); restore a backup or move it away") from error
    return db


def require_archive(path: Path) -> None:
    """Raises ArchiveError where there is no archive."""
    if not path.exists():
        raise ArchiveError(f"{path}: no archive yet; `scrapy crawl all` creates one")


def is_database_file_error(error: BaseException) -> bool:
    """Whether SQLite failed over the file (damaged, full, not ours to write) and not over a statement of ours."""
    if not isinstance(error, SqliteError):
        return False
    # Python 3.10's own module has no codes: there it stays a traceback.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _OF_THE_FILE or str(error).startswith("no such table")


@contextlib.contextmanager
def translate_sqlite_errors(db: Connection) -> Iterator[None]:
    """What SQLite cannot do with the file inside is an ArchiveError that names the file."""
    try:
        yield
    except SqliteError as error:
        if not is_database_file_error(error):
            raise
        raise ArchiveError(f"{file_of(db)}: cannot be used ({error})") from error


@contextlib.contextmanager
def transaction(db: Connection) -> Iterator[Connection]:
    """Everything inside is written, or nothing.

    Takes the write lock before the first read: a transaction that reads first and then writes fails at once when
    another process wrote in between, whatever the timeout. Raises ArchiveError where the file cannot be written.
    """
    begin(db)
    try:
        with translate_sqlite_errors(db):
            yield db
    except BaseException:
        rollback(db)
        raise
    commit(db)


def begin(db: Connection) -> None:
    try:
        db.execute("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            seconds = db.execute("PRAGMA busy_timeout").fetchone()[0] // 1000
            raise ArchiveError(
                f"{file_of(db)}: another process has been writing for {seconds} s; find it (`fuser`) or try again"
            ) from error
        raise ArchiveError(f"{file_of(db)}: cannot be written ({error})") from error


def commit(db: Connection) -> None:
    try:
        db.execute("COMMIT")
    except SqliteError as error:
        rollback(db)
        raise ArchiveError(f"{file_of(db)}: could not be written ({error}); nothing of it was stored") from error


def rollback(db: Connection) -> None:
    if db.in_transaction:  # a full disk ends the transaction by itself
        db.execute("ROLLBACK")


def run_script(db: Connection, script: str) -> None:
    """Run several statements within the running transaction (`executescript` would commit it first)."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if _module().complete_statement(statement):
            db.execute(statement.strip())
            statement = ""
    if statement.strip():
        raise ValueError(f"unfinished statement: {statement.strip()[:80]}")


def file_of(db: Connection) -> str:
    """The file behind a connection, for messages."""
    return str(db.execute("PRAGMA database_list").fetchone()["file"] or ":memory:")


def memory() -> Connection:
    """A database of the same SQLite that lives in memory, for one use."""
    return cast("Connection", _module().connect(":memory:", isolation_level=None))


@functools.cache
def sqlite_version() -> str:
    return str(_module().sqlite_version)


def _module() -> Any:
    """The one of the two modules that `Connection` is of; they have the same interface."""
    import importlib

    return importlib.import_module(Connection.__module__ + (".dbapi2" if Connection.__module__ == "pysqlite3" else ""))


@functools.cache
def _warn_of_old_sqlite() -> None:
    if tuple(int(part) for part in sqlite_version().split(".")) < SAFE_SQLITE:
        log.warning(
            "SQLite %s can corrupt an archive under concurrent writers; install pysqlite3 (it carries a fixed one)",
            sqlite_version(),
        )


def _uri(path: Path, read_only: bool) -> str:
    # As bytes: under LANG=C a folder's name may hold what is no character.
    return "file:" + quote(os.fsencode(path.absolute())) + ("?mode=ro" if read_only else "?mode=rwc")
