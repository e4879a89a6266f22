"""What Datasette is told of each table: title, explanation, units, facets, sort order. Made from the schema's comments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crawler.archive.schema.reference import Column, Table, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a table is shown."""

    title: str
    label: str | None = None
    """Column that stands for a row wherever another table points at it."""
    sort: str | None = None
    sort_desc: str | None = None
    facets: tuple[str, ...] = ()
    """Each has an index, or the table is small: facets are counted anew for each page."""
    size: int = 40
    """Rows of a page; fewer where they are long."""
    search: tuple[str, str] | None = None
    """FTS table and the column of its rowid, where Datasette does not find them by itself."""


LOOKS: Mapping[str, Look] = {
    "sources": Look(title="Sources", label="name", sort="name"),
    "seeds": Look(title="Ways into sources", label="url", facets=("source_id", "kind", "outcome")),
    "runs": Look(title="Runs of commands", label="command", sort_desc="id"),
    "source_runs": Look(title="What each run did for each source", sort_desc="run_id", facets=("source_id",)),
    "polls": Look(title="Polls of ways", sort_desc="id"),
    "links": Look(title="Links found", label="title", sort_desc="id", size=25, facets=("source_id",)),
    "queue": Look(title="Queue of URLs"),
    "articles": Look(title="Articles", label="url", sort_desc="first_seen_at", facets=("source_id",)),
    "article_urls": Look(title="URL forms of articles"),
    "warc_files": Look(title="Files of raw pages", label="name", sort_desc="id"),
    "pages": Look(title="Raw pages", label="final_url", sort_desc="id", facets=("source_id",)),
    "revisions": Look(title="Revisions", label="title", sort_desc="id", facets=("language", "status"), size=25,
                      search=("revisions_fts", "id")),
    "bylines": Look(title="Bylines"),
    "fetches": Look(title="Attempts to read articles", sort_desc="id"),
    "articles_latest": Look(title="Articles as they read now", size=25, search=("revisions_fts", "revision_id")),
    "edits": Look(title="Edits"),
    "unfetched": Look(title="URLs without an article"),
    "stories": Look(title="Stories", sort_desc="latest_at"),
    "story_articles": Look(title="Which article tells which story", sort_desc="article_id"),
    "story_list": Look(title="Stories with several carriers"),
    "story_pickups": Look(title="Carriers of stories"),
    "publication_rates": Look(title="Rhythms of ways"),
    "seed_activity": Look(title="How ways do at present"),
    "silences": Look(title="Silences"),
    "coverage": Look(title="The gap ledger", sort_desc="from_at", facets=("source_id", "state")),
    "gaps": Look(title="Gaps"),
    "problems": Look(title="Problems of sources", sort_desc="since", facets=("kind", "source_id")),
    "jobs": Look(title="Jobs of the monitor", label="name", sort="due_at"),
    "job_runs": Look(title="Runs of jobs", sort_desc="id", facets=("name", "exit_status")),
    "topics": Look(title="Topics", label="title", sort="title"),
    "topic_versions": Look(title="Versions of topics", label="definition", sort_desc="id", facets=("topic_id",)),
    "alerts": Look(title="Alerts", sort_desc="id", facets=("topic_id", "kind")),
    "matches": Look(title="Matches", sort_desc="id", facets=("topic_id", "kind")),
    "match_sentences": Look(title="Sentences of matches"),
    "flag_failures": Look(title="Texts that could not be matched"),
    "judgements": Look(title="Judgements", facets=("topic_id", "relevant")),
    "alert_list": Look(title="Alerts as people read them", size=50),
}  # fmt: skip

HIDDEN = frozenset(
    # the machine room: what only programs read, and what no reader of an archive needs to know (who is mailed what)
    "hosts robots revision_segments revisions_search story_sketches story_keys digest_recipients digest_schedules outbox deliveries"
    " _sqlite_migrations sqlite_sequence sqlite_stat1 sqlite_stat4".split()
)
UNITS = {"bytes": "B", "warc_length": "B", "milliseconds": "ms", "seconds": "s", "late_seconds": "s",
         "ahead_seconds": "s", "published_offset": "min", "modified_offset": "min"}  # fmt: skip
"""By the column's name, for every table."""
TITLE = "Wirewatch"
DESCRIPTION = "News articles in every version, with the raw pages as evidence, and what the topics found in them."


def table_metadata(name: str) -> dict[str, Any]:
    """A table's part of Datasette's metadata, new each time: Datasette writes into what it gets."""
    known = _described().get(name)
    found: dict[str, Any] = {"hidden": True} if name in HIDDEN else {}
    if known is None:
        return found
    found["description"] = known.note
    found["columns"] = {column.name: _explained(column) for column in known.columns}
    units = {column.name: UNITS[column.name] for column in known.columns if column.name in UNITS}
    if units:
        found["units"] = units
    look = LOOKS.get(name)
    return found | (_look(look) if look else {})


def _explained(column: Column) -> str:
    points_at = f"Points at {column.references}." if column.references else ""
    return " ".join(part for part in (column.note, points_at) if part)


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
    """The archive's part of Datasette's metadata."""
    return {
        "title": "The archive",
        "description": DESCRIPTION,
        "tables": {name: table_metadata(name) for name in (*_described(), *HIDDEN)},
    }


@cache
def _described() -> dict[str, Table]:
    return {table.name: table for table in tables()}
