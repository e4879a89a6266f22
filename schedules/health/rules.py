"""What is wrong with a source: rules over what the archive knows of it. Pure; handed `now`.

Nothing here switches a source off. Each finding says since when, by what it is seen, and what a person can try.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from crawler.reasons import REFUSED_BY_OUTLET, ReasonCode
from schedules.health.facts import Diagnosis, SeedFacts, SourceFacts
from schedules.health.field_drift import find_drift

TRIED = 3
"""Failed polls in a row from which a way is more than unlucky: with the back-off they span about an hour."""
BLOCKED_STATUSES = frozenset({401, 402, 403, 406, 429, 451})
"""Answers that mean us: not allowed, too many, not in your country."""
RECENT_FETCHES = 20
"""Latest attempts at articles by which blocks and failures are judged."""
LEAST_FETCHES = 5
"""Below so many nothing is said: a few paywalls or galleries are no trend."""
MOST_BAD = 0.6
"""Share of them from which something is wrong with the source rather than with its pages."""
TIMES_USUAL = 3.0
"""And so many times the share of the attempts before."""
NEARLY_ALL = 0.9
"""Share from which something is wrong although it was so before: a trouble that lasts is not healed."""
STUCK_AFTER = 20
"""Articles that the other ways of a source brought while one way's newest stayed the same."""
AHEAD = timedelta(minutes=5)
"""Clocks differ by less where they are set at all; a publisher's cache may answer a minute late."""
FUTURE = timedelta(minutes=15)
"""Articles dated later than this in the future were given a wrong clock or zone, not scheduled a little early."""
LOST_SHARE = 0.2
"""Share of a document's entries that may be left out: feeds have a few promotions without a link."""
FUTURE_SHARE = 0.5
"""Share of the latest links that are dated so."""


def diagnose(view: SourceFacts, now: datetime, *, our_clock: timedelta | None = None) -> list[Diagnosis]:
    """What is wrong with a source, the gravest first. `our_clock`: by how much ours seems to be off (`clock_error`)."""
    found = [*_seeds(view), *_pages(view)]
    grave = any(finding.kind in ("unreachable", "blocked") and finding.what == "" for finding in found)
    if not grave:
        found += _silence(view, now)
    found += _stuck(view, found, now)
    reported = {(finding.kind, finding.what) for finding in found}
    found += [one for one in _left_out(view) if (one.kind, one.what) not in reported]
    return [*found, *_moved(view, now), *_drift(view), *_clock(view, now, our_clock)]


# --- Ways ---------------------------------------------------------------------------------------------------------


def _seeds(view: SourceFacts) -> Iterator[Diagnosis]:
    polled = [seed for seed in view.seeds if seed.polled_at is not None]
    failing = [
        (seed.failing_since, seed) for seed in polled if seed.failures >= TRIED and seed.failing_since is not None
    ]
    if not failing:
        return
    if len(failing) == len(polled):
        since, worst = min(failing, key=lambda pair: pair[0])
        yield _failing(worst, since, what="", of="all ways in" if len(polled) > 1 else f"its {worst.kind}")
    else:
        for since, seed in failing:
            yield _failing(seed, since, what=seed.url, of=f"its {seed.kind}")


def _failing(seed: SeedFacts, since: datetime, *, what: str, of: str) -> Diagnosis:
    said = seed.error or (f"HTTP {seed.http_status}" if seed.http_status else "no answer")
    evidence = f"{of}: {said}, {seed.failures} polls in a row ({seed.url})"
    if seed.http_status in BLOCKED_STATUSES or seed.reason_code in REFUSED_BY_OUTLET:
        advice = "set WIREWATCH_CONTACT, raise its delay, or write to the outlet and ask for leave"
        return Diagnosis(kind="blocked", since=since, evidence=evidence, advice=advice, what=what)
    if seed.http_status in (404, 410):
        advice = "it is gone from there: `scrapy sources add HOME` finds the ways in of today"
    elif seed.http_status is not None and seed.http_status < 400:
        advice = "it answers, but not with what it should: open it in a browser, then `scrapy sources check`"
    else:
        advice = "open it in a browser; if it works there, `scrapy sources check`; outages end by themselves"
    return Diagnosis(kind="unreachable", since=since, evidence=evidence, advice=advice, what=what)


