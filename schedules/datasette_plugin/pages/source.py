"""The sources: how each does, its rhythm through the week, and where something may have been missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup

from crawler.archive.monitoring.source_states import SourceState, SourceStatus, source_statuses
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, parse_utc
from schedules.datasette_plugin.rendering.svg_charts import Stretch, sparkline, timeline, week_chart

SPAN = timedelta(days=14)
"""Of the gap drawing: a fortnight shows a week's rhythm twice."""
_STATES = {
    "complete": "complete: each poll met what was known",
    "open": "open: something was possibly missed, repair is tried",
    "repaired": "repaired",
    "unresolved": "standing: could not be repaired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedTimeline:
    """One feed, sitemap or listing with its line of the gap ledger."""

    seed: Mapping[str, Any]
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """One outlet."""

    source: Mapping[str, Any]
    state: SourceState
    """A word, never a colour alone."""
    seeds: tuple[SeedTimeline, ...]
    pace: tuple[float | None, ...]
    """Articles an hour, of all ways together at most: 168 hours from Monday."""
    problems: tuple[Mapping[str, Any], ...]
    gaps: tuple[Mapping[str, Any], ...]
    articles: int
    recent: int
    """Articles of the last 24 hours."""
    newest_at: str | None
    waiting: int
    latest: tuple[Mapping[str, Any], ...] = ()
    runs: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A source with its drawings."""

    view: SourcePage
    publication_rate: Markup
    """The hours of its week, each a cell; in the list of all sources, where it would be too much, a line."""
    gaps: tuple[tuple[SeedTimeline, Markup], ...]


def drawn(view: SourcePage, now: datetime, *, small: bool = False) -> Drawn:
    """Rhythm and gaps as SVG."""
    title = f"Articles an hour of {view.source['name']}, by the hours of its week"
    return Drawn(
        view=view,
        publication_rate=sparkline(view.pace, title=title) if small else week_chart(view.pace, title=title),
        gaps=tuple((seed, _line(seed, now)) for seed in view.seeds),
    )


def _line(seed: SeedTimeline, now: datetime) -> Markup:
    title = f"{seed.seed['kind']} {seed.seed['url']}, {SPAN.days} days"
    return timeline(seed.stretches, start=now - SPAN, end=now, title=title)


def read_sources(db: Connection, now: datetime) -> list[SourcePage]:
    """All of them: those with something wrong first."""
    statuses = source_statuses(db)
    found = [
        _view(db, dict(row), statuses[row["id"]], now)
        for row in db.execute("SELECT * FROM sources ORDER BY name").fetchall()
    ]
    order = list(SourceState)
    return sorted(found, key=lambda view: order.index(view.state))


def read_source(db: Connection, source_id: str, now: datetime) -> SourcePage | None:
    row = db.execute("SELECT * FROM sources WHERE id = ?", (source_id,)).fetchone()
    return _view(db, dict(row), source_statuses(db)[source_id], now, whole=True) if row is not None else None


def _view(
    db: Connection, source: dict[str, Any], status: SourceStatus, now: datetime, *, whole: bool = False
) -> SourcePage:
    source_id = source["id"]
    problems = [
        dict(row)
        for row in db.execute(
            "SELECT * FROM problems WHERE source_id = ? AND resolved_at IS NULL ORDER BY since", (source_id,)
        )
    ]
    seeds = tuple(_seed(db, dict(row), now) for row in db.execute(_SEEDS, (source_id,)).fetchall())
    return SourcePage(
        source=source,
        state=status.state,
        seeds=seeds,
        pace=_pace(db, source_id),
        problems=tuple(problems),
        gaps=tuple(_gaps(db, source_id)) if whole else (),
        articles=_one(db, "SELECT count(*) FROM articles WHERE source_id = ?", source_id),
        recent=_one(
            db,
            "SELECT count(*) FROM articles WHERE source_id = ? AND first_seen_at >= ?",
            source_id,
            format_utc(now - timedelta(days=1)),
        ),
        newest_at=_one(db, "SELECT max(first_seen_at) FROM articles WHERE source_id = ?", source_id),
        waiting=_one(db, "SELECT count(*) FROM queue WHERE source_id = ? AND state = 'waiting'", source_id),
        latest=tuple(_latest(db, source_id)) if whole else (),
        runs=tuple(_runs(db, source_id)) if whole else (),
    )


_SEEDS = """
SELECT w.*, p.document_at, p.gave_new_at, p.failing_since, p.items, p.newest_at FROM seeds w
LEFT JOIN seed_activity p ON p.seed_id = w.id WHERE w.source_id = ? ORDER BY w.kind, w.id
"""


def _one(db: Connection, sql: str, *values: object) -> Any:
    return db.execute(sql, values).fetchone()[0]


def _seed(db: Connection, seed: dict[str, Any], now: datetime) -> SeedTimeline:
    rows = db.execute(
        "SELECT from_at, until_at, state, missed, found FROM coverage WHERE seed_id = ? AND until_at >= ? ORDER BY from_at",
        (seed["id"], format_utc(now - SPAN)),
    )
    return SeedTimeline(seed=seed, stretches=tuple(_stretch(row) for row in rows))


def _stretch(row: Mapping[str, Any]) -> Stretch:
    missed = f", some {row['missed']:.0f} articles" if row["missed"] else ""
    words = f"{row['from_at'][:16]} to {row['until_at'][:16]} UTC, {_STATES.get(row['state'], row['state'])}{missed}"
    return Stretch(start=parse_utc(row["from_at"]), end=parse_utc(row["until_at"]), state=row["state"], words=words)


def _pace(db: Connection, source_id: str) -> tuple[float | None, ...]:
    """The busiest way of each hour: ways of one source carry the same articles, so they are not added up."""
    rows = db.execute(
        "SELECT r.hour, max(r.arrivals / r.hours) FROM seeds w JOIN publication_rates r ON r.seed_id = w.id"
        " WHERE w.source_id = ? AND r.hours > 0 GROUP BY r.hour",
        (source_id,),
    )
    known = {row[0]: row[1] for row in rows}
    return tuple(known.get(hour) for hour in range(168))


def _gaps(db: Connection, source_id: str) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT c.*, w.url AS seed FROM coverage c JOIN seeds w ON w.id = c.seed_id"
        " WHERE c.source_id = ? AND c.state <> 'complete' ORDER BY c.from_at DESC LIMIT 30",
        (source_id,),
    )
    return [dict(row) for row in rows]


def _latest(db: Connection, source_id: str) -> list[dict[str, Any]]:
    rows = db.execute(
        "SELECT a.id, a.first_seen_at, a.revision_count, r.title, r.byline, r.language, r.status FROM articles a"
        " JOIN revisions r ON r.id = a.latest_revision_id WHERE a.source_id = ? AND a.merged_into IS NULL"
        " ORDER BY a.first_seen_at DESC, a.id DESC LIMIT 20",
        (source_id,),
    )
    return [dict(row) for row in rows]


def _runs(db: Connection, source_id: str) -> list[dict[str, Any]]:
    rows = db.execute("SELECT * FROM source_runs WHERE source_id = ? ORDER BY run_id DESC LIMIT 10", (source_id,))
    return [dict(row) for row in rows]
