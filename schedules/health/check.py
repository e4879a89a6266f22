"""Collect the facts of all sources, apply the rules, and record the problems."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from crawler.archive.crawl.coverage import resolve_old_gaps
from crawler.archive.crawl.coverage_queries import lost_entries
from crawler.archive.crawl.publication_rates import silence_states
from crawler.archive.crawl.runs import mirror_sources
from crawler.archive.monitoring import health_queries as queries
from crawler.archive.monitoring.problems import Problem, open_problems, record_problems
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.polling.publication_rate import PublicationRate, expected_articles, rate_zone
from crawler.polling.silence_detector import SilenceState
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import parse_utc, parse_utc_or_none
from schedules.health.facts import SeedFacts, SourceFacts
from schedules.health.field_drift import FIELDS, Count
from schedules.health.rules import FUTURE, RECENT_FETCHES, STUCK_AFTER, clock_error, diagnose

EARLIER_FETCHES = 200
"""Earlier fetches that are compared with the latest ones."""
RECENT_PAGES, EARLIER_PAGES = 20, 300
"""Latest and earlier articles whose fields are counted."""
LATEST_LINKS = 30
"""Links whose dates are compared with their first sighting."""
BAD = ("blocked", "refused", "failed", "empty", "gone", "teaser")
_COLUMNS = {
    "title": "revisions.title",
    "text": "text",
    "byline": "revisions.byline",
    "published": "iif(published_source IN ('feed', 'sitemap', 'url'), '', revisions.published_at)",
    "lead": "revisions.lead",
    "section": "revisions.section",
}
"""Field -> SQL condition that the page of a revision has it; a time from the feed does not count."""


def check_sources(store: ArchiveStore, sources: Sequence[Source], *, now: datetime) -> list[Problem]:
    """Check every source that is polled and record its problems; returns all open problems."""
    views = views_of(store.db, [source for source in sources if source.is_polled(now)], now)
    ours = clock_error(
        [skew for view in views if (skew := _skew(seed.ahead_seconds for seed in view.seeds)) is not None]
    )
    seen = {view.id: diagnose(view, now, our_clock=ours) for view in views}
    with store.transaction():
        mirror_sources(store, sources, configured=sources, at=now)
        resolve_old_gaps(store, at=now)
        record_problems(store, seen, now=now)
    return open_problems(store.db)


def our_clock(db: Connection, sources: Sequence[Source]) -> timedelta | None:
    """Return the error of this machine's clock; None if the servers do not agree on one."""
    seeds = queries.seeds_ahead(db)
    ahead = (_skew(seeds.get((source.id, seed.url)) for seed in source.seeds) for source in sources)
    return clock_error([skew for skew in ahead if skew is not None])


def views_of(db: Connection, sources: Sequence[Source], now: datetime) -> list[SourceFacts]:
    """Collect the facts of the sources."""
    ids = [source.id for source in sources]
    seeds = _seeds(db, sources)
    silences = silence_states(db)
    usual = _usual(db, sources, seeds, silences, now)
    arrived = queries.arrived_since_quiet(db, ids)
    fetches = queries.fetch_counts(db, ids, recent=RECENT_FETCHES, earlier=EARLIER_FETCHES)
    fields = queries.field_counts(db, ids, _COLUMNS, recent=RECENT_PAGES, earlier=EARLIER_PAGES)
    dates = queries.link_dates(db, ids, latest=LATEST_LINKS, future=FUTURE.total_seconds())
    return [
        SourceFacts(
            id=source.id,
            timezone=source.timezone,
            seeds=seeds[source.id],
            silence=silences.get(source.id, SilenceState()),
            a_week=usual.get(source.id, (0.0, 0.0))[0],
            usual_since_quiet=usual.get(source.id, (0.0, 0.0))[1],
            came_since_quiet=arrived.get(source.id, 0),
            **_fetches(fetches.get(source.id, ())),
            **_fields(fields.get(source.id, ())),
            **_dates(*dates.get(source.id, (0, []))),
        )
        for source in sources
    ]


