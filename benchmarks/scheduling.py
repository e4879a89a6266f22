"""Simulate ninety days of fifty outlets: how late are articles archived, with how many polls, and are outages reported?

    python benchmarks/scheduling.py [--days 90] [--outlets 50] [--seed 1] [--processes 2] [--quick] [--json FILE]

The outlets are simulated, and time is handed in. Each outlet has a time zone, a weekly pattern (newsrooms by day, agencies
around the clock, weeklies), several articles at the same minute now and then, a feed with its newest articles, some a news
sitemap of two days (`poll_interval = "2h"`), and outages: unreachable, blocked, silent, stuck. The rest is the real code: each
poll goes through `update_schedule` into a real archive (publication rate, coverage, next poll), and `check_sources` runs each
simulated hour. The days include changes to and from summer time. Only the repeated writing of known links is left out, to save
time.

Baselines: the same articles and outages, polled at fixed intervals of 5, 15 and 60 minutes, and at the fixed interval that
makes as many polls as the adaptive schedule. It takes some minutes. Figures, for each of these schedules `polls_a_day`,
`median_s`, `p95_s`, `mean_s` and `lost`, as in `adaptive_median_s` or `each_15_min_lost`:

- `polls_a_day`: polls per outlet and day; `median_s`, `p95_s`, `mean_s`: seconds from publication to the poll that finds the
  article, for articles published outside outages; `lost`: articles that were in no polled document, because newer ones had
  replaced them;
- `articles`, `gaps`, `gaps_repaired`, `outages`, `outages_reported`: how many there were; all outages must be reported;
- `unseen`: articles that a poll found and the archive does not have; `lost_unsaid`: lost articles outside every recorded gap.
  Both must be 0;
- `false_alarms`: problems opened while nothing was wrong; `false_alarms_a_week`: of all outlets, per week.
"""

from __future__ import annotations

import argparse
import bisect
import heapq
import json
import math
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # run as a file: import this checkout

from crawler.archive.crawl.poll_schedule import update_schedule  # noqa: E402
from crawler.archive.crawl.runs import begin_run  # noqa: E402
from crawler.archive.crawl.stored_poll import StoredPoll  # noqa: E402
from crawler.archive.storage.store import ArchiveStore  # noqa: E402
from crawler.config.sources import Seed, Source  # noqa: E402
from crawler.items import PollRecord  # noqa: E402
from crawler.models import Link, PollStatus, ResponseStatus, Timestamp  # noqa: E402
from crawler.sqlite.values import format_utc, parse_utc  # noqa: E402
from schedules.health.check import check_sources  # noqa: E402

START = datetime(2026, 3, 1, tzinfo=timezone.utc)
ZONES = (
    "Europe/Kyiv", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Santiago",
    "Asia/Tokyo", "Africa/Lagos", "Pacific/Auckland", "Europe/Berlin",
)  # fmt: skip
EVERY = timedelta(minutes=15)
TICK = 20
"""Seconds between two checks by the monitor; a poll is up to this much late."""
FIXED = (5, 15, 60)
BURST_SHARE, BURST = 0.2, 3
"""Every fifth publication is a burst of three articles in the same minute."""
SITEMAP_HOURS = 48
OUTAGES = ("unreachable", "blocked", "silent", "stuck")
REPORTED_AS = {
    "unreachable": {"unreachable"},
    "blocked": {"blocked"},
    "silent": {"silent", "stuck"},
    "stuck": {"silent", "stuck"},
}
AFTERWARDS = timedelta(hours=12)
"""After an outage, a problem that it caused may still be opened this long."""


@dataclass(frozen=True)
class Outage:
    kind: str
    start: datetime
    end: datetime


