"""The last part of a digest: which sources need attention and what was possibly missed; one line when all is well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from schedules.digest.content import DigestContent, MissedInterval, SourceProblem
from schedules.digest.subject import count_phrase, health_phrase, kind_word
from schedules.formatting.links import ArchiveLinks
from schedules.formatting.plain_text import one_line
from schedules.formatting.times import interval, lasting, local_time

OUTLET, LINE = 80, 300
"""Characters shown of an outlet's name and of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLine:
    """One thing to know."""

    outlet: str
    what: str
    detail: str
    advice: str = ""
    href: str | None = None
    """The outlet in the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    is_well: bool
    summary: str
    lines: tuple[HealthLine, ...]
    more: str
    """How many lines are left out, and what shows them; ""."""
    resolved: str


def health_view(content: DigestContent, zone: ZoneInfo, *, most: int) -> HealthView:
    """At most so many lines; the others are counted."""
    lines = list(_lines(content, zone, ArchiveLinks(content.archive_url)))
    hidden = len(lines) - most
    return HealthView(
        is_well=content.health.is_well,
        summary=_summary(content, zone),
        lines=tuple(lines[:most]),
        more=f"and {hidden:,} more: scrapy health, scrapy gaps" if hidden > 0 else "",
        resolved=_resolved(content.health.resolved, most),
    )


def _summary(content: DigestContent, zone: ZoneInfo) -> str:
    health = content.health
    phrase = health_phrase(health)
    last = health.last_read_at
    read = f", last read {local_time(last, zone, now=content.now)}" if last is not None else ""
    return phrase[:1].upper() + phrase[1:] + read + "."


def _lines(content: DigestContent, zone: ZoneInfo, archive: ArchiveLinks) -> Iterable[HealthLine]:
    health, now = content.health, content.now
    if health.is_stale:
        since = (
            f"since {local_time(health.last_read_at, zone, now=now)}" if health.last_read_at is not None else "so far"
        )
        yield HealthLine(
            outlet="All sources",
            what="not read",
            detail=f"Nothing was asked of any source {since}.",
            advice="See whether `scrapy crawl all` or `scrapy monitor` still runs.",
        )
    for trouble in health.troubles:
        yield _trouble(trouble, content, archive)
    for name in health.never_read:
        yield HealthLine(
            outlet=one_line(name, most=OUTLET), what="not read yet", detail="No crawl asked for it so far."
        )
    for gap in health.missed:
        yield _gap(gap, zone, content, archive)
    if health.unmatched:
        yield HealthLine(
            outlet="Topics",
            what=f"{count_phrase(health.unmatched, 'text')} not matched",
            detail="An alert may be missing.",
            advice="`scrapy topics` says which and why; they are tried again.",
        )


def _trouble(trouble: SourceProblem, content: DigestContent, archive: ArchiveLinks) -> HealthLine:
    of = f" ({one_line(trouble.what, most=120)})" if trouble.what else ""
    return HealthLine(
        outlet=one_line(trouble.outlet, most=OUTLET),
        what=f"{kind_word(trouble.kind)} for {lasting(content.now - trouble.since)}",
        detail=one_line(trouble.evidence, most=LINE) + of,
        advice=one_line(trouble.advice, most=LINE),
        href=archive.source(trouble.source),
    )


def _gap(gap: MissedInterval, zone: ZoneInfo, content: DigestContent, archive: ArchiveLinks) -> HealthLine:
    about = f", about {count_phrase(max(1, round(gap.missed)), 'article')}" if gap.missed is not None else ""
    why = one_line(f"Not repaired: {gap.why or 'no reason was noted'}.", most=LINE)
    return HealthLine(
        outlet=one_line(gap.outlet, most=OUTLET),
        what="gap",
        detail=f"{interval(gap.from_at, gap.until_at, zone, now=content.now)}: something may have been missed{about}.",
        advice="Repair is still being tried." if gap.is_open else why,
        href=archive.source(gap.source),
    )


def _resolved(resolved: Sequence[SourceProblem], most: int) -> str:
    if not resolved:
        return ""
    named = [f"{one_line(one.outlet, most=OUTLET)} (was {kind_word(one.kind)})" for one in resolved[:most]]
    more = f" and {len(resolved) - most:,} more" if len(resolved) > most else ""
    return f"Healed since: {', '.join(named)}{more}."
