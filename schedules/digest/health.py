"""The health part of a digest: states of the sources, gaps, and what was resolved since the last digest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.crawl.coverage_queries import Gap
from crawler.archive.monitoring.problems import Problem
from crawler.archive.monitoring.source_states import SourceState, SourceStatus, StateSummary, state_of_problem
from schedules.digest.content import Health, HealthLine
from schedules.formatting.plain_text import count_phrase, interval, lasting, local_time, one_line

NO_CRAWL_AFTER = timedelta(hours=25)
"""Every source is polled at least once a day (docs/explanation/scheduling.md). After this time without a poll of any
source, no crawl runs any more."""
OUTLET, LINE = 80, 300
"""Characters shown of an outlet's name and of a sentence."""
_OTHER_PROBLEMS = {"drift": "missing fields", "clock": "wrong clock"}


def health_of(
    statuses: Mapping[str, SourceStatus],
    resolved: Sequence[Problem],
    gaps: Sequence[Gap],
    *,
    unmatched: int,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Health:
    """The health of the enabled sources.

    `resolved`: problems resolved since `since`. `gaps`: open ones, and closed ones, which are reported if they were closed
    since `since`. `unmatched`: revisions that a topic could not be matched with.
    """
    watched = {status.id: status for status in statuses.values() if status.state.is_watched}
    summary = StateSummary.of(status.state for status in watched.values())
    gaps = [gap for gap in gaps if gap.source in watched and (gap.resolved_at is None or gap.resolved_at >= since)]
    last = max((status.polled_at for status in watched.values() if status.polled_at is not None), default=None)
    is_stale = bool(watched) and (last is None or now - last > NO_CRAWL_AFTER)
    parts = [
        "no source was polled recently" if is_stale else str(summary),
        count_phrase(len(gaps), "gap") if gaps else "",
        f"{count_phrase(unmatched, 'article')} not matched" if unmatched else "",
    ]
    lines = [
        *(_stale(last, zone, now) if is_stale else ()),
        *(line for status in watched.values() for line in _status(status, now)),
        *(_gap(gap, watched[gap.source], zone, now) for gap in gaps),
        *(_unmatched(unmatched) if unmatched else ()),
    ]
    still_open = {(one.source, one.kind, one.what) for status in watched.values() for one in status.problems}
    return Health(
        phrase=", ".join(filter(None, parts)),
        last_polled_at=last,
        lines=tuple(lines),
        resolved=tuple(
            f"{_name(watched[one.source])} (was {problem_word(one)})"
            for one in resolved
            if one.source in watched and (one.source, one.kind, one.what) not in still_open
        ),
    )


def problem_word(problem: Problem) -> str:
    """The word for a problem: the state that it puts its source into, or its kind."""
    state = state_of_problem(problem)
    return _OTHER_PROBLEMS.get(problem.kind, problem.kind) if state is SourceState.PROBLEM else state.value


def _status(status: SourceStatus, now: datetime) -> Iterator[HealthLine]:
    """One line for each problem of a source; without problems, one if it is failing or was never polled."""
    for problem in status.problems:
        what = f" ({one_line(problem.what, most=120)})" if problem.what else ""
        yield HealthLine(
            outlet=_name(status),
            what=f"{problem_word(problem)} for {lasting(now - problem.since)}",
            detail=f"{one_line(problem.evidence, most=LINE)}{what}.",
            advice=_sentence(one_line(problem.advice, most=LINE)),
            source=status.id,
        )
    if not status.problems and status.state is not SourceState.OK:
        detail = one_line(status.reason, most=LINE) or "No crawl has polled it yet"
        yield HealthLine(outlet=_name(status), what=status.state.value, detail=f"{detail}.", source=status.id)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _stale(last: datetime | None, zone: ZoneInfo, now: datetime) -> Iterator[HealthLine]:
    since = f"since {local_time(last, zone, now=now)}" if last is not None else "yet"
    yield HealthLine(
        outlet="All sources",
        what="not polled",
        detail=f"No source was polled {since}.",
        advice="Check that `scrapy crawl all` or `scrapy monitor` is running.",
    )


def _gap(gap: Gap, status: SourceStatus, zone: ZoneInfo, now: datetime) -> HealthLine:
    about = f", about {count_phrase(max(1, round(gap.missed)), 'article')}" if gap.missed is not None else ""
    not_repaired = one_line(f"Not repaired: {gap.resolution or 'no reason was recorded'}.", most=LINE)
    return HealthLine(
        outlet=_name(status),
        what="gap",
        detail=f"{interval(gap.from_at, gap.until_at, zone, now=now)}: articles may have been missed{about}.",
        advice="Wirewatch is still trying to repair it." if gap.state == "open" else not_repaired,
        source=gap.source,
    )


def _unmatched(number: int) -> Iterator[HealthLine]:
    yield HealthLine(
        outlet="Topics",
        what=f"{count_phrase(number, 'article')} not matched",
        detail="An alert may be missing.",
        advice="`scrapy topics` shows which and why; they are tried again.",
    )


def _name(status: SourceStatus) -> str:
    return one_line(status.name, most=OUTLET)
