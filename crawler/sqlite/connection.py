"""Open SQLite files with the right library and settings, and run transactions."""

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
    except ImportError:  # no wheel for this platform: use Python's own and warn if it is too old
        from sqlite3 import Connection, Cursor, OperationalError, Row
        from sqlite3 import Error as SqliteError

__all__ = ["Connection", "Cursor", "OperationalError", "Row", "SqliteError"]

log = logging.getLogger(__name__)

SAFE_SQLITE = (3, 51, 3)
"""Older versions can corrupt a WAL database when two connections checkpoint at once (sqlite.org/wal.html, "WAL-reset")."""
BUSY_MILLISECONDS = 30_000
"""How long to wait for another writer. The longest transaction, a group of 64 pages with fsync, takes less than 1 s."""
_FILE_ERRORS = frozenset({3, 5, 6, 7, 8, 10, 11, 13, 14, 26})
"""SQLite's PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB (sqlite.org/rescode.html)."""
_SYNC_ERRORS = frozenset({1034, 1290})
"""SQLite's IOERR_FSYNC and IOERR_DIR_FSYNC: everything was written, but perhaps not to the disk."""
WRITER_CACHE_KIB = 16_384
"""Page cache of a writer; SQLite's default is 2,000 KiB. Merging FTS segments reads many pages."""
CACHED_STATEMENTS = 500
"""Prepared statements that a connection keeps. To store a fetch takes about 45, and all jobs together more than the 100 or 128
of Python's default, which then prepares each of them again and again: two fifths of the time to store a fetch."""
_UNDECODABLE = "Could not decode to UTF-8"
"""How Python's sqlite3 begins its error for a damaged text; the error has no code."""


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection to an existing or new archive file, without migrations.

    Statements outside of a `transaction` are committed one by one. A connection belongs to one thread.
    """
    _warn_of_old_sqlite()
    if read_only:
        require_archive(path)
    seconds = BUSY_MILLISECONDS / 1000
    try:
        db: Connection = _module().connect(
            _uri(path, read_only), uri=True, isolation_level=None, timeout=seconds, cached_statements=CACHED_STATEMENTS
        )
    except SqliteError as error:
        raise ArchiveError(
            f"{path}: cannot be opened ({error}); check that the folder exists and is writable"
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
    except (SqliteError, UnicodeDecodeError) as error:
        db.close()
        # A damaged name of the schema is part of SQLite's message, which Python then cannot decode.
        cause = "its schema is damaged" if isinstance(error, UnicodeDecodeError) else error
        raise ArchiveError(f"{path}: not a readable archive ({cause}); restore a backup or move it away") from error
    return db


def require_archive(path: Path) -> None:
    """Raise ArchiveError if there is no archive."""
    if not path.exists():
        raise ArchiveError(f"{path}: no archive yet; `scrapy crawl all` creates one")


def is_database_file_error(error: BaseException) -> bool:
    """Whether the file caused the error (damaged, full, not writable) and not the statement."""
    if not isinstance(error, SqliteError):
        return False
    # Python 3.10's own module has no error codes: there the error remains a traceback.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in _FILE_ERRORS or str(error).startswith(("no such table", _UNDECODABLE))


@contextlib.contextmanager
def translate_sqlite_errors(db: Connection) -> Iterator[None]:
    """Raise errors caused by the file as ArchiveError with the file's name."""
    try:
        yield
    except SqliteError as error:
        if not is_database_file_error(error):
            raise
        raise ArchiveError(f"{file_of(db)}: cannot be used ({error})") from error


@contextlib.contextmanager
def damaged_text_allowed(db: Connection) -> Iterator[None]:
    """Read bytes that are not UTF-8 as surrogates (PEP 383) instead of raising, within the block."""
    before = db.text_factory
    db.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        db.text_factory = before


@contextlib.contextmanager
def transaction(db: Connection) -> Iterator[Connection]:
    """Commit everything inside, or nothing.

    Takes the write lock before the first read: a transaction that reads first and writes later fails immediately if
    another process wrote in between, whatever the timeout. Raises ArchiveError if the file cannot be written.
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
                f"{file_of(db)}: another process has been writing for {seconds} s; find it with `fuser` or try again"
            ) from error
        raise ArchiveError(f"{file_of(db)}: cannot be written ({error})") from error


class CommitError(ArchiveError):
    """COMMIT failed and the transaction was rolled back.

    `is_certain`: nothing of it can come back. False if the last sync failed: then SQLite may find the complete transaction in
    the -wal file after a crash.
    """

    def __init__(self, message: str, *, is_certain: bool) -> None:
        self.is_certain = is_certain
        super().__init__(message)


def commit(db: Connection) -> None:
    """Commit the transaction. Raises CommitError if it could not be written, such as on a full disk."""
    try:
        db.execute("COMMIT")
    except SqliteError as error:
        rollback(db)
        code = getattr(error, "sqlite_errorcode", None)  # None: Python 3.10's own module
        raise CommitError(
            f"{file_of(db)}: could not be written ({error}); the transaction was rolled back",
            is_certain=code is not None and code not in _SYNC_ERRORS,
        ) from error


def rollback(db: Connection) -> None:
    if db.in_transaction:  # SQLite rolls back by itself when the disk is full
        db.execute("ROLLBACK")


def run_script(db: Connection, script: str) -> None:
    """Run several statements in the current transaction, which `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if _module().complete_statement(statement):
            db.execute(statement.strip())
            statement = ""
    if statement.strip():
        raise ValueError(f"unfinished statement: {statement.strip()[:80]}")


def file_of(db: Connection) -> str:
    """The path of the database file, for messages."""
    return str(db.execute("PRAGMA database_list").fetchone()["file"] or ":memory:")


def memory() -> Connection:
    """An in-memory database of the same SQLite library."""
    return cast("Connection", _module().connect(":memory:", isolation_level=None))


@functools.cache
def sqlite_version() -> str:
    return str(_module().sqlite_version)


def _module() -> Any:
    """The module that `Connection` comes from: pysqlite3 or sqlite3, which have the same interface."""
    import importlib

    return importlib.import_module(Connection.__module__ + (".dbapi2" if Connection.__module__ == "pysqlite3" else ""))


@functools.cache
def _warn_of_old_sqlite() -> None:
    if tuple(int(part) for part in sqlite_version().split(".")) < SAFE_SQLITE:
        log.warning(
            "SQLite %s can corrupt an archive with concurrent writers; install pysqlite3, which contains a fixed version",
            sqlite_version(),
        )


def _uri(path: Path, read_only: bool) -> str:
    # As bytes: with LANG=C the name of a folder may contain undecodable bytes.
    return "file:" + quote(os.fsencode(path.absolute())) + ("?mode=ro" if read_only else "?mode=rwc")
