"""What a copy of the archive for the public does not say: who is told what, passwords, where the archive lies.

What outlets published stays as it is, letter by letter; everything else that is text is gone through, columns to come
as well: an error quotes an address, a message names a file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from crawler.config.app import CHECKOUT
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, SqliteError

PRIVATE = ("deliveries", "outbox", "digest_recipients", "digest_schedules")
"""Tables that say who is told what: emptied, in this order."""
CLEARED_COLUMNS = (("job_runs", "message"),)
"""Columns of what commands said when they failed, of any file of the user's: emptied."""
PUBLISHED = {
    "revisions": {"title", "lead", "text", "blocks", "byline", "section", "tags"},
    "bylines": {"name"},
    "links": {"title", "summary", "content_html", "authors", "tags", "published_raw"},
    "match_sentences": {"sentence", "replaces"},
    "revision_segments": {"title", "lead", "byline", "text"},
}
"""Columns that hold what outlets published."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s@\"'<>]*@")
"""User and password of an address: https://desk:secret@outlet.example/rss."""
_PROXY = re.compile(r"\b(proxy )\S+:\d+")
"""As Scrapy names one that refuses: "with proxy 10.0.0.3:3128"."""


def redact(copy: Connection, paths: Sequence[str]) -> None:
    """Take out of a copy what only its owner is to know. `paths`: folders whose names stand for the whole."""
    for table in PRIVATE:
        copy.execute(f"DELETE FROM {table}")
    for table, column in CLEARED_COLUMNS:
        copy.execute(f"UPDATE {table} SET {column} = NULL")
    copy.create_function("unsaid", 1, lambda text: without_private_paths(text, paths), deterministic=True)
    tables = copy.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'").fetchall()
    for table, _ in tables:
        columns = [row["name"] for row in copy.execute(f"PRAGMA table_info({table})") if row["type"] == "TEXT"]
        for column in columns:
            if column not in PUBLISHED.get(table, ()):
                _take_out(copy, table, column, paths)


def _take_out(copy: Connection, table: str, column: str, paths: Sequence[str]) -> None:
    marks = " OR ".join(f"instr({column}, ?)" for _ in ("@", "proxy ", *paths))
    try:
        copy.execute(
            f"UPDATE {table} SET {column} = unsaid({column}) WHERE ({marks}) AND unsaid({column}) <> {column}",
            ("@", "proxy ", *paths),
        )
    except SqliteError as error:
        raise ArchiveError(
            f"{table}.{column}: holds two addresses that only a password tells apart, and a public copy has none ({error});"
            " take the password out of sources.toml"
        ) from error


def without_private_paths(text: str, paths: Iterable[str]) -> str:
    """A text without passwords in addresses, the address of a proxy, and folders of this machine."""
    for path in paths:
        text = text.replace(path, "…")
    return _PROXY.sub(r"\1", _PASSWORD.sub("", text))


def server_paths(database: str) -> tuple[str, ...]:
    """Folders of this machine that a message may name, the longest first; "/" says nothing of it."""
    folders = {Path(database).parent, CHECKOUT, Path.home(), Path(sys.prefix)}
    folders |= {folder.resolve() for folder in folders}
    return tuple(sorted((str(folder) for folder in folders if len(folder.parts) > 1), key=len, reverse=True))
