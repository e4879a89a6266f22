"""Remove private data from a public copy of the archive: recipients, messages, passwords, paths of this machine.

What outlets published stays unchanged. All other text columns are searched, including those of future tables, because an
error may quote an address and a message may name a file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from crawler.archive.db.seals import SEALED, keys_of_valid, seal_row
from crawler.config.app import CHECKOUT
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import Connection, SqliteError

PRIVATE = (
    "deliveries",
    "outbox",
    "digest_recipients",
    "digest_schedules",
    "mutes",
    "annotations",
    "saved_searches",
)
"""Tables of recipients, messages and the work of the desk: emptied, in this order."""
CLEARED_COLUMNS = (("job_runs", "message"), ("forgotten", "reason"), ("merged_archives", "path"))
"""Columns set to null: error messages of commands, which may quote any of the user's files; reasons of removals; folders of
other archives."""
PUBLISHED = {
    "revisions": {"title", "lead", "text", "blocks", "byline", "section", "tags"},
    "bylines": {"name"},
    "links": {"title", "summary", "content_html", "authors", "tags", "published_raw"},
    "match_sentences": {"sentence", "replaces"},
    "figures": {"written", "speaker", "speaker_name", "cue"},
    "revision_segments": {"title", "lead", "byline", "text"},
}
"""Columns with what outlets published."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s@\"'<>]*@")
"""User and password of a URL: https://desk:secret@outlet.example/rss."""
_PROXY = re.compile(r"\b(proxy )\S+:\d+")
"""A proxy in Scrapy's error messages: "with proxy 10.0.0.3:3128"."""


def redact(copy: Connection, paths: Sequence[str]) -> None:
    """Remove private data from a copy. `paths`: local folders, whose names are removed from texts."""
    for table in PRIVATE:
        copy.execute(f"DELETE FROM {table}")
    for table, column in CLEARED_COLUMNS:
        copy.execute(f"UPDATE {table} SET {column} = NULL")
    copy.create_function("redacted", 1, lambda text: without_private_paths(text, paths), deterministic=True)
    tables = copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'").fetchall()
    for (table,) in tables:
        columns = [row["name"] for row in copy.execute(f"PRAGMA table_info({table})") if row["type"] == "TEXT"]
        _redact_table(copy, table, [name for name in columns if name not in PUBLISHED.get(table, ())], paths)


def _redact_table(copy: Connection, table: str, columns: Sequence[str], paths: Sequence[str]) -> None:
    terms = ("@", "proxy ", *paths)
    resealed: list[tuple[object, ...]] = []
    for column in columns:
        found = " OR ".join(f"instr({column}, ?)" for _ in terms)
        where = f"({found}) AND redacted({column}) <> {column}"
        if table in SEALED:  # a seal that does not match stays as it is: the row is damaged
            resealed += keys_of_valid(copy, table, where, terms)
        try:
            copy.execute(f"UPDATE {table} SET {column} = redacted({column}) WHERE {where}", terms)
        except SqliteError as error:
            raise ArchiveError(
                f"{table}.{column}: two addresses differ in their password only, which a public copy leaves out ({error});"
                " remove the password from sources.toml"
            ) from error
    for key in dict.fromkeys(resealed):
        seal_row(copy, table, *key)


def without_private_paths(text: str, paths: Iterable[str]) -> str:
    """The text without passwords in URLs, addresses of proxies and local folders."""
    for path in paths:
        text = text.replace(path, "…")
    return _PROXY.sub(r"\1", _PASSWORD.sub("", text))


def server_paths(database: str) -> tuple[str, ...]:
    """Local folders that a message may name, the longest first; without "/"."""
    folders = {Path(database).parent, CHECKOUT, Path.home(), Path(sys.prefix)}
    folders |= {folder.resolve() for folder in folders}
    return tuple(sorted((str(folder) for folder in folders if len(folder.parts) > 1), key=len, reverse=True))
