"""How the sources are, as a digest says it: what is wrong, what healed, what was possibly missed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from crawler.archive.crawl.coverage import Gap
from crawler.archive.delivery.digest_queries import SourcePollState
from crawler.archive.monitoring.problems import Problem
from schedules.digest.content import Health, MissedInterval, SourceProblem

NO_CRAWL_AFTER = timedelta(hours=25)
"""Every source is asked at least once a day (docs/explanation/scheduling.md): where none was for longer, no crawl ran."""


def health_of(
    sources: Sequence[SourcePollState],
    problems: Sequence[Problem],
    closed: Sequence[Problem],
    found_gaps: Sequence[Gap],
    *,
    names: Mapping[str, str],
    unmatched: int,
    since: datetime,
    now: datetime,
) -> Health:
    """How the sources are: what is wrong now, what healed since the last digest, and what was possibly missed."""
    watched = {source.id for source in sources}
    polled = [source.polled_at for source in sources if source.polled_at is not None]
    last_read = max(polled, default=None)
    still = {(problem.source, problem.kind, problem.what) for problem in problems}
    return Health(
        sources=len(sources),
        troubles=tuple(_trouble(problem, names) for problem in problems if problem.source in watched),
        resolved=tuple(
            _trouble(problem, names)
            for problem in closed
            if problem.source in watched and (problem.source, problem.kind, problem.what) not in still
        ),
        missed=tuple(
            MissedInterval(
                source=gap.source,
                outlet=names.get(gap.source, gap.source),
                from_at=gap.from_at,
                until_at=gap.until_at,
                missed=gap.missed,
                is_open=gap.state == "open",
                why=gap.resolution,
            )
            for gap in found_gaps
            if gap.source in watched and (gap.resolved_at is None or gap.resolved_at >= since)
        ),
        never_read=tuple(source.name for source in sources if source.polled_at is None),
        unmatched=unmatched,
        last_read_at=last_read,
        is_stale=bool(sources) and (last_read is None or now - last_read > NO_CRAWL_AFTER),
    )


def _trouble(problem: Problem, names: Mapping[str, str]) -> SourceProblem:
    return SourceProblem(
        problem_id=problem.id,
        source=problem.source,
        outlet=names.get(problem.source, problem.source),
        kind=problem.kind,
        what=problem.what,
        since=problem.since,
        evidence=problem.evidence,
        advice=problem.advice,
    )
