"""The rules of a health check: from the facts of a source to its problems. Pure.

No rule disables a source. Each diagnosis has a start, evidence and advice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crawler.archive.monitoring.problems import Observation, ProblemKind
from crawler.reasons import REFUSED_BY_OUTLET, ReasonCode
from schedules.health.facts import SeedFacts, SourceFacts
from schedules.health.field_drift import find_drift

TRIED = 3
"""Consecutive failed polls that make a problem; with the back-off they span about an hour."""
BLOCKED_STATUSES = frozenset({401, 402, 403, 406, 429, 451})
"""HTTP statuses of a blocked request: not allowed, too many requests, not available in this country."""
RECENT_FETCHES = 20
"""Latest fetches in which blocks and failures are counted."""
LEAST_FETCHES = 5
"""Least number of fetches for a diagnosis, so that a few paywalls or galleries are not reported."""
MOST_BAD = 0.6
"""Share of failed fetches that makes a problem of the source."""
TIMES_USUAL = 3.0
"""The share must also be this many times the earlier share."""
NEARLY_ALL = 0.9
"""Share that is a problem even if it was as high before: a lasting problem stays open."""
STUCK_AFTER = 20
"""Articles listed by the other seeds of a source since one seed last listed a new one."""
AHEAD = timedelta(minutes=5)
"""Synchronised clocks differ by less; a cache may respond a minute late."""
FUTURE = timedelta(minutes=15)
"""Dates further in the future come from a wrong clock or time zone, not from early scheduling."""
LOST_SHARE = 0.2
"""Share of a document's entries that may be left out: feeds have a few promotions without a link."""
FUTURE_SHARE = 0.5
"""Share of the latest links dated in the future that makes a problem."""


def diagnose(view: SourceFacts, now: datetime, *, our_clock: timedelta | None = None) -> list[Observation]:
    """Return the problems of a source, the most severe first. `our_clock`: error of this machine's clock (`clock_error`)."""
    found = [*_seeds(view), *_pages(view)]
    grave = any(finding.kind in ("unreachable", "blocked") and finding.what == "" for finding in found)
    if not grave:
        found += _silence(view, now)
    found += _stuck(view, found, now)
    reported = {(finding.kind, finding.what) for finding in found}
    found += [one for one in _left_out(view) if (one.kind, one.what) not in reported]
    return [*found, *_moved(view, now), *_drift(view), *_clock(view, now, our_clock)]


# --- Seeds --------------------------------------------------------------------------------------------------------


def _seeds(view: SourceFacts) -> Iterator[Observation]:
    polled = [seed for seed in view.seeds if seed.polled_at is not None]
    failing = [
        (seed.failing_since, seed) for seed in polled if seed.failures >= TRIED and seed.failing_since is not None
    ]
    if not failing:
        return
    if len(failing) == len(polled):
        since, worst = min(failing, key=lambda pair: pair[0])
        yield _failing(
            worst, since, what="", of="all feeds, sitemaps and listings" if len(polled) > 1 else f"its {worst.kind}"
        )
    else:
        for since, seed in failing:
            yield _failing(seed, since, what=seed.url, of=f"its {seed.kind}")


def _failing(seed: SeedFacts, since: datetime, *, what: str, of: str) -> Observation:
    said = seed.error or (f"HTTP {seed.http_status}" if seed.http_status else "no response")
    evidence = f"{of}: {said}, {seed.failures} polls in a row ({seed.url})"
    if seed.http_status in BLOCKED_STATUSES or seed.reason_code in REFUSED_BY_OUTLET:
        advice = "set WIREWATCH_CONTACT, raise its delay, or ask the outlet for permission"
        return Observation(kind="blocked", since=since, evidence=evidence, advice=advice, what=what)
    if seed.http_status in (404, 410):
        advice = "the URL no longer exists: `scrapy sources add HOME` finds the current feeds, sitemaps and listings"
    elif seed.http_status is not None and seed.http_status < 400:
        advice = "it does not return a feed, sitemap or listing: open it in a browser, then run `scrapy sources check`"
    else:
        advice = "open it in a browser; if it works there, run `scrapy sources check`; most outages end without action"
    return Observation(kind="unreachable", since=since, evidence=evidence, advice=advice, what=what)


