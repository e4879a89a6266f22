"""Datasette's metadata of each table: title, facets, sort order, and the schema's comments as descriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawler.archive.schema.reference import Column, Table, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How Datasette shows a table."""

    title: str
    label: str | None = None
    """Column shown in place of the ID where another table refers to a row."""
    sort: str | None = None
    sort_desc: str | None = None
    facets: tuple[str, ...] = ()
    """Counted for each page, so each has an index or the table is small."""
    size: int = 40
    """Rows per page; fewer for long ones."""
    search: tuple[str, str] | None = None
    """FTS table and the column with its rowid, if Datasette does not detect them."""


LOOKS: Mapping[str, Look] = {
    "sources": Look(title="Sources", label="name", sort="name"),
    "seeds": Look(title="Seeds", label="url", facets=("source_id", "kind", "outcome")),
    "runs": Look(title="Runs", label="command", sort_desc="id"),
    "source_runs": Look(title="Runs by source", sort_desc="run_id", facets=("source_id",)),
    "polls": Look(title="Polls", sort_desc="id"),
    "links": Look(title="Links", label="title", sort_desc="id", size=25, facets=("source_id",)),
    "queue": Look(title="Queue"),
    "articles": Look(title="Articles", label="title", sort_desc="published_at", facets=("source_id",)),
    "article_urls": Look(title="Article URLs"),
    "warc_files": Look(title="WARC files", label="name", sort_desc="id"),
    "pages": Look(title="Raw pages", sort_desc="id", facets=("source_id",)),
    "revisions": Look(title="Revisions", label="title", sort_desc="id", size=25,
                      search=("revisions_fts", "id")),
    "bylines": Look(title="Bylines"),
    "fetches": Look(title="Fetches", sort_desc="id"),
    "articles_latest": Look(title="Current articles", sort_desc="article_id", size=25, search=("revisions_fts", "revision_id")),
    "edits": Look(title="Edits"),
    "unfetched": Look(title="Unfetched links"),
    "stories": Look(title="Stories", sort_desc="id"),
    "story_articles": Look(title="Articles of stories", sort_desc="article_id"),
    "story_list": Look(title="Stories of several articles"),
    "story_pickups": Look(title="Story pickups"),
    "events": Look(title="Events", sort_desc="latest_at"),
    "event_stories": Look(title="Stories of events", sort_desc="story_id"),
    "event_list": Look(title="Events of several stories"),
    "event_reports": Look(title="Reports of events"),
    "publication_rates": Look(title="Publication rates"),
    "seed_activity": Look(title="Seed activity"),
    "feed_headlines": Look(title="Feed headlines"),
    "silences": Look(title="Silences"),
    "coverage": Look(title="Coverage", sort_desc="from_at", facets=("source_id", "state")),
    "gaps": Look(title="Gaps"),
    "problems": Look(title="Problems", sort_desc="since", facets=("kind", "source_id")),
    "jobs": Look(title="Jobs", label="name", sort="due_at"),
    "job_runs": Look(title="Job runs", sort_desc="id", facets=("name", "exit_status")),
    "completed_tasks": Look(title="Completed tasks", sort_desc="at"),
    "merged_archives": Look(title="Merged archives", label="path", sort="id"),
    "topics": Look(title="Topics", label="title", sort="title"),
    "topic_versions": Look(title="Topic versions", sort_desc="id", facets=("topic_id",)),
    "alerts": Look(title="Alerts", sort_desc="id", facets=("topic_id", "kind")),
    "matches": Look(title="Matches", sort_desc="id", facets=("topic_id", "kind")),
    "match_sentences": Look(title="Sentences of matches"),
    "figures": Look(title="Figures", sort_desc="id", facets=("unit", "outcome", "speaker_name")),
    "figure_list": Look(title="Figure list", size=50),
    "flag_failures": Look(title="Flag failures"),
    "judgements": Look(title="Judgements", facets=("topic_id", "relevant")),
    "forgotten": Look(title="Removed articles", sort_desc="id", facets=("source_id",)),
    "mutes": Look(title="Muted stories and topics"),
    "annotations": Look(title="Stars and notes", sort_desc="changed_at"),
    "saved_searches": Look(title="Saved searches", label="name", sort="name"),
    "alert_list": Look(title="Alert list", size=50),
}  # fmt: skip

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
    look = LOOKS.get(name)
    return found | (_look(look) if look else {})


def _explained(column: Column) -> str:
    references = f"References {column.references}." if column.references else ""
    return " ".join(part for part in (column.note, references) if part)


def _look(look: Look) -> dict[str, Any]:
    values = {
        "title": look.title,
        "label_column": look.label,
        "sort": look.sort,
        "sort_desc": look.sort_desc,
        "facets": list(look.facets),
        "size": look.size,
    }
    if look.search:
        values |= {"fts_table": look.search[0], "fts_pk": look.search[1]}
    return {key: value for key, value in values.items() if value}


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