@dataclass
class Outlet:
    """A simulated outlet and all that it will publish."""

    source: Source
    window: int
    published: list[datetime]
    outages: list[Outage]
    has_sitemap: bool
    usual_a_day: float

    def outage(self, at: datetime) -> Outage | None:
        return next((one for one in self.outages if one.start <= at < one.end), None)

    def shown(self, at: datetime, kind: str) -> range:
        """Indices of the articles in its feed or sitemap at that time."""
        broken = self.outage(at)
        until = broken.start if broken is not None and broken.kind == "stuck" and kind == "feed" else at
        last = bisect.bisect_right(self.published, until)
        if kind == "sitemap":
            return range(bisect.bisect_left(self.published, at - timedelta(hours=SITEMAP_HOURS)), last)
        return range(max(0, last - self.window), last)

    def fails(self, at: datetime) -> Outage | None:
        broken = self.outage(at)
        return broken if broken is not None and broken.kind in ("unreachable", "blocked") else None


def publication_factor(kind: str, local: datetime) -> float:
    """Articles per hour at a local time, relative to other hours of the same kind of outlet."""
    hour, weekend = local.hour, local.weekday() >= 5
    if kind == "agency":
        return (1.3 if 7 <= hour < 22 else 0.6) * (0.8 if weekend else 1.1)
    if kind == "weekly":
        return 12.0 if local.weekday() == 3 and 6 <= hour < 18 else 0.1
    desk = math.exp(-((hour - 10) ** 2) / 18) * 3 + math.exp(-((hour - 17) ** 2) / 10) * 2 + 0.03
    return desk * (0.35 if weekend else 1.15)


