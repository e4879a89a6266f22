"""Check rows one by one: text that is not UTF-8, seals, and text hashes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from crawler.archive.articles.revisions import text_sha256
from crawler.archive.db.seals import SEALED, stored_seal
from crawler.archive.maintenance.check_scope import RowsToRead, all_rows
from crawler.archive.maintenance.consistency import ROW_REMEDY, RowFault
from crawler.sqlite.connection import Connection, Row

_DAMAGED = re.compile("[\udc80-\udcff]")
"""Bytes that are not UTF-8, as surrogates."""


def encoding_faults(db: Connection, rows: RowsToRead = all_rows) -> Iterator[RowFault]:
    """Values of text columns that are not UTF-8. The connection must read such bytes as surrogates."""
    tables = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'").fetchall()
    for (table,) in tables:
        info = db.execute(f"PRAGMA table_info({table})").fetchall()
        columns = [row["name"] for row in info if row["type"] == "TEXT"]
        key = ", ".join(row["name"] for row in sorted(info, key=lambda row: row["pk"]) if row["pk"])
        if not columns:
            continue
        where, values = rows(table)
        for row in db.execute(f"SELECT {', '.join(columns)}, {key} FROM {table} WHERE {where}", values):
            texts = row[: len(columns)]
            if _is_damaged("".join(filter(None, texts))):  # all at once, because nearly all rows are valid
                broken = [name for name, value in zip(columns, texts, strict=True) if _is_damaged(value)]
                row_key = ", ".join(str(part) for part in tuple(row)[len(columns) :])
                yield f"{table} row {_printable(row_key)}", f"{', '.join(broken)}: not valid UTF-8; {ROW_REMEDY}"


def text_faults(
    db: Connection,
    progress: Callable[[str, int, int], None] | None = None,
    rows: RowsToRead = all_rows,
) -> Iterator[RowFault]:
    """Revisions whose text does not match its hash, and sealed rows that do not match their seal."""
    for table, sealed in SEALED.items():
        where, values = rows(table)
        total = 0
        if progress is not None:
            total = db.execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()[0]
        found = db.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY {', '.join(sealed.key)}", values)
        for number, row in enumerate(found, start=1):
            if progress is not None:
                progress(table, number, total)
            fault = seal_fault(db, table, row)
            if fault is not None:
                yield f"{table} row {_printable(', '.join(map(str, sealed.key_of(row))))}", fault


def seal_fault(db: Connection, table: str, row: Row) -> str | None:
    """What is wrong with a row of a sealed table; None if it is as it was stored. `row` has all columns of the table."""
    if table == "revisions" and row["text_pruned_at"] is None and _text_hash(row) != row["text_sha256"]:
        return f"text does not match text_sha256; {ROW_REMEDY}"
    if table == "revisions" and row["text_pruned_at"] is not None and (row["text"] or row["lead"]):
        return f"is marked as pruned, but has a text; {ROW_REMEDY}"
    if stored_seal(db, table, dict(row)) != row["row_sha256"]:
        return f"values do not match row_sha256; {ROW_REMEDY}"
    return None


def revision_fault(db: Connection, revision_id: int) -> str | None:
    """What is wrong with a revision, text that is not UTF-8 included; None if it is as it was stored.

    The connection must read bytes that are not UTF-8 as surrogates.
    """
    row = db.execute("SELECT * FROM revisions WHERE id = ?", (revision_id,)).fetchone()
    if row is None:
        return None
    broken = [name for name in row.keys() if _is_damaged(row[name])]  # noqa: SIM118 -- a Row iterates over its values
    return f"{', '.join(broken)}: not valid UTF-8; {ROW_REMEDY}" if broken else seal_fault(db, "revisions", row)


def _text_hash(row: Row) -> str | None:
    values = {name: row[name] for name in ("title", "lead", "byline", "text")}
    try:
        return text_sha256(**values)
    except UnicodeEncodeError:  # bytes that are not UTF-8
        return None


def _is_damaged(value: object) -> bool:
    return isinstance(value, str) and not value.isascii() and _DAMAGED.search(value) is not None


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
