"""Datasette's metadata of each table: title, facets, sort order, and the schema's comments as descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from crawler.archive.schema.reference import Column, Table, tables

LOOKS: Mapping[str, dict[str, Any]] = tomli.loads(Path(__file__).with_name("tables.toml").read_text(encoding="utf-8"))
"""Table -> keys of Datasette's metadata. Tables that are not named have Datasette's defaults."""
PAGE_SIZE = 40
"""Rows per page of a table without `size`."""
HIDDEN = frozenset(
    # internal tables, and those about recipients of digests
    "hosts robots pruned_source_runs revision_segments revisions_search story_sketches story_keys"
    " event_features event_keys event_term_counts digest_recipients digest_schedules"
    " outbox deliveries forgotten_keys warc_erasures warc_leftovers merged_rows"
    " _sqlite_migrations sqlite_sequence sqlite_stat1 sqlite_stat4".split()
)
LONG_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "articles": ("body_sha256", "etag", "guid", "key", "last_modified"),
    "articles_latest": ("lead", "text"),
    "revisions": ("blocks", "field_sources", "fingerprint", "lead", "tags", "text", "text_sha256"),
    "links": ("content_html", "summary", "tags"),
    "topic_versions": ("definition_sha256",),
}
"""Table -> columns that a page of it hides until they are asked for (`_nocol`): long texts, and hashes for programs."""
SEAL_COLUMN = "row_sha256"
"""Hidden likewise, in each table that has it."""
TITLE = "Wirewatch"
DESCRIPTION = "News articles in all their versions, with the raw pages as evidence, and the alerts of the topics."


@cache
def _table_metadata(name: str) -> dict[str, Any]:
    known = _described().get(name)
    found: dict[str, Any] = {"hidden": True} if name in HIDDEN else {}
    if known is not None:
        found["description"] = known.note
        found["columns"] = {column.name: _explained(column) for column in known.columns}
    return found | ({"size": PAGE_SIZE, **LOOKS[name]} if name in LOOKS else {})


def _explained(column: Column) -> str:
    references = f"References {column.references}." if column.references else ""
    return " ".join(part for part in (column.note, references) if part)


def database_metadata() -> dict[str, Any]:
    """Metadata of the archive, as new dictionaries: Datasette modifies them, and asks a dozen times for each page."""
    tables = {name: dict(_table_metadata(name)) for name in (*_described(), *HIDDEN)}
    for table in tables.values():
        if "columns" in table:
            table["columns"] = dict(table["columns"])
    return {"title": "Archive", "description": DESCRIPTION, "tables": tables}


@cache
def _described() -> dict[str, Table]:
    return {table.name: table for table in tables()}


@cache
def hidden_columns(name: str) -> tuple[str, ...]:
    """The columns that a page of the table hides until they are asked for."""
    table = _described().get(name)
    has_seal = table is not None and any(column.name == SEAL_COLUMN for column in table.columns)
    return (*LONG_COLUMNS.get(name, ()), *((SEAL_COLUMN,) if has_seal else ()))