def _seeds(db: Connection, sources: Sequence[Source]) -> dict[str, tuple[SeedFacts, ...]]:
    """Return the configured seeds of each source."""
    stored = queries.seed_rows(db)
    rows = {}
    for source in sources:
        urls = {seed.url for seed in source.seeds}
        rows[source.id] = [row for row in stored.get(source.id, ()) if row["url"] in urls]
    known = [row for of_source in rows.values() for row in of_source]
    listed = queries.listed_by_others(db, [row["id"] for row in known if _may_be_stuck(row)], limit=STUCK_AFTER)
    behind = {seed for seed, (_, others) in listed.items() if others >= STUCK_AFTER}
    main = queries.main_seeds(db, behind) if behind else set()
    without_links = [row["id"] for row in known if row["document_items"] == 0]
    documents = queries.latest_documents(db, without_links) if without_links else {}
    return {
        source: tuple(
            _seed(
                row,
                given=listed.get(row["id"], (0, 0))[0],
                others=listed[row["id"]][1] if row["id"] in main else 0,
                documents=documents.get(row["id"], ()),
            )
            for row in of_source
        )
        for source, of_source in rows.items()
    }


def _may_be_stuck(row: Row) -> bool:
    return row["gave_new_at"] is not None and not row["failures"] and row["asked_since"] >= queries.ASKED_SINCE


def _seed(row: Row, *, given: int, others: int, documents: Sequence[Row]) -> SeedFacts:
    counts = json.loads(row["left_out"]) if row["left_out"] is not None else None
    return from_row(
        SeedFacts,
        row,
        others_since=others,
        given=given,
        items=row["items"] or 0,
        entries=row["entries"] if counts is not None else 0,
        lost=lost_entries(counts) if counts is not None and row["kind"] != "listing" else 0,
        empty_since=_empty_since(documents),
        note=row["document_error"] if row["document_items"] == 0 else None,
    )


def _empty_since(documents: Sequence[Row]) -> datetime | None:
    """Return the time of the first of at least three consecutive documents without links, if earlier ones had some.

    `documents`: the latest first.
    """
    empty = list(takewhile(lambda document: not document["items"], documents))
    had_some = len(empty) < len(documents)
    return parse_utc(empty[-1]["at"]) if had_some and len(empty) >= 3 else None


def _usual(
    db: Connection,
    sources: Sequence[Source],
    seeds: Mapping[str, Sequence[SeedFacts]],
    silences: Mapping[str, SilenceState],
    now: datetime,
) -> dict[str, tuple[float, float]]:
    """Return the usual articles of each source per week, and since its alarm was last 0.

    Only of sources that may be silent: the level of the alarm is lowest at a rate of 0.
    """
    silent = {name for name, silence in silences.items() if silence.is_silent(0.0, now)}
    alarmed = [source for source in sources if source.id in silent and seeds[source.id]]
    if not alarmed:
        return {}
    rates = queries.publication_rates(db, [(source.id, seed.url) for source in alarmed for seed in seeds[source.id]])
    found = {}
    for source in alarmed:
        since, week = silences[source.id].quiet_since, rates.get(source.id, PublicationRate()).rates()
        usual = expected_articles(week, since, now, rate_zone(source.timezone)) if since else 0.0
        found[source.id] = (sum(week), usual)
    return found


def _fetches(rows: Iterable[Row]) -> dict[str, Any]:
    recent: Counter[str] = Counter()
    earlier: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failed_at = []
    for row in rows:
        (recent if row["is_recent"] else earlier)[row["outcome"]] += row["fetches"]
        if row["is_recent"] and row["outcome"] in BAD:
            failed_at.append(row["first_at"])
            if row["reason"]:
                reasons[row["reason"]] += row["fetches"]
    return {
        "recent": recent,
        "earlier": earlier,
        "recent_since": parse_utc_or_none(min(failed_at, default=None)),
        "recent_reason": reasons.most_common(1)[0][0] if reasons else None,
    }


def _fields(rows: Iterable[Row]) -> dict[str, Any]:
    by_age = {bool(row["is_recent"]): row for row in rows}
    return {
        "recent_fields": _counted(by_age.get(True)),
        "earlier_fields": _counted(by_age.get(False)),
        "drift_since": parse_utc(by_age[True]["seen_at"]) if True in by_age else None,
    }


def _counted(row: Row | None) -> dict[str, Count]:
    return {name: Count(given=row[name], pages=row["pages"]) for name in FIELDS} if row is not None else {}


def _dates(links: int, ahead: Iterable[int]) -> dict[str, Any]:
    future = sorted(ahead)
    return {
        "latest_links": links,
        "future_links": len(future),
        "future_by": timedelta(seconds=future[len(future) // 2]) if future else None,
    }


def _skew(ahead: Iterable[int | None]) -> timedelta | None:
    known = sorted(seconds for seconds in ahead if seconds is not None)
    return timedelta(seconds=known[len(known) // 2]) if known else None
