"""Sources with their seeds, article counts and last runs, as `scrapy sources` and the monitor's dashboard show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.monitoring.source_states import SourceState, SourceStatus, source_statuses
from crawler.config.sources import Source
from crawler.reasons import description_of
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import parse_utc_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedOverview:
    """A seed of a source and its last poll."""

    kind: str
    url: str
    polled_at: datetime | None = None
    http_status: int | None = None
    outcome: str | None = None
    failures: int = 0
    error: str | None = None
    next_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOverview:
    """A source with its counts."""

    id: str
    name: str
    state: SourceState
    seeds: tuple[SeedOverview, ...] = ()
    articles: int = 0
    newest_at: datetime | None = None
    """When its newest article was first seen."""
    waiting: int = 0
    """Links that wait to be fetched."""
    last_run_at: datetime | None = None
    last_new: int = 0
    """New articles of the last run, read in full."""
    last_without_text: int = 0
    """New articles of the last run without their whole text."""
    last_failed: int = 0
    """Fetches of the last run that gave no article: blocked, failed, refused."""
    reason: str | None = None
    """Why the source is not OK; for one that is OK, the most frequent failure of its last run."""
    problems: tuple[str, ...] = ()
    """Kinds of its open problems."""
    next_due_at: datetime | None = None
    """None: now."""
    verified_on: str | None = None
    """The day on which a person last checked its seeds."""
    note: str | None = None
    tags: tuple[str, ...] = ()

    def is_due(self, now: datetime) -> bool:
        """Whether a seed can be polled now."""
        return self.next_due_at is None or self.next_due_at <= now


def source_overviews(sources: Sequence[Source], db: Connection | None, *, now: datetime) -> list[SourceOverview]:
    """The sources of sources.toml in their order, then those of the archive that are retired."""
    configured = {source.id: source for source in sources}
    seeds: dict[str, dict[str, SeedOverview]] = {}
    counts: dict[str, dict[str, Any]] = {}
    runs: dict[str, Row] = {}
    if db is not None:
        for row in db.execute("SELECT * FROM seeds"):
            seeds.setdefault(row["source_id"], {})[row["url"]] = from_row(SeedOverview, row)
        counts = _counts(db)
        runs = {row["source_id"]: row for row in db.execute(_LAST_RUNS)}
    return [
        _overview(status, configured.get(source_id), seeds.get(source_id, {}), runs.get(source_id), counts)
        for source_id, status in source_statuses(db, sources, now=now).items()
    ]


_LAST_RUNS = (
    "SELECT * FROM source_runs JOIN"
    " (SELECT source_id AS id, max(run_id) AS last FROM source_runs GROUP BY source_id)"
    " ON source_id = id AND run_id = last"
)


def _counts(db: Connection) -> dict[str, dict[str, Any]]:
    counts: dict[str, dict[str, Any]] = {}
    articles = (
        "SELECT source_id, count(*) AS articles, max(first_seen_at) AS newest_at FROM articles"
        " WHERE merged_into IS NULL AND latest_revision_id IS NOT NULL GROUP BY source_id"
    )
    for row in db.execute(articles):
        counts[row["source_id"]] = {"articles": row["articles"], "newest_at": parse_utc_or_none(row["newest_at"])}
    for row in db.execute(
        "SELECT source_id, count(*) AS waiting FROM queue WHERE state = 'waiting' GROUP BY source_id"
    ):
        counts.setdefault(row["source_id"], {})["waiting"] = row["waiting"]
    return counts


def _overview(
    status: SourceStatus,
    source: Source | None,
    known: dict[str, SeedOverview],
    run: Row | None,
    counts: dict[str, dict[str, Any]],
) -> SourceOverview:
    shared: dict[str, Any] = {
        "id": status.id,
        "name": status.name,
        "state": status.state,
        "problems": tuple(problem.kind for problem in status.problems),
        **counts.get(status.id, {}),
    }
    if source is None:
        return SourceOverview(reason="no longer in sources.toml", **shared)
    seeds = tuple(known.get(seed.url, SeedOverview(kind=seed.kind, url=seed.url)) for seed in source.seeds)
    due = [seed.next_poll_at for seed in seeds]
    return SourceOverview(
        seeds=seeds,
        reason=status.reason or _frequent_failure(run),
        last_run_at=parse_utc_or_none(run["started_at"]) if run is not None else None,
        last_new=run["new"] - run["without_text"] if run is not None else 0,
        last_without_text=run["without_text"] if run is not None else 0,
        last_failed=run["blocked"] + run["failed"] + run["refused"] if run is not None else 0,
        next_due_at=None if None in due else min(at for at in due if at is not None),
        verified_on=source.verified_on.isoformat() if source.verified_on else None,
        note=source.note,
        tags=source.tags,
        **shared,
    )


def _frequent_failure(run: Row | None) -> str | None:
    reasons = json.loads(run["reasons"]) if run is not None and run["reasons"] else {}
    return description_of(max(reasons, key=lambda code: reasons[code])) if reasons else None
