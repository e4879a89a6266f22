"""What is written of runs and sources: who crawled when, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.sqlite.values import as_json, clean_text, format_utc, format_utc_or_none
from crawler.stats import SourceStats


def begin_run(
    store: ArchiveStore, command: str, sources: Sequence[Source], *, retire: Sequence[str] | None, at: datetime
) -> int:
    """Mirror the sources, note that a run began; gives back its id. `retire` as in `mirror_sources`."""
    mirror_sources(store, sources, retire=retire, at=at)
    cursor = store.db.execute(
        "INSERT INTO runs (command, started_at, pid) VALUES (?, ?, ?)", (command, format_utc(at), os.getpid())
    )
    return int(cursor.lastrowid or 0)


def mirror_sources(
    store: ArchiveStore, sources: Sequence[Source], *, retire: Sequence[str] | None, at: datetime
) -> None:
    """Write what sources.toml says of sources and their ways.

    `retire` holds the ids of all sources in sources.toml: the others are marked as gone. None leaves them.
    """
    for source in sources:
        _mirror(store, source, at)
    if retire is not None:
        marks = ",".join("?" * len(retire))
        store.db.execute(
            f"UPDATE sources SET retired_at = ? WHERE retired_at IS NULL AND id NOT IN ({marks})",
            (format_utc(at), *retire),
        )


def finish_source(store: ArchiveStore, run_id: int, source_id: str, stats: SourceStats) -> None:
    """What the run did for one source."""
    counts = stats.outcomes
    store.db.execute(
        "INSERT OR REPLACE INTO source_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            source_id,
            format_utc_or_none(stats.started_at),
            format_utc_or_none(stats.finished_at),
            stats.links,
            counts["new"],
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
    """The run came to its end."""
    store.db.execute(
        "UPDATE runs SET finished_at = ?, exit_status = ? WHERE id = ?", (format_utc(at), exit_status, run_id)
    )


def _mirror(store: ArchiveStore, source: Source, at: datetime) -> None:
    db = store.db
    values = (clean_text(source.name), source.home, source.language, source.timezone)
    row = db.execute(
        "SELECT name, home, language, timezone, retired_at FROM sources WHERE id = ?", (source.id,)
    ).fetchone()
    if row is None:
        db.execute(
            "INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            (source.id, *values, format_utc(at), format_utc(at)),
        )
    elif tuple(row) != (*values, None):
        db.execute(
            "UPDATE sources SET name = ?, home = ?, language = ?, timezone = ?, updated_at = ?, retired_at = NULL"
            " WHERE id = ?",
            (*values, format_utc(at), source.id),
        )
    for seed in source.seeds:
        db.execute(
            "INSERT INTO seeds (source_id, kind, url) VALUES (?, ?, ?)"
            " ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind WHERE kind <> excluded.kind",
            (source.id, seed.kind, seed.url),
        )
