"""The health part of a digest: problems of sources, gaps, and what was resolved since the last digest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.crawl.coverage import Gap
from crawler.archive.delivery.digest_queries import SourcePollState
from crawler.archive.monitoring.problems import Problem
from schedules.digest.content import Health, HealthLine
from schedules.formatting.plain_text import count_phrase, one_line
from schedules.formatting.times import interval, lasting, local_time

NO_CRAWL_AFTER = timedelta(hours=25)
"""Every source is polled at least once a day (docs/explanation/scheduling.md). After this time without a poll of any
source, no crawl runs any more."""
OUTLET, LINE = 80, 300
"""Characters shown of an outlet's name and of a sentence."""
_KINDS = {
    "unreachable": "failing",
    "extraction": "not readable",
    "drift": "with missing fields",
    "clock": "with a wrong clock",
}


def health_of(
    sources: Sequence[SourcePollState],
    problems: Sequence[Problem],
    resolved: Sequence[Problem],
    gaps: Sequence[Gap],
    *,
    names: Mapping[str, str],
    unmatched: int,
    since: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> Health:
    """The health of the sources in sources.toml.

    `problems`: open ones. `resolved`: those resolved since `since`. `gaps`: open ones, and those resolved or closed; the
    latter are reported if that happened since `since`. `unmatched`: revisions that a topic could not be matched with.
    """
    watched = {source.id for source in sources}
    problems = [problem for problem in problems if problem.source in watched]
    gaps = [gap for gap in gaps if gap.source in watched and (gap.resolved_at is None or gap.resolved_at >= since)]
    new = [source.name for source in sources if source.polled_at is None]
    last = max((source.polled_at for source in sources if source.polled_at is not None), default=None)
    is_stale = bool(sources) and (last is None or now - last > NO_CRAWL_AFTER)
    open_ones = {(problem.source, problem.kind, problem.what) for problem in problems}
    lines = [
        *(_stale(last, zone, now) if is_stale else ()),
        *(_problem(problem, names, now) for problem in problems),
        *(_new(name) for name in new),
        *(_gap(gap, names, zone, now) for gap in gaps),
        *(_unmatched(unmatched) if unmatched else ()),
    ]  # fmt: skip
    return Health(
        phrase=_phrase(len(sources), problems, len(new), len(gaps), unmatched, is_stale=is_stale),
        last_polled_at=last,
        lines=tuple(lines),
        resolved=tuple(
            f"{_name(one.source, names)} (was {kind_word(one.kind)})"
            for one in resolved
            if one.source in watched and (one.source, one.kind, one.what) not in open_ones
        ),
    )


def kind_word(kind: str) -> str:
    """The word for a problem's kind that follows the outlet's name."""
    return _KINDS.get(kind, kind)


def _phrase(sources: int, problems: Sequence[Problem], new: int, gaps: int, unmatched: int, *, is_stale: bool) -> str:
    if not sources:
        return "no sources are enabled"
    if is_stale:
        return "no source was polled recently"
    kinds = {kind_word(problem.kind) for problem in problems} | ({"not polled yet"} if new else set())
    affected = len({problem.source for problem in problems}) + new
    state = kinds.pop() if len(kinds) == 1 else "with problems"
    parts = [
        f"{affected} of {count_phrase(sources, 'source')} {state}" if affected else "",
        count_phrase(gaps, "gap") if gaps else "",
        f"{count_phrase(unmatched, 'article')} not matched" if unmatched else "",
    ]  # fmt: skip
    healthy = "the source is OK" if sources == 1 else f"all {sources} sources OK"
    return ", ".join(filter(None, parts)) or healthy


def _stale(last: datetime | None, zone: ZoneInfo, now: datetime) -> Iterator[HealthLine]:
    since = f"since {local_time(last, zone, now=now)}" if last is not None else "yet"
    yield HealthLine(
        outlet="All sources",
        what="not polled",
        detail=f"No source was polled {since}.",
        advice="Check that `scrapy crawl all` or `scrapy monitor` is running.",
    )


def _new(name: str) -> HealthLine:
    return HealthLine(outlet=one_line(name, most=OUTLET), what="not polled yet", detail="No crawl has polled it yet.")


def _problem(problem: Problem, names: Mapping[str, str], now: datetime) -> HealthLine:
    what = f" ({one_line(problem.what, most=120)})" if problem.what else ""
    return HealthLine(
        outlet=_name(problem.source, names),
        what=f"{kind_word(problem.kind)} for {lasting(now - problem.since)}",
        detail=one_line(problem.evidence, most=LINE) + what,
        advice=one_line(problem.advice, most=LINE),
        source=problem.source,
    )


def _gap(gap: Gap, names: Mapping[str, str], zone: ZoneInfo, now: datetime) -> HealthLine:
    about = f", about {count_phrase(max(1, round(gap.missed)), 'article')}" if gap.missed is not None else ""
    not_repaired = one_line(f"Not repaired: {gap.resolution or 'no reason was recorded'}.", most=LINE)
    return HealthLine(
        outlet=_name(gap.source, names),
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


def _name(source: str, names: Mapping[str, str]) -> str:
    return one_line(names.get(source, source), most=OUTLET)