def _moved(view: SourceFacts, now: datetime) -> Iterator[Observation]:
    for seed in view.seeds:
        if seed.moved_to is not None and seed.moved_to != seed.url and not seed.failures:
            yield Observation(
                kind="moved",
                since=seed.polled_at or now,
                what=seed.url,
                evidence=_moved_evidence(seed),
                advice=f"replace {seed.url} with {seed.moved_to} in sources.toml",
            )


def _moved_evidence(seed: SeedFacts) -> str:
    if seed.reason_code == ReasonCode.MOVED:
        return f"its {seed.kind} {seed.url} is gone; it is read at its new address {seed.moved_to}"
    return f"its {seed.kind} {seed.url} is permanently redirected to {seed.moved_to}"


def _left_out(view: SourceFacts) -> Iterator[Observation]:
    """Documents with far fewer links than entries, or than before."""
    for seed in view.seeds:
        if seed.failures or seed.polled_at is None:
            continue
        if seed.reason_code == ReasonCode.SHRUNK:
            evidence = f"its {seed.kind} has far fewer links than usual: {seed.error} ({seed.url})"
            advice = "open it in a browser; after a redesign, set or change its selector"
        elif seed.lost > LOST_SHARE * seed.entries:
            evidence = f"{seed.lost} of {seed.entries} entries of its {seed.kind} did not become links ({seed.url})"
            advice = f"`scrapy extract {seed.url} --source {view.id}` shows them with the reasons"
        else:
            continue
        yield Observation(kind="extraction", since=seed.polled_at, what=seed.url, evidence=evidence, advice=advice)


def _stuck(view: SourceFacts, found: Sequence[Observation], now: datetime) -> Iterator[Observation]:
    """Find seeds without new articles while other seeds of the source have some, and seeds without any link."""
    reported = {finding.what for finding in found if finding.kind in ("unreachable", "blocked")}
    for seed in view.seeds:
        if seed.url in reported or "" in reported:
            continue
        if seed.note is not None and (seed.empty_since is not None or seed.gave_new_at is None):
            yield Observation(
                kind="extraction",
                since=seed.empty_since or seed.polled_at or now,
                what=seed.url,
                evidence=f"its {seed.kind} responds, but {seed.note} ({seed.url})",
                advice="change sources.toml; `scrapy sources check` shows how many links remain",
            )
        elif seed.empty_since is not None:
            yield Observation(
                kind="extraction",
                since=seed.empty_since,
                what=seed.url,
                evidence=f"its {seed.kind} responds, but no longer contains a link ({seed.url})",
                advice="open it in a browser; a listing may need a new selector, a page that needs JavaScript render = true",
            )
        elif seed.others_since >= STUCK_AFTER and seed.given >= STUCK_AFTER and seed.gave_new_at is not None:
            newest = f", its newest item is from {_day(seed.newest_at)}" if seed.newest_at else ""
            yield Observation(
                kind="stuck",
                since=seed.gave_new_at,
                what=seed.url,
                evidence=f"its {seed.kind} listed no new article while the others listed"
                f" {seed.others_since}{newest} ({seed.url})",
                advice="it may be abandoned: `scrapy sources add HOME` finds the current feeds, sitemaps and listings",
            )


def _silence(view: SourceFacts, now: datetime) -> Iterator[Observation]:
    if not view.silence.is_silent(view.a_week, now) or view.silence.quiet_since is None:
        return
    since = view.silence.quiet_since
    came = "none" if not view.came_since_quiet else f"only {view.came_since_quiet}"
    evidence = f"{came} new since {_minute(since)}; about {view.usual_since_quiet:.0f} are usual in that time"
    dated = [seed.newest_at for seed in view.seeds if seed.newest_at is not None]
    answering = [seed for seed in view.seeds if seed.polled_at is not None and not seed.failures]
    if dated and answering and not view.came_since_quiet:
        yield Observation(
            kind="stuck",
            since=since,
            evidence=f"{evidence}; it responds, but its newest item is from {_minute(max(dated))}",
            advice="open its home page: if there are newer articles, the feed is stuck; `scrapy sources add HOME` finds others",
        )
        return
    advice = "open its home page: if there are newer articles, run `scrapy sources check`; it may be a holiday"
    yield Observation(kind="silent", since=since, evidence=evidence, advice=advice)


# --- Pages --------------------------------------------------------------------------------------------------------