def simulated_outlet(number: int, seed: int, days: int) -> Outlet:
    """The outlet with this number; the same for the same seed."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choices(("desk", "agency", "weekly"), (70, 22, 8))[0]
    a_day = {"desk": lambda: math.exp(rng.uniform(math.log(2), math.log(90))),
             "agency": lambda: math.exp(rng.uniform(math.log(60), math.log(300))),
             "weekly": lambda: rng.uniform(1.0, 4.0)}[kind]()  # fmt: skip
    zone = ZoneInfo(ZONES[number % len(ZONES)])
    host = f"outlet{number}.example"
    has_sitemap = number % 5 == 0
    table: dict[str, Any] = {
        "id": f"outlet{number}", "name": f"Outlet {number}", "home": f"https://{host}/", "timezone": zone.key,
        "feeds": [f"https://{host}/rss"],
    }  # fmt: skip
    if has_sitemap:
        table["sitemaps"] = [{"url": f"https://{host}/news-sitemap.xml", "poll_interval": "2h"}]
    window = rng.choice((10, 15, 20, 25, 30, 40))
    outages = _outages(number, rng, a_day, days)
    silent = [one for one in outages if one.kind == "silent"]
    published = [at for at in _publish(kind, a_day, zone, rng, days) if not any(o.start <= at < o.end for o in silent)]
    return Outlet(Source.model_validate(table), window, published, outages, has_sitemap, a_day)


def _publish(kind: str, a_day: float, zone: ZoneInfo, rng: random.Random, days: int) -> list[datetime]:
    found: list[datetime] = []
    mean = sum(publication_factor(kind, START + timedelta(hours=hour)) for hour in range(168)) / 168
    burst_factor = 1 + BURST_SHARE * (BURST - 1)
    for hour in range(-24, days * 24):
        start = START + timedelta(hours=hour)
        relevant = a_day / 24 * publication_factor(kind, start.astimezone(zone)) / mean / burst_factor
        for _ in range(_poisson(relevant, rng)):
            at = start + timedelta(seconds=rng.randrange(3600))
            found += [at + timedelta(seconds=n) for n in range(BURST if rng.random() < BURST_SHARE else 1)]
    return sorted(found)


def _poisson(mean: float, rng: random.Random) -> int:
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def _outages(number: int, rng: random.Random, a_day: float, days: int) -> list[Outage]:
    """Two of five outlets have one outage after the first three weeks, long compared with their usual publication rate."""
    if number % 5 not in (1, 3) or days < 40:
        return []
    kind = OUTAGES[(number // 5 * 2 + (number % 5 == 3)) % len(OUTAGES)]
    begin = START + timedelta(days=rng.uniform(21, days * 0.6))
    length = (
        timedelta(days=max(1.5, 45 / a_day)) if kind in ("silent", "stuck") else timedelta(hours=rng.uniform(6, 30))
    )
    return [Outage(kind, begin, min(begin + length, START + timedelta(days=days - 2)))]


# --- The adaptive schedule ---------------------------------------------------------------------------------------


@dataclass
class Results:
    """The results of some of the outlets."""

    latencies: list[float] = field(default_factory=list)
    polls: int = 0
    articles: int = 0
    lost: int = 0
    unseen: int = 0
    lost_unsaid: int = 0
    lost_details: list[str] = field(default_factory=list)
    gaps: int = 0
    repaired: int = 0
    estimated: float = 0.0
    outages: int = 0
    reported: int = 0
    unreported: list[str] = field(default_factory=list)
    false_alarms: list[str] = field(default_factory=list)
    outlet_weeks: float = 0.0
    delays: dict[str, list[float]] = field(default_factory=dict)
    """Kind of outage -> hours from its start to the report."""


def simulate(outlets: list[Outlet], days: int, folder: Path) -> Results:
    """Poll the outlets for that many days with the real code."""
    store = ArchiveStore.open(folder / "archive.db", folder / "warc")
    store.db.execute("PRAGMA synchronous = OFF")  # simulated days need no durability
    sources = [outlet.source for outlet in outlets]
    with store.transaction():
        begin_run(store, "simulated", sources, configured=None, at=START)
    end = START + timedelta(days=days)
    due: list[tuple[datetime, int, int]] = []
    for number, outlet in enumerate(outlets):
        due += [(START + timedelta(seconds=number), number, seed) for seed in range(len(outlet.source.seeds))]
    heapq.heapify(due)
    seen: list[dict[int, datetime]] = [{} for _ in outlets]
    served: list[set[int]] = [set() for _ in outlets]
    results = Results()
    last_body: dict[tuple[int, int], tuple[int, int]] = {}
    next_check = START + timedelta(hours=1)
    while due and due[0][0] < end:
        with store.transaction():
            while due and due[0][0] < min(next_check, end):
                at, number, index = heapq.heappop(due)
                seed = outlets[number].source.seeds[index]
                _poll(store, outlets[number], seed, at, seen[number], served[number], last_body, (number, index))
                results.polls += 1
                planned = store.db.execute("SELECT next_poll_at FROM seeds WHERE url = ?", (seed.url,)).fetchone()[0]
                heapq.heappush(due, (_next_tick(max(parse_utc(planned), at + timedelta(seconds=1))), number, index))
                _pull_forward(store, due, outlets, number, at)
        check_sources(store, sources, now=next_check)
        next_check += timedelta(hours=1)
    _count(store, outlets, seen, served, results, end)
    store.close()
    return results


def _pull_forward(store: ArchiveStore, due: list[Any], outlets: list[Outlet], number: int, at: datetime) -> None:
    """Poll the other seeds of the source at the next check, if a gap made them due."""
    if not outlets[number].has_sitemap:
        return
    rows = store.db.execute(
        "SELECT next_poll_at FROM seeds WHERE source_id = ? ORDER BY id", (f"{outlets[number].source.id}",)
    )
    planned = [parse_utc(row[0]) if row[0] else at for row in rows]
    changed = False
    for position, (when, who, index) in enumerate(due):
        if who == number and planned[index] < when - timedelta(seconds=TICK):
            due[position] = (_next_tick(planned[index] + timedelta(seconds=1)), who, index)
            changed = True
    if changed:
        heapq.heapify(due)


def _next_tick(at: datetime) -> datetime:
    """The first check by the monitor at or after that time."""
    return START + timedelta(seconds=math.ceil((at - START).total_seconds() / TICK) * TICK)


def _poll(
    store: ArchiveStore, outlet: Outlet, seed: Seed, at: datetime, seen: dict[int, datetime], served: set[int],
    last_body: dict[tuple[int, int], tuple[int, int]], who: tuple[int, int],
) -> None:  # fmt: skip
    seed_id = store.db.execute("SELECT id FROM seeds WHERE url = ?", (seed.url,)).fetchone()[0]
    broken = outlet.fails(at)
    shown = range(0) if broken is not None else outlet.shown(at, seed.kind)
    body = (shown.start, shown.stop)
    outcome, status, error = "new", 200, None
    first_seen: tuple[str | None, ...] = ()
    if broken is not None:
        status = 403 if broken.kind == "blocked" else 503
        outcome, error = "failed", f"HTTP {status}"
    elif last_body.get(who) == body:
        outcome, status = "not_modified", 304
    else:
        last_body[who] = body
        first_seen = tuple(format_utc(seen[index]) if index in seen else None for index in reversed(shown))
        outcome = "new" if None in first_seen else "known"
    poll_id = _note(store, outlet, seed_id, at, outcome, status, error, shown if first_seen else range(0), seen)
    for index in shown:
        seen.setdefault(index, at)
    served.update(shown)
    links = tuple(
        Link(url=f"{seed.url}/{index}", published=Timestamp(at=outlet.published[index])) for index in reversed(shown)
    )
    poll = PollRecord(
        source=outlet.source, seed_url=seed.url, at=at, links=links if first_seen else (),
        status=ResponseStatus(outcome if outcome in ("failed", "not_modified") else "content"),
        poll_interval=seed.poll_interval or outlet.source.poll_interval or EVERY,
    )  # fmt: skip
    update_schedule(
        store,
        StoredPoll(poll=poll, seed_id=seed_id, poll_id=poll_id, outcome=PollStatus(outcome), first_seen=first_seen),
    )


def _note(
    store: ArchiveStore, outlet: Outlet, seed_id: int, at: datetime, outcome: str, status: int, error: str | None,
    shown: range, seen: dict[int, datetime],
) -> int:  # fmt: skip
    """Write the rows of a poll that `update_schedule` does not write; known links are left unchanged."""
    failed = outcome == "failed"
    store.db.execute(
        "UPDATE seeds SET polled_at = ?, http_status = ?, outcome = ?, error = ?, failures = iif(?, failures + 1, 0)"
        " WHERE id = ?",
        (format_utc(at), status, outcome, error, failed, seed_id),
    )
    cursor = store.db.execute(
        "INSERT INTO polls (seed_id, at, outcome, http_status, items, known, error) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seed_id, format_utc(at), outcome, status, len(shown), sum(index in seen for index in shown), error),
    )
    store.db.executemany(
        "INSERT OR IGNORE INTO links (seed_id, source_id, key, url, position, published_at, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
        [
            (seed_id, outlet.source.id, url, url, format_utc(outlet.published[index]), format_utc(at), format_utc(at))
            for index in shown
            if index not in seen or outlet.has_sitemap
            for url in (f"{outlet.source.home}news/{index}",)
        ],
    )
    return int(cursor.lastrowid or 0)


def _count(
    store: ArchiveStore,
    outlets: list[Outlet],
    seen: list[dict[int, datetime]],
    served: list[set[int]],
    results: Results,
    end: datetime,
) -> None:
    for number, outlet in enumerate(outlets):
        first = min(seen[number].values(), default=end)
        first_index = min(seen[number], default=0)
        urls = {row[0] for row in store.db.execute("SELECT url FROM links WHERE source_id = ?", (outlet.source.id,))}
        results.unseen += sum(f"{outlet.source.home}news/{index}" not in urls for index in served[number])
        limit = end - timedelta(hours=2)
        gaps = [
            (parse_utc(row[0]), parse_utc(row[1]), row[2])
            for row in store.db.execute(
                "SELECT from_at, until_at, state FROM coverage WHERE source_id = ? AND state <> 'complete'",
                (outlet.source.id,),
            )
        ]
        results.gaps += len(gaps)
        results.repaired += sum(state == "repaired" for _, _, state in gaps)
        results.estimated += store.db.execute(
            "SELECT coalesce(sum(missed), 0) FROM coverage WHERE source_id = ? AND state IN ('open', 'unresolved')",
            (outlet.source.id,),
        ).fetchone()[0]
        for index in range(first_index, len(outlet.published)):
            at = outlet.published[index]
            if at >= limit:
                break
            results.articles += at > first
            if index not in seen[number]:
                results.lost += 1
                if not any(f <= at <= u and state != "repaired" for f, u, state in gaps):
                    results.lost_unsaid += 1
                    near = min(gaps, key=lambda gap: abs(gap[0] - at), default=None)
                    results.lost_details.append(
                        f"{outlet.source.id}: {at}, outages {outlet.outages}, nearest gap {near}"
                    )
            elif at > first and outlet.outage(at) is None:
                results.latencies.append((seen[number][index] - at).total_seconds())
        _count_problems(store, outlet, results, end)


def _count_problems(store: ArchiveStore, outlet: Outlet, results: Results, end: datetime) -> None:
    results.outlet_weeks += (end - START) / timedelta(weeks=1)
    rows = store.db.execute(
        "SELECT kind, opened_at, evidence FROM problems WHERE source_id = ? ORDER BY id", (outlet.source.id,)
    ).fetchall()
    for outage in outlet.outages:
        results.outages += 1
        right = [
            parse_utc(row["opened_at"]) for row in rows
            if row["kind"] in REPORTED_AS[outage.kind] and outage.start <= parse_utc(row["opened_at"]) <= outage.end + AFTERWARDS
        ]  # fmt: skip
        if right:
            results.reported += 1
            results.delays.setdefault(outage.kind, []).append((right[0] - outage.start) / timedelta(hours=1))
        else:
            results.unreported.append(f"{outlet.source.id}: {outage.kind} {outage.start:%m-%d %H:%M} to {outage.end:%m-%d %H:%M},"
                                   f" {outlet.usual_a_day:.1f} a day")  # fmt: skip
    for row in rows:
        at = parse_utc(row["opened_at"])
        if not any(outage.start <= at <= outage.end + AFTERWARDS for outage in outlet.outages):
            results.false_alarms.append(f"{outlet.source.id}: {row['kind']} {row['opened_at']}: {row['evidence']}")


# --- Fixed intervals ----------------------------------------------------------------------------------------------


def fixed_interval(outlets: list[Outlet], days: int, interval: timedelta) -> Results:
    """Poll the feeds of the same outlets at a fixed interval."""
    results = Results()
    end = START + timedelta(days=days)
    for number, outlet in enumerate(outlets):
        seen: dict[int, datetime] = {}
        at = START + timedelta(seconds=number)
        while at < end:
            results.polls += 1
            if outlet.fails(at) is None:
                for index in outlet.shown(at, "feed"):
                    seen.setdefault(index, at)
            at += interval
        first, first_index = min(seen.values(), default=end), min(seen, default=0)
        for index in range(first_index, len(outlet.published)):
            published = outlet.published[index]
            if published >= end - timedelta(hours=2):
                break
            results.articles += published > first
            if index not in seen:
                results.lost += 1
            elif published > first and outlet.outage(published) is None:
                results.latencies.append((seen[index] - published).total_seconds())
    return results


# --- All together -------------------------------------------------------------------------------------------------


def _share(args: tuple[int, int, int, int, int]) -> Results:
    """Simulate every `parts`-th outlet, in a process of its own."""
    part, parts, outlets, seed, days = args
    with tempfile.TemporaryDirectory(prefix="scheduling-") as folder:
        return simulate(
            [simulated_outlet(number, seed, days) for number in range(part, outlets, parts)], days, Path(folder)
        )


def merged(parts: list[Results]) -> Results:
    total = Results()
    for part in parts:
        for name, value in vars(part).items():
            if isinstance(value, dict):
                for key, values in value.items():
                    total.delays.setdefault(key, []).extend(values)
            else:
                setattr(total, name, getattr(total, name) + value)
    return total


def row(results: Results, outlets: int, days: int) -> dict[str, float]:
    latencies = sorted(results.latencies)
    return {
        "polls_a_day": results.polls / outlets / days,
        "median_s": statistics.median(latencies),
        "p95_s": latencies[int(len(latencies) * 0.95)],
        "mean_s": statistics.mean(latencies),
        "lost": results.lost,
    }


def main() -> int:
    """Run the benchmark and print its results. Exit status 1 if a value that must be 0 is not, or an outage is not reported."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=90, help="simulated days (default: %(default)s)")
    parser.add_argument("--outlets", type=int, default=50, help="outlets (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random numbers (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=2, help="processes (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="12 outlets, 44 days")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    args = parser.parse_args()
    if args.quick:
        args.days, args.outlets = 44, 12
    began = time.monotonic()
    shares = [(part, args.processes, args.outlets, args.seed, args.days) for part in range(args.processes)]
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        ours = merged(pool.map(_share, shares))
    outlets = [simulated_outlet(number, args.seed, args.days) for number in range(args.outlets)]
    # The fixed intervals poll the feeds only; the adaptive polls include sitemaps.
    same = timedelta(days=args.days) * args.outlets / ours.polls
    table = {"adaptive": row(ours, args.outlets, args.days)}
    for minutes in FIXED:
        table[f"each {minutes} min"] = row(
            fixed_interval(outlets, args.days, timedelta(minutes=minutes)), args.outlets, args.days
        )
    table["fixed, as many polls"] = row(fixed_interval(outlets, args.days, same), args.outlets, args.days)
    print(f"{args.outlets} outlets, {args.days} days, {ours.articles} articles, {time.monotonic() - began:.0f} s\n")
    print(f"{'':22} {'polls/day':>10} {'median s':>9} {'p95 s':>7} {'mean s':>7} {'lost':>6}")
    for name, values in table.items():
        print(f"{name:22} {values['polls_a_day']:10.1f} {values['median_s']:9.0f} {values['p95_s']:7.0f}"
              f" {values['mean_s']:7.0f} {values['lost']:6.0f}")  # fmt: skip
    weeks = ours.outlet_weeks
    print(f"\nfound by a poll and not in the archive: {ours.unseen}; lost outside every gap: {ours.lost_unsaid}")
    print(*(f"  {line}" for line in ours.lost_details[:10]), sep="\n", end="\n" if ours.lost_details else "")
    print(f"gaps: {ours.gaps}, repaired {ours.repaired}; lost {ours.lost}, estimated {ours.estimated:.0f}")
    print(f"outages reported: {ours.reported} of {ours.outages}", *ours.unreported, sep="\n  ")
    for kind, hours in sorted(ours.delays.items()):
        print(
            f"  {kind}: {len(hours)} reported, after a median of {statistics.median(hours):.1f} h, at most {max(hours):.1f} h"
        )
    print(f"false alarms: {len(ours.false_alarms)} in {weeks:.0f} outlet-weeks", *ours.false_alarms[:40], sep="\n  ")
    figures = {
        f"{name.replace(' ', '_')}_{key}": value for name, values in table.items() for key, value in values.items()
    }
    figures |= {
        "articles": ours.articles, "unseen": ours.unseen, "lost_unsaid": ours.lost_unsaid, "gaps": ours.gaps,
        "gaps_repaired": ours.repaired, "outages": ours.outages, "outages_reported": ours.reported,
        "false_alarms": len(ours.false_alarms), "false_alarms_a_week": len(ours.false_alarms) / weeks * args.outlets,
    }  # fmt: skip
    if args.json:
        args.json.write_text(json.dumps({"figures": figures}, indent=1) + "\n")
    return 1 if ours.unseen or ours.lost_unsaid or ours.reported < ours.outages else 0


if __name__ == "__main__":
    sys.exit(main())
