"""What is written of runs and sources: who crawled when, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from crawler.archive.store import Store
from crawler.archive.values import as_json, iso, iso_or_none, storable
from crawler.run import Tally
from crawler.sources import Source


def begin_run(
    store: Store, command: str, sources: Sequence[Source], *, retire: Sequence[str] | None, at: datetime
) -> int:
    """Mirror the sources, note that a run began; gives back its id. `retire` as in `mirror_sources`."""
    mirror_sources(store, sources, retire=retire, at=at)
    cursor = store.db.execute(
        "INSERT INTO runs (command, started_at, pid) VALUES (?, ?, ?)", (command, iso(at), os.getpid())
    )
    return int(cursor.lastrowid or 0)


def mirror_sources(store: Store, sources: Sequence[Source], *, retire: Sequence[str] | None, at: datetime) -> None:
    """Write what sources.toml says of sources and their ways.

    `retire` holds the ids of all sources in sources.toml: the others are marked as gone. None leaves them.
    """
    for source in sources:
        _mirror(store, source, at)
    if retire is not None:
        marks = ",".join("?" * len(retire))
        store.db.execute(
            f"UPDATE sources SET retired_at = ? WHERE retired_at IS NULL AND id NOT IN ({marks})",
            (iso(at), *retire),
        )


def finish_source(store: Store, run_id: int, source_id: str, tally: Tally) -> None:
    """What the run did for one source."""
    counts = tally.outcomes
    store.db.execute(
        "INSERT OR REPLACE INTO source_runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            run_id,
            source_id,
            iso_or_none(tally.started_at),
            iso_or_none(tally.finished_at),
            tally.links,
            counts["new"],
            counts["revised"],
            counts["unchanged"] + counts["not_modified"],
            counts["blocked"],
            counts["failed"] + counts["empty"] + counts["gone"],
            counts["refused"],
            tally.requests,
            tally.received,
            as_json(dict(tally.reasons)) if tally.reasons else None,
        ),
    )


def finish_run(store: Store, run_id: int, *, exit_status: int, at: datetime) -> None:
    """The run came to its end."""
    store.db.execute("UPDATE runs SET finished_at = ?, exit_status = ? WHERE id = ?", (iso(at), exit_status, run_id))


def _mirror(store: Store, source: Source, at: datetime) -> None:
    db = store.db
    values = (storable(source.name), source.home, source.language, source.timezone)
    row = db.execute(
        "SELECT name, home, language, timezone, retired_at FROM sources WHERE id = ?", (source.id,)
    ).fetchone()
    if row is None:
        db.execute("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", (source.id, *values, iso(at), iso(at)))
    elif tuple(row) != (*values, None):
        db.execute(
            "UPDATE sources SET name = ?, home = ?, language = ?, timezone = ?, updated_at = ?, retired_at = NULL"
            " WHERE id = ?",
            (*values, iso(at), source.id),
        )
    for way in source.ways:
        db.execute(
            "INSERT INTO ways (source_id, kind, url) VALUES (?, ?, ?)"
            " ON CONFLICT (source_id, url) DO UPDATE SET kind = excluded.kind WHERE kind <> excluded.kind",
            (source.id, way.kind, way.url),
        )
