"""Estimate how many bytes rows take in the database, from the lengths of their values."""

from __future__ import annotations

from crawler.sqlite.connection import Connection

ROW_OVERHEAD = 12
"""Bytes of a row besides its values: its ID, its header and its place in the page (sqlite.org/fileformat2.html)."""


def row_bytes(db: Connection, table: str, alias: str = "") -> str:
    """SQL expression for the bytes of one row, without indexes."""
    prefix = f"{alias}." if alias else ""
    names = [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]
    return f"({ROW_OVERHEAD} + {' + '.join(f'coalesce(octet_length({prefix}{name}), 0)' for name in names)})"
