"""Another archive, opened for reading, and the mapping of its IDs to IDs of this one."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.db.migrations import archive_uuid
from crawler.archive.db.open import open_reader
from crawler.archive.db.seals import SEALED, insert_sealed
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import read_slice
from crawler.exceptions import ArchiveError, NotFoundError
from crawler.sqlite.rows import insert_row, marks
from crawler.sqlite.values import format_utc

RowValues = dict[str, Any]
_SHARED = frozenset({"sources", "topics"})
"""Tables whose IDs are names, the same in all archives."""


class OtherArchive:
    """An archive in another data folder."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises NotFoundError if there is none, ArchiveError if it cannot be read or has another schema version."""
        self.folder = folder
        if not (folder / "archive.db").is_file():
            problem = "no archive.db in this folder" if folder.is_dir() else "not a folder"
            problem = problem if folder.exists() else "no such folder"
            raise NotFoundError(
                f"{folder}: {problem}; name the data folder of another archive, in which its archive.db is"
            )
        self.db = open_reader(folder / "archive.db")
        self.uuid = str(archive_uuid(self.db))

    def close(self) -> None:
        self.db.close()

    def rows(self, sql: str, *values: object) -> Iterator[RowValues]:
        """The rows of a query as dictionaries."""
        for row in self.db.execute(sql, values):
            yield dict(row)

    def record(self, page: Mapping[str, Any]) -> bytes:
        """The WARC record of a row of `pages`. Raises ArchiveError if it is damaged."""
        [row] = self.rows("SELECT name FROM warc_files WHERE id = ?", page["warc_file_id"])
        path = self.folder / "warc" / row["name"]
        try:
            record = read_slice(path, page["warc_offset"], page["warc_length"])
        except OSError as error:
            raise ArchiveError(f"{path}: cannot be read ({error.strerror})") from error
        if hashlib.sha256(record).hexdigest() != page["record_sha256"]:
            raise ArchiveError(f"{path} at {page['warc_offset']}: the record of raw page {page['id']} has changed")
        return record


def register_archive(store: ArchiveStore, other: OtherArchive, *, at: datetime) -> int:
    """Record that a merge begins; returns merged_archives.id."""
    row = store.db.execute(
        "INSERT INTO merged_archives (uuid, path, first_merged_at, last_merged_at) VALUES (?, ?, ?, ?) ON CONFLICT (uuid)"
        " DO UPDATE SET path = excluded.path, last_merged_at = excluded.last_merged_at RETURNING id",
        (other.uuid, str(other.folder), format_utc(at), format_utc(at)),
    ).fetchone()
    return int(row[0])


@dataclass(slots=True)
class RowCopier:
    """Copies rows of one other archive into this one. Used in one transaction."""

    store: ArchiveStore
    other: OtherArchive
    archive_id: int
    """merged_archives.id."""
    _references: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    """Table -> (column, table that it refers to)."""

    def mapped(self, kind: str, other_id: int | None) -> int | None:
        """The ID here of a row of the other archive; None if it is not here."""
        if other_id is None:
            return None
        row = self.store.db.execute(
            "SELECT id FROM merged_rows WHERE archive_id = ? AND kind = ? AND other_id = ?",
            (self.archive_id, kind, other_id),
        ).fetchone()
        return int(row[0]) if row is not None else None

    def remember(self, kind: str, other_id: int, own_id: int) -> int:
        """Record which row here holds the other's row; returns the ID here."""
        self.store.db.execute(
            "INSERT INTO merged_rows VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET id = excluded.id",
            (self.archive_id, kind, other_id, own_id),
        )
        return own_id

    def here(self, table: str, row: RowValues) -> RowValues:
        """The row with references to the rows here; null where there is none. Sources and topics have the same IDs."""
        if table not in self._references:
            keys = self.store.db.execute(f"PRAGMA foreign_key_list({table})").fetchall()
            self._references[table] = [(key["from"], key["table"]) for key in keys if key["table"] not in _SHARED]
        return row | {name: self.mapped(parent, row[name]) for name, parent in self._references[table]}

    def find(self, table: str, row: RowValues, *key: str) -> int | None:
        """The ID here of a row that was copied before, or of one with the same values of `key`; None if it is not here."""
        own = self.mapped(table, row["id"])
        if own is not None:
            return own
        columns = self.here(table, row)
        condition = " AND ".join(f"{name} = ?" for name in key)
        found = self.store.db.execute(
            f"SELECT id FROM {table} WHERE {condition}", [columns[name] for name in key]
        ).fetchone()
        return self.remember(table, row["id"], found["id"]) if found is not None else None

    def insert(self, table: str, row: RowValues, parts: list[tuple[Any, ...]] | None = None, **changed: Any) -> int:
        """Insert a row with its references and these columns changed, and remember it; returns its new ID.

        `parts`: the rows that its seal includes.
        """
        columns = {name: value for name, value in (self.here(table, row) | changed).items() if name != "id"}
        if table in SEALED:
            return self.remember(table, row["id"], insert_sealed(self.store.db, table, columns, parts=parts or ()))
        return self.remember(table, row["id"], insert_row(self.store.db, table, columns))

    def keep_newer(self, table: str, row: RowValues, key: tuple[str, ...], time: str) -> int:
        """Insert a row; of two with the same key, the one with the later `time` stays. Returns the number of rows written."""
        columns = self.here(table, row)
        assignments = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
        return self.store.db.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)}) ON CONFLICT ({', '.join(key)})"
            f" DO UPDATE SET {assignments} WHERE excluded.{time} > {table}.{time}",
            tuple(columns.values()),
        ).rowcount

    def refresh(self, table: str, own_id: int, columns: RowValues) -> None:
        """Set columns of a row that was copied before."""
        assignments = ", ".join(f"{name} = ?" for name in columns)
        self.store.db.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", (*columns.values(), own_id))


@dataclass(slots=True)
class MergeCounts:
    """What became of the rows of other archives."""

    added: Counter[str] = field(default_factory=Counter)
    """Table -> rows copied."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Reason -> rows that were not copied."""
    faults: list[str] = field(default_factory=list)
    """Raw pages that are damaged in the other archive; their versions were copied without them."""

    def add(self, other: MergeCounts) -> None:
        """Add the counts of another part."""
        self.added.update(other.added)
        self.left_out.update(other.left_out)
        self.faults.extend(other.faults)
