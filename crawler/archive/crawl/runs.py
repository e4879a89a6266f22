"""Record runs and mirror the configured sources."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.sqlite.values import as_json, clean_text, format_utc, format_utc_or_none
from crawler.stats import SourceStats


def begin_run(
    store: ArchiveStore, command: str, sources: Sequence[Source], *, configured: Sequence[Source] | None, at: datetime
) -> int:
    """Mirror the sources and record the start of a run; returns its ID. `configured` as in `mirror_sources`."""
    mirror_sources(store, sources, configured=configured, at=at)
    cursor = store.db.execute(
        "INSERT INTO runs (command, started_at, pid) VALUES (?, ?, ?)", (command, format_utc(at), os.getpid())
    )
    return int(cursor.lastrowid or 0)


def mirror_sources(
    store: ArchiveStore, sources: Sequence[Source], *, configured: Sequence[Source] | None, at: datetime
) -> None:
    """Copy sources and their seeds from sources.toml to the archive.

    `configured` holds all sources of sources.toml: known ones are updated, the others are marked as retired. None: only
    `sources` are written.
    """
    for source in sources:
        _mirror(store, source, at)
    if configured is None:
        return
    known = {row["id"] for row in store.db.execute("SELECT id FROM sources")}
    for source in configured:
        if source.id in known and source not in sources:
            _mirror(store, source, at)
    ids = [source.id for source in configured]
    for source_id in known - set(ids):
        cursor = store.db.execute(
            "UPDATE sources SET retired_at = ? WHERE retired_at IS NULL AND id = ?", (format_utc(at), source_id)
        )
        if cursor.rowcount:
            seal_row(store.db, "sources", source_id)


def finish_source(store: ArchiveStore, run_id: int, source_id: str, stats: SourceStats) -> None:
    """Record what the run did for one source."""
    counts = stats.outcomes
    store.db.execute(
        "INSERT OR REPLACE INTO source_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            source_id,
            format_utc_or_none(stats.started_at),
            format_utc_or_none(stats.finished_at),
            stats.links,
            counts["new"],
            stats.without_text,
            counts["revised"],
            counts["unchanged"] + counts["not_modified"],
            counts["blocked"],
            counts["failed"] + counts["empty"] + counts["gone"],
            counts["refused"],
            stats.requests,
            stats.received,
            as_json(stats.reason_counts()) if stats.reasons else None,
        ),
    )


def finish_run(store: ArchiveStore, run_id: int, *, exit_status: int, at: datetime) -> None:
    """Record the end of a run."""
    store.db.execute(
        "UPDATE runs SET finished_at = ?, exit_status = ? WHERE id = ?", (format_utc(at), exit_status, run_id)
    )


def _mirror(store: ArchiveStore, source: Source, at: datetime) -> None:
    db = store.db
    values = {
        "name": clean_text(source.name),
        "home": source.home,
        "language": source.language,
        "timezone": source.timezone,
        "enabled": int(source.enabled),
        "tags": as_json(source.tags),
        "paused_until": source.paused_until.isoformat() if source.paused_until else None,
    }
    at_text = format_utc(at)
    row = db.execute(f"SELECT {', '.join(values)}, retired_at FROM sources WHERE id = ?", (source.id,)).fetchone()
    if row is None:
        insert_sealed(db, "sources", {"id": source.id, **values, "first_seen_at": at_text, "updated_at": at_text})
    elif tuple(row) != (*values.values(), None):
        names = ", ".join(f"{name} = ?" for name in values)
        db.execute(
            f"UPDATE sources SET {names}, updated_at = ?, retired_at = NULL WHERE id = ?",
            (*values.values(), at_text, source.id),
        )
        seal_row(db, "sources", source.id)
    for seed in source.seeds:
        db.execute(
            "INSERT INTO seeds (source_id, kind, url) VALUES (?, ?, ?)"
            " ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind, retired_at = NULL"
            " WHERE kind <> excluded.kind OR retired_at IS NOT NULL",
            (source.id, seed.kind, seed.url),
        )
    db.execute(
        "UPDATE seeds SET retired_at = ? WHERE source_id = ? AND retired_at IS NULL"
        " AND url NOT IN (SELECT value FROM json_each(?))",
        (at_text, source.id, as_json([seed.url for seed in source.seeds])),
    )
