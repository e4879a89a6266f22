"""The state of each source, computed in one place: commands, pages and digests show these words and counts.

    statuses = source_statuses(db, now=now)             # pages and digests: what the archive knows
    statuses = source_statuses(db, sources, now=now)    # commands: sources.toml decides what is disabled or retired
    statuses["gazette"].state                  # SourceState.FAILING; its value, "failing", is the word to show
    statuses["gazette"].problems               # its open problems; .failed_seeds and .reason say what is wrong
    summary = StateSummary.of(status.state for status in statuses.values())
    str(summary), summary.is_ok                # "3 of 5 sources OK, 1 failing, 1 never polled", False

Paused, disabled and retired sources are not counted in a summary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from crawler.archive.monitoring.problems import Problem, open_problems
from crawler.config.sources import Source
from crawler.grouping import grouped_by
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import parse_utc_or_none


class SourceState(str, Enum):
    """The state of a source, the most urgent first; where several apply, the first one."""

    BLOCKED = "blocked"
    """It refuses our requests: an open problem of kind blocked."""
    FAILING = "failing"
    """The last poll of a seed failed, or a problem of kind unreachable or extraction is open."""
    SILENT = "silent"
    """It publishes less than usual: an open problem of kind silent or stuck."""
    PROBLEM = "problem"
    """Another problem is open: moved, drift or clock."""
    NEVER_POLLED = "never polled"
    OK = "ok"
    PAUSED = "paused"
    """paused_until in sources.toml."""
    DISABLED = "disabled"
    """enabled = false in sources.toml."""
    RETIRED = "retired"
    """No longer in sources.toml."""

    @property
    def needs_attention(self) -> bool:
        """Whether something is wrong with the source."""
        return self in _WRONG

    @property
    def is_watched(self) -> bool:
        """Whether the source is polled: neither paused, disabled nor retired."""
        return self not in (SourceState.PAUSED, SourceState.DISABLED, SourceState.RETIRED)


_WRONG = (SourceState.BLOCKED, SourceState.FAILING, SourceState.SILENT, SourceState.PROBLEM)
_STATE_OF_PROBLEM = {
    "blocked": SourceState.BLOCKED,
    "unreachable": SourceState.FAILING,
    "extraction": SourceState.FAILING,
    "silent": SourceState.SILENT,
    "stuck": SourceState.SILENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSeed:
    """A seed whose last poll failed."""

    kind: str
    url: str
    failures: int
    """Consecutive failed polls."""
    error: str

    def __str__(self) -> str:
        polls = "poll" if self.failures == 1 else f"{self.failures} polls"
        return f"its {self.kind} failed at the last {polls}: {self.error} ({self.url})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """A source with its state and the causes of it."""

    id: str
    name: str
    state: SourceState
    problems: tuple[Problem, ...] = ()
    """Open problems, the oldest first."""
    failed_seeds: tuple[FailedSeed, ...] = ()
    """The seed with the most consecutive failures first."""
    polled_at: datetime | None = None
    """Time of the last poll; None: never polled."""
    paused_until: date | None = None
    """The day on which a paused source is polled again; None for others."""

    @property
    def reason(self) -> str | None:
        """One line: the problem that decides the state, else the failed seed; None for a source that is OK."""
        if self.state is SourceState.PAUSED:
            return f"paused until {self.paused_until} (paused_until in sources.toml)"
        deciding = [problem for problem in self.problems if state_of_problem(problem) is self.state]
        if deciding:
            return f"{deciding[0].kind}: {deciding[0].evidence}"
        return str(self.failed_seeds[0]) if self.failed_seeds and self.state is SourceState.FAILING else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSummary:
    """How many watched sources are in which state."""

    counts: Mapping[SourceState, int]

    @classmethod
    def of(cls, states: Iterable[SourceState]) -> StateSummary:
        """Count the states of watched sources."""
        return cls(counts=Counter(state for state in states if state.is_watched))

    @property
    def sources(self) -> int:
        """Watched sources."""
        return sum(self.counts.values())

    @property
    def is_ok(self) -> bool:
        """Whether all watched sources are OK."""
        return self.counts.get(SourceState.OK, 0) == self.sources

    @property
    def needs_attention(self) -> int:
        """Watched sources with something wrong."""
        return sum(number for state, number in self.counts.items() if state.needs_attention)

    def __str__(self) -> str:
        if not self.sources:
            return "no sources"
        if self.is_ok:
            return f"all {self.sources} sources OK" if self.sources > 1 else "1 source OK"
        others = [
            f"{self.counts[state]} {state.value}"
            for state in SourceState
            if state is not SourceState.OK and self.counts.get(state)
        ]
        noun = "source" if self.sources == 1 else "sources"
        return f"{self.counts.get(SourceState.OK, 0)} of {self.sources} {noun} OK, {', '.join(others)}"


def source_statuses(
    db: Connection | None, sources: Sequence[Source] | None = None, *, now: datetime
) -> dict[str, SourceStatus]:
    """Each source with its state, by ID: first those of `sources`, in their order, then the others of the archive by name.

    `sources` are all tables of sources.toml; without them, the archive's copy of the last crawl or health check counts.
    """
    rows = {row["id"]: row for row in db.execute("SELECT * FROM sources ORDER BY name, id")} if db is not None else {}
    seed_rows = db.execute("SELECT * FROM seeds ORDER BY failures DESC, id") if db is not None else ()
    seeds = grouped_by(seed_rows, lambda row: str(row["source_id"]))
    problems = grouped_by(open_problems(db) if db is not None else (), lambda problem: problem.source)
    configured = {source.id: source for source in sources or ()}
    return {
        source_id: _status(
            source_id, configured.get(source_id), rows.get(source_id), is_configured=sources is not None,
            seeds=seeds.get(source_id, ()), problems=tuple(problems.get(source_id, ())), now=now,
        )
        for source_id in [*configured, *(other for other in rows if other not in configured)]
    }  # fmt: skip


def _status(
    source_id: str,
    source: Source | None,
    row: Row | None,
    *,
    is_configured: bool,
    seeds: Sequence[Row],
    problems: tuple[Problem, ...],
    now: datetime,
) -> SourceStatus:
    """The state of a source. `is_configured`: the tables of sources.toml are known, `source` is its table if it has one."""
    if source is not None:
        name, enabled, retired, until = source.name, source.enabled, False, source.paused_until
        urls = {seed.url for seed in source.seeds}
        seeds = [seed for seed in seeds if seed["url"] in urls]
    else:
        assert row is not None
        name, enabled, retired = row["name"], bool(row["enabled"]), is_configured or row["retired_at"] is not None
        until = date.fromisoformat(row["paused_until"]) if row["paused_until"] else None
        seeds = [seed for seed in seeds if seed["retired_at"] is None]
    polled = [seed["polled_at"] for seed in seeds if seed["polled_at"] is not None]
    failed = tuple(
        FailedSeed(
            kind=seed["kind"],
            url=seed["url"],
            failures=seed["failures"],
            error=seed["error"] or (f"HTTP {seed['http_status']}" if seed["http_status"] else "no response"),
        )
        for seed in seeds
        if seed["failures"]
    )
    if retired or not enabled:
        state = SourceState.RETIRED if retired else SourceState.DISABLED
    elif until is not None and until > now.date():
        state = SourceState.PAUSED
    else:
        states = {state_of_problem(problem) for problem in problems}
        states.add(SourceState.FAILING if failed else SourceState.OK if polled else SourceState.NEVER_POLLED)
        state = next(one for one in SourceState if one in states)
    return SourceStatus(
        id=source_id,
        name=name,
        state=state,
        problems=problems,
        failed_seeds=failed,
        polled_at=parse_utc_or_none(max(polled, default=None)),
        paused_until=until if state is SourceState.PAUSED else None,
    )


def state_of_problem(problem: Problem) -> SourceState:
    """The state that an open problem puts its source into."""
    return _STATE_OF_PROBLEM.get(problem.kind, SourceState.PROBLEM)
