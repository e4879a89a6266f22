"""How each source is doing: what sources.toml says, and what the archive knows of it. Reads only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from crawler.config.sources import Source
from crawler.reasons import description_of
from crawler.sqlite.values import parse_utc_or_none

if TYPE_CHECKING:
    from crawler.sqlite.connection import Connection

SourceStateLabel = Literal["never crawled", "ok", "failing", "off", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedStatus:
    """One way into a source."""

    kind: str
    url: str
    polled_at: datetime | None = None
    http_status: int | None = None
    outcome: str | None = None
    failures: int = 0
    error: str | None = None
    next_poll_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """One source, as `scrapy sources` shows it."""

    id: str
    name: str
    state: SourceStateLabel
    seeds: tuple[SeedStatus, ...] = ()
    articles: int = 0
    newest_at: datetime | None = None
    """When its newest article was first seen."""
    waiting: int = 0
    """URLs that wait to be fetched."""
    last_run_at: datetime | None = None
    last_new: int = 0
    last_failed: int = 0
    """Articles that the last run could not read: blocked, failed, refused."""
    reason: str | None = None
    """The most frequent reason of the last run's failures, or the fault of a failing way."""
    next_due_at: datetime | None = None
    """None: now."""
    verified_on: str | None = None
    """The day on which a person saw its ways work."""
    note: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        plain = {name: _plain(getattr(self, name)) for name in self.__slots__ if name != "seeds"}
        return {
            **plain,
            "seeds": [{name: _plain(getattr(seed, name)) for name in seed.__slots__} for seed in self.seeds],
        }


def states(sources: Sequence[Source], db: Connection | None) -> list[SourceState]:
    """In the order of sources.toml; then those that the archive holds and the file does not."""
    if db is None:
        return [_state(source, {}, None, {}) for source in sources]
    seeds: dict[str, dict[str, SeedStatus]] = {}
    for row in db.execute("SELECT * FROM seeds"):
        seeds.setdefault(row["source_id"], {})[row["url"]] = _seed_status(row)
    counts = _counts(db)
    runs = {row["source_id"]: row for row in db.execute(_LAST_RUNS)}
    found = [
        _state(source, seeds.get(source.id, {}), runs.get(source.id), counts.get(source.id, {})) for source in sources
    ]
    known = {source.id for source in sources}
    rows = db.execute("SELECT id, name FROM sources ORDER BY id").fetchall()
    gone = [row for row in rows if row["id"] not in known]
    return found + [_retired(row["id"], row["name"], counts.get(row["id"], {})) for row in gone]


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


def _state(source: Source, known: dict[str, SeedStatus], run: Any, counts: dict[str, Any]) -> SourceState:
    seeds = tuple(known.get(seed.url, SeedStatus(kind=seed.kind, url=seed.url)) for seed in source.seeds)
    polled = [seed for seed in seeds if seed.polled_at is not None]
    failing = [seed for seed in seeds if seed.failures]
    due = [seed.next_poll_at for seed in seeds]
    reasons = json.loads(run["reasons"]) if run is not None and run["reasons"] else {}
    return SourceState(
        id=source.id,
        name=source.name,
        state="off" if not source.enabled else "never crawled" if not polled else "failing" if failing else "ok",
        seeds=seeds,
        last_run_at=parse_utc_or_none(run["started_at"]) if run is not None else None,
        last_new=run["new"] if run is not None else 0,
        last_failed=run["blocked"] + run["failed"] + run["refused"] if run is not None else 0,
        reason=_reason(failing, reasons),
        next_due_at=None if None in due else min(time for time in due if time is not None),
        verified_on=source.verified_on.isoformat() if source.verified_on else None,
        note=source.note,
        **counts,
    )


def _reason(failing: Sequence[SeedStatus], reasons: dict[str, int]) -> str | None:
    if failing:
        worst = max(failing, key=lambda seed: seed.failures)
        return f"{worst.kind} {worst.url}: {worst.error or worst.outcome} ({worst.failures} in a row)"
    return description_of(max(reasons, key=lambda code: reasons[code])) if reasons else None


def state_reasons(found: Sequence[SourceState]) -> list[str]:
    """Why what does not do well does not, one line each."""
    return [f"{state.id}: {state.reason}" for state in found if state.reason and state.state != "retired"]


def _retired(source_id: str, name: str, counts: dict[str, Any]) -> SourceState:
    return SourceState(id=source_id, name=name, state="retired", reason="no longer in sources.toml", **counts)


def _seed_status(row: Any) -> SeedStatus:
    return SeedStatus(
        kind=row["kind"],
        url=row["url"],
        polled_at=parse_utc_or_none(row["polled_at"]),
        http_status=row["http_status"],
        outcome=row["outcome"],
        failures=row["failures"],
        error=row["error"],
        next_poll_at=parse_utc_or_none(row["next_poll_at"]),
    )


def _plain(value: Any) -> Any:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value


def span_ago(at: datetime | None, now: datetime) -> str:
    """ "5 min ago", "in 2 h", "3 d ago"; "–" for never."""
    if at is None:
        return "–"
    seconds = (now - at).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= length:
            reported = f"{int(size // length)} {unit}"
            return f"{reported} ago" if seconds > 0 else f"in {reported}"
    return "now"
