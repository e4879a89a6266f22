"""Record runs and mirror the configured sources."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_row
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.sqlite.connection import Connection, Row
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
    known = {row["id"]: row for row in store.db.execute("SELECT * FROM sources")}
    seeds: dict[str, dict[str, str]] = {}
    for row in store.db.execute("SELECT source_id, url, kind FROM seeds WHERE retired_at IS NULL"):
        seeds.setdefault(row["source_id"], {})[row["url"]] = row["kind"]
    named = {source.id for source in sources}
    for source in [*sources, *(one for one in configured or () if one.id in known and one.id not in named)]:
        _mirror_source(store.db, source, known.get(source.id), at)
        _mirror_seeds(store.db, source, seeds.get(source.id, {}), at)
    if configured is None:
        return
    for source_id in known.keys() - {source.id for source in configured}:
        if known[source_id]["retired_at"] is None:
            store.db.execute("UPDATE sources SET retired_at = ? WHERE id = ?", (format_utc(at), source_id))
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


def _mirror_source(db: Connection, source: Source, row: Row | None, at: datetime) -> None:
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
    if row is None:
        insert_sealed(db, "sources", {"id": source.id, **values, "first_seen_at": at_text, "updated_at": at_text})
    elif row["retired_at"] is not None or not values.items() <= dict(row).items():
        names = ", ".join(f"{name} = ?" for name in values)
        db.execute(
            f"UPDATE sources SET {names}, updated_at = ?, retired_at = NULL WHERE id = ?",
            (*values.values(), at_text, source.id),
        )
        seal_row(db, "sources", source.id)


def _mirror_seeds(db: Connection, source: Source, known: Mapping[str, str], at: datetime) -> None:
    """`known`: URL -> kind of its seeds that are not retired."""
    configured = {seed.url: seed.kind for seed in source.seeds}
    if configured == known:
        return
    db.executemany(
        "INSERT INTO seeds (source_id, kind, url) VALUES (?, ?, ?)"
        " ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind, retired_at = NULL"
        " WHERE kind <> excluded.kind OR retired_at IS NOT NULL",
        [(source.id, kind, url) for url, kind in configured.items()],
    )
    db.executemany(
        "UPDATE seeds SET retired_at = ? WHERE source_id = ? AND url = ?",
        [(format_utc(at), source.id, url) for url in known.keys() - configured.keys()],
    )