_PAGE_PROBLEMS: tuple[tuple[tuple[str, ...], ProblemKind, str, str], ...] = (
    (("blocked", "refused"), "blocked", "were blocked",
     "set WIREWATCH_CONTACT, raise its delay, or write to the outlet; render = true helps with JavaScript"),
    (("failed", "empty", "gone"), "extraction", "had no article text",
     "open one in a browser; a redesigned site may need selectors (docs/reference/sources.md)"),
    (("teaser",), "extraction", "showed only a teaser",
     "open one in a browser: if it shows the whole text, report the page; a paywall cannot be read"),
)  # fmt: skip
"""Outcomes of fetches, the problem that they make, its evidence and the advice; the first that applies is reported."""


def _pages(view: SourceFacts) -> Iterator[Observation]:
    total = sum(view.recent.values())
    if total < LEAST_FETCHES or view.recent_since is None:
        return
    reason = f": {view.recent_reason}" if view.recent_reason else ""
    for outcomes, kind, what, advice in _PAGE_PROBLEMS:
        if _is_worse(view, outcomes):
            bad = sum(view.recent.get(outcome, 0) for outcome in outcomes)
            evidence = f"{bad} of the last {total} pages {what}{reason}"
            yield Observation(kind=kind, since=view.recent_since, evidence=evidence, advice=advice)
            return


def _is_worse(view: SourceFacts, outcomes: Sequence[str]) -> bool:
    recent, before = _share(view.recent, outcomes), _share(view.earlier, outcomes)
    return recent >= MOST_BAD and recent >= min(TIMES_USUAL * before, NEARLY_ALL)


def _share(counts: Mapping[str, int], outcomes: Sequence[str]) -> float:
    total = sum(counts.values())
    return sum(counts.get(outcome, 0) for outcome in outcomes) / total if total else 0.0


def _drift(view: SourceFacts) -> Iterator[Observation]:
    if view.drift_since is None:
        return
    for drift in find_drift(view.earlier_fields, view.recent_fields):
        is_gone = drift.lost and drift.field in ("title", "text")
        yield Observation(
            kind="extraction" if is_gone else "drift",
            since=view.drift_since,
            what=drift.field,
            evidence=str(drift),
            advice=f"the site may have been redesigned: open a page and add a selector for {drift.field} to the source",
        )


# --- Clocks -------------------------------------------------------------------------------------------------------


def clock_error(ahead: Sequence[timedelta]) -> timedelta | None:
    """Return the error of this machine's clock, from one difference per source; None if the servers disagree.

    If most servers are ahead by the same time, this machine is wrong.
    """
    if len(ahead) < 3:
        return None
    ordered = sorted(ahead)
    middle = ordered[len(ordered) // 2]
    agreeing = [one for one in ordered if abs(one - middle) <= AHEAD]
    return middle if abs(middle) > AHEAD and len(agreeing) >= 0.7 * len(ordered) else None


def _clock(view: SourceFacts, now: datetime, ours: timedelta | None) -> Iterator[Observation]:
    if ours is None:
        ahead = [seed for seed in view.seeds if seed.ahead_seconds is not None]
        wrong = [seed for seed in ahead if abs(timedelta(seconds=seed.ahead_seconds or 0)) > AHEAD]
        if wrong and len(wrong) == len(ahead):
            seconds = wrong[0].ahead_seconds or 0
            yield Observation(
                kind="clock",
                since=now,
                what="server",
                evidence=f"its server's clock is {_span(seconds)} {'ahead of' if seconds > 0 else 'behind'} ours",
                advice="its times may be wrong by as much; if many sources have this problem, check the clock of this machine",
            )
    if (
        view.latest_links >= LEAST_FETCHES
        and view.future_links >= FUTURE_SHARE * view.latest_links
        and view.future_by is not None
    ):
        yield Observation(
            kind="clock",
            since=now,
            what="dates",
            evidence=f"{view.future_links} of its last {view.latest_links} items were dated in the future,"
            f" by {_span(round(view.future_by.total_seconds()))}",
            advice=f"check timezone = {view.timezone!r} in sources.toml: its dates may have no time zone or a wrong one",
        )


def _span(seconds: int) -> str:
    minutes = round(abs(seconds) / 60)
    return (
        f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h" if minutes < 2880 else f"{minutes / 1440:.0f} d"
    )


def _minute(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _day(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