def _moved(view: SourceFacts, now: datetime) -> Iterator[Diagnosis]:
    for seed in view.seeds:
        if seed.moved_to is not None and seed.moved_to != seed.url:
            yield Diagnosis(
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


def _left_out(view: SourceFacts) -> Iterator[Diagnosis]:
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
        yield Diagnosis(kind="extraction", since=seed.polled_at, what=seed.url, evidence=evidence, advice=advice)


def _stuck(view: SourceFacts, found: Sequence[Diagnosis], now: datetime) -> Iterator[Diagnosis]:
    """A way that answers as ever, with nothing new in it, while the others go on; or with nothing at all."""
    reported = {finding.what for finding in found if finding.kind in ("unreachable", "blocked")}
    for seed in view.seeds:
        if seed.url in reported or "" in reported:
            continue
        if seed.note is not None and (seed.empty_since is not None or seed.gave_new_at is None):
            yield Diagnosis(
                kind="extraction",
                since=seed.empty_since or seed.polled_at or now,
                what=seed.url,
                evidence=f"its {seed.kind} answers, but {seed.note} ({seed.url})",
                advice="`scrapy sources check` after a change of sources.toml shows how many links are left",
            )
        elif seed.empty_since is not None:
            yield Diagnosis(
                kind="extraction",
                since=seed.empty_since,
                what=seed.url,
                evidence=f"its {seed.kind} answers, but no link is found in it any more ({seed.url})",
                advice="open it in a browser; a listing may need a new selector, a page of scripts render = true",
            )
        elif seed.others_since >= STUCK_AFTER and seed.given >= STUCK_AFTER and seed.gave_new_at is not None:
            newest = f", its newest item is of {_day(seed.newest_at)}" if seed.newest_at else ""
            yield Diagnosis(
                kind="stuck",
                since=seed.gave_new_at,
                what=seed.url,
                evidence=f"its {seed.kind} gave nothing new while the others gave {seed.others_since} articles{newest} ({seed.url})",
                advice="it may be abandoned: `scrapy sources add HOME` finds the ways in of today",
            )


def _silence(view: SourceFacts, now: datetime) -> Iterator[Diagnosis]:
    if not view.silence.is_silent(view.a_week, now) or view.silence.quiet_since is None:
        return
    since = view.silence.quiet_since
    came = "none" if not view.came_since_quiet else f"only {view.came_since_quiet}"
    evidence = f"{came} new since {_minute(since)}; about {view.usual_since_quiet:.0f} are usual in that time"
    dated = [seed.newest_at for seed in view.seeds if seed.newest_at is not None]
    answering = [seed for seed in view.seeds if seed.polled_at is not None and not seed.failures]
    if dated and answering and not view.came_since_quiet:
        yield Diagnosis(
            kind="stuck",
            since=since,
            evidence=f"{evidence}; it answers, but its newest item is of {_minute(max(dated))}",
            advice="look at its home page: if there is newer, the feed is stuck; `scrapy sources add HOME` finds others",
        )
        return
    advice = "look at its home page: if there is newer, `scrapy sources check`; a holiday ends by itself"
    yield Diagnosis(kind="silent", since=since, evidence=evidence, advice=advice)


# --- Pages --------------------------------------------------------------------------------------------------------


def _pages(view: SourceFacts) -> Iterator[Diagnosis]:
    total = sum(view.recent.values())
    if total < LEAST_FETCHES or view.recent_since is None:
        return
    reason = f": {view.recent_reason}" if view.recent_reason else ""
    if _is_worse(view, ("blocked", "refused")):
        bad = view.recent.get("blocked", 0) + view.recent.get("refused", 0)
        yield Diagnosis(
            kind="blocked",
            since=view.recent_since,
            evidence=f"{bad} of the last {total} pages were not shown to us{reason}",
            advice="set WIREWATCH_CONTACT, raise its delay, write to the outlet; render = true helps against scripts",
        )
    elif _is_worse(view, ("failed", "empty", "gone")):
        bad = sum(view.recent.get(outcome, 0) for outcome in ("failed", "empty", "gone"))
        yield Diagnosis(
            kind="extraction",
            since=view.recent_since,
            evidence=f"{bad} of the last {total} pages gave no article{reason}",
            advice="open one in a browser; a rebuilt site may need selectors of its own (docs/reference/sources.md)",
        )


def _is_worse(view: SourceFacts, outcomes: Sequence[str]) -> bool:
    recent, before = _share(view.recent, outcomes), _share(view.earlier, outcomes)
    return recent >= MOST_BAD and recent >= min(TIMES_USUAL * before, NEARLY_ALL)


def _share(counts: Mapping[str, int], outcomes: Sequence[str]) -> float:
    total = sum(counts.values())
    return sum(counts.get(outcome, 0) for outcome in outcomes) / total if total else 0.0


def _drift(view: SourceFacts) -> Iterator[Diagnosis]:
    if view.drift_since is None:
        return
    for drift in find_drift(view.earlier_fields, view.recent_fields):
        is_gone = drift.lost and drift.field in ("title", "text")
        yield Diagnosis(
            kind="extraction" if is_gone else "drift",
            since=view.drift_since,
            what=drift.field,
            evidence=str(drift),
            advice=f"the site may have been rebuilt: look at a page, give the source a selector for {drift.field}",
        )


# --- Clocks -------------------------------------------------------------------------------------------------------


def clock_error(ahead: Sequence[timedelta]) -> timedelta | None:
    """By how much our own clock is off, seen from the servers' (one value a source); None where they do not agree.

    Servers that are all ahead of us by the same are right, and we are wrong.
    """
    if len(ahead) < 3:
        return None
    ordered = sorted(ahead)
    middle = ordered[len(ordered) // 2]
    agreeing = [one for one in ordered if abs(one - middle) <= AHEAD]
    return middle if abs(middle) > AHEAD and len(agreeing) >= 0.7 * len(ordered) else None


def _clock(view: SourceFacts, now: datetime, ours: timedelta | None) -> Iterator[Diagnosis]:
    if ours is None:
        ahead = [seed for seed in view.seeds if seed.ahead_seconds is not None]
        wrong = [seed for seed in ahead if abs(timedelta(seconds=seed.ahead_seconds or 0)) > AHEAD]
        if wrong and len(wrong) == len(ahead):
            seconds = wrong[0].ahead_seconds or 0
            yield Diagnosis(
                kind="clock",
                since=now,
                what="server",
                evidence=f"its server's clock is {_span(seconds)} {'ahead of' if seconds > 0 else 'behind'} ours",
                advice="its times may be wrong by as much; if many sources say so, look at this machine's clock",
            )
    if (
        view.latest_links >= LEAST_FETCHES
        and view.future_links >= FUTURE_SHARE * view.latest_links
        and view.future_by is not None
    ):
        yield Diagnosis(
            kind="clock",
            since=now,
            what="dates",
            evidence=f"{view.future_links} of its last {view.latest_links} items were dated in the future,"
            f" by {_span(round(view.future_by.total_seconds()))}",
            advice=f"is timezone = {view.timezone!r} in sources.toml right? Its dates may carry no zone, or a wrong one",
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
