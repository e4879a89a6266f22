"""Collect the facts of each source, apply the rules, and record the problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from crawler.archive.crawl.coverage import resolve_old_gaps
from crawler.archive.crawl.left_out import left_out_entries
from crawler.archive.crawl.publication_rates import publication_rate_of, silence_state
from crawler.archive.crawl.runs import mirror_sources
from crawler.archive.monitoring.problems import Observation, Problem, open_problems, record_problems
from crawler.archive.storage.store import ArchiveStore
from crawler.config.sources import Source
from crawler.polling.publication_rate import expected_articles, rate_zone
from crawler.reasons import ROBOTS_CODES
from crawler.sqlite.connection import Connection, Row
from crawler.sqlite.values import format_utc, parse_utc, parse_utc_or_none, sql_list
from schedules.health.facts import SeedFacts, SourceFacts
from schedules.health.field_drift import FIELDS, Count
from schedules.health.rules import FUTURE, RECENT_FETCHES, clock_error, diagnose

EARLIER_FETCHES = 200
"""Earlier fetches that are compared with the latest ones."""
RECENT_PAGES, EARLIER_PAGES = 20, 300
"""Latest and earlier articles whose fields are counted."""
ASKED_SINCE = 3
"""Documents without new links before a seed counts as stuck, so that rarely polled seeds are not reported."""
LATEST_LINKS = 30
"""Links whose dates are compared with their first sighting."""
BAD = ("blocked", "refused", "failed", "empty", "gone", "teaser")
_FETCHES = (
    # A new article without its whole text counts as what its page was: a teaser, or empty.
    "SELECT coalesce((SELECT nullif(status, 'ok') FROM revisions"  # noqa: S608 -- constants
    " WHERE id = fetches.revision_id), outcome) AS outcome, reason_code, reason, at FROM fetches"
    " WHERE source_id = ? AND outcome <> 'not_modified'"
    # Excludes articles made from the text of a feed: no page was fetched for them.
    " AND NOT (http_status IS NULL AND outcome IN ('new', 'revised', 'unchanged'))"
    f" AND (reason_code IS NULL OR reason_code NOT IN ({sql_list(ROBOTS_CODES)})) ORDER BY at DESC, id DESC LIMIT ?"
)


def check_sources(store: ArchiveStore, sources: Sequence[Source], *, now: datetime) -> list[Problem]:
    """Check every source that is polled and record its problems; returns all open problems."""
    enabled = [source for source in sources if source.is_polled(now)]
    views = [view_of(store.db, source, now) for source in enabled]
    ours = clock_error([skew for view in views if (skew := _skew(view)) is not None])
    seen = [
        Observation(
            source=view.id, kind=found.kind, since=found.since, evidence=found.evidence, advice=found.advice,
            what=found.what,
        )
        for view in views
        for found in diagnose(view, now, our_clock=ours)
    ]  # fmt: skip
    with store.transaction():
        mirror_sources(store, sources, configured=sources, at=now)
        resolve_old_gaps(store, at=now)
        record_problems(store, seen, now=now)
    return open_problems(store.db)


def our_clock(db: Connection, sources: Sequence[Source], now: datetime) -> timedelta | None:
    """Return the error of this machine's clock; None if the servers do not agree on one."""
    skews = [_skew(view_of(db, source, now)) for source in sources]
    return clock_error([skew for skew in skews if skew is not None])


def view_of(db: Connection, source: Source, now: datetime) -> SourceFacts:
    """Collect the facts of a source."""
    silence = silence_state(db, source.id)
    urls = {seed.url for seed in source.seeds}
    rows = [row for row in db.execute(_SEEDS, (source.id,)) if row["url"] in urls]
    rates = publication_rate_of(db, [row["id"] for row in rows]).rates() if rows else ()
    zone = rate_zone(source.timezone)
    usual = expected_articles(rates, silence.quiet_since, now, zone) if rates and silence.quiet_since else 0.0
    return SourceFacts(
        id=source.id,
        timezone=source.timezone,
        seeds=tuple(_seed(db, source.id, row) for row in rows),
        silence=silence,
        a_week=sum(rates),
        came_since_quiet=_came_since(db, source.id, silence.quiet_since),
        usual_since_quiet=usual,
        **_fetches(db, source.id),
        **_fields(db, source.id),
        **_dates(db, source.id),
    )


_SEEDS = (
    "SELECT seeds.*, a.document_at, a.newest_at, a.gave_new_at, a.failing_since, a.items, a.ahead_seconds"
    " FROM seeds LEFT JOIN seed_activity AS a ON a.seed_id = seeds.id WHERE seeds.source_id = ? ORDER BY seeds.id"
)


def _seed(db: Connection, source: str, row: Row) -> SeedFacts:
    gave = row["gave_new_at"]
    others = given = 0
    if gave is not None and not row["failures"] and _asked_since(db, row["id"], gave) >= ASKED_SINCE:
        given = db.execute("SELECT count(*) FROM links WHERE seed_id = ?", (row["id"],)).fetchone()[0]
        others = db.execute(
            # Without links that this seed listed first: a sitemap lists hours later what the feed already had.
            "SELECT count(DISTINCT key) FROM links WHERE source_id = ? AND seed_id <> ? AND first_seen_at > ?"
            " AND first_seen_at < ? AND key NOT IN (SELECT key FROM links WHERE seed_id = ?)",
            (source, row["id"], gave, row["document_at"], row["id"]),
        ).fetchone()[0]
    return SeedFacts(
        kind=row["kind"],
        url=row["url"],
        failures=row["failures"],
        failing_since=parse_utc_or_none(row["failing_since"]),
        http_status=row["http_status"],
        reason_code=row["reason_code"],
        error=row["error"],
        moved_to=row["moved_to"],
        polled_at=parse_utc_or_none(row["polled_at"]),
        newest_at=parse_utc_or_none(row["newest_at"]),
        gave_new_at=parse_utc_or_none(gave),
        others_since=others if given and _used_to_bring(db, source, row["id"], gave) else 0,
        given=given,
        items=row["items"] or 0,
        **_entries(db, row["id"], row["kind"]),
        empty_since=_empty_since(db, row),
        ahead_seconds=row["ahead_seconds"],
        note=_note(db, row["id"]),
    )


def _entries(db: Connection, seed_id: int, kind: str) -> dict[str, int]:
    latest = next((one for one in left_out_entries(db, seed_id=seed_id) if one.url is None), None)
    if latest is None:
        return {}
    return {"entries": latest.entries, "lost": latest.lost if kind != "listing" else 0}


def _asked_since(db: Connection, seed_id: int, since: str) -> int:
    row = db.execute(
        "SELECT count(*) FROM polls WHERE seed_id = ? AND at > ? AND url IS NULL AND outcome NOT IN ('failed', 'refused')",
        (seed_id, since),
    ).fetchone()
    return int(row[0])


def _used_to_bring(db: Connection, source: str, seed_id: int, until: str) -> bool:
    """Return whether the seed listed many of the source's articles; the feed of a small section may pause for weeks."""
    row = db.execute(
        "SELECT count(DISTINCT key), count(DISTINCT iif(seed_id = ?, key, NULL)) FROM"
        " (SELECT seed_id, key FROM links WHERE source_id = ? AND first_seen_at <= ? ORDER BY first_seen_at DESC LIMIT 400)",
        (seed_id, source, until),
    ).fetchone()
    return bool(row[0] and row[1] >= 0.3 * row[0])


def _empty_since(db: Connection, row: Row) -> datetime | None:
    """Return the time of the first of at least three consecutive documents without links, if earlier ones had some."""
    polls = db.execute(
        "SELECT at, items FROM polls WHERE seed_id = ? AND url IS NULL AND outcome IN ('new', 'known')"
        " ORDER BY at DESC, id DESC LIMIT 50",
        (row["id"],),
    ).fetchall()
    empty = []
    for poll in polls:
        if poll["items"]:
            break
        empty.append(poll)
    had_some = len(empty) < len(polls)
    return parse_utc(empty[-1]["at"]) if had_some and len(empty) >= 3 else None


def _note(db: Connection, seed_id: int) -> str | None:
    """Return the note of the last parsed document, ignoring later "not modified" responses."""
    row = db.execute(
        "SELECT error, items FROM polls WHERE seed_id = ? AND url IS NULL AND outcome IN ('new', 'known')"
        " ORDER BY at DESC, id DESC LIMIT 1",
        (seed_id,),
    ).fetchone()
    return row["error"] if row is not None and not row["items"] else None


def _came_since(db: Connection, source: str, since: datetime | None) -> int:
    if since is None:
        return 0
    row = db.execute(
        "SELECT count(DISTINCT key) FROM links WHERE source_id = ? AND first_seen_at > ?", (source, format_utc(since))
    ).fetchone()
    return int(row[0])


def _fetches(db: Connection, source: str) -> dict[str, Any]:
    rows = db.execute(_FETCHES, (source, RECENT_FETCHES + EARLIER_FETCHES)).fetchall()
    recent, earlier = rows[:RECENT_FETCHES], rows[RECENT_FETCHES:]
    bad = [row for row in recent if row["outcome"] in BAD]
    reasons = Counter(row["reason"] for row in bad if row["reason"])
    return {
        "recent": Counter(row["outcome"] for row in recent),
        "earlier": Counter(row["outcome"] for row in earlier),
        "recent_since": parse_utc(bad[-1]["at"]) if bad else None,
        "recent_reason": reasons.most_common(1)[0][0] if reasons else None,
    }


def _fields(db: Connection, source: str) -> dict[str, Any]:
    """Count the fields of the latest and earlier articles, by their first revisions."""
    columns = ", ".join(f"coalesce({_COLUMNS[name]}, '') <> '' AS {name}" for name in FIELDS)
    rows = db.execute(
        f"SELECT seen_at, {columns} FROM"  # noqa: S608 -- constants
        " (SELECT id FROM articles WHERE source_id = ? ORDER BY first_seen_at DESC LIMIT ?) AS latest"
        " JOIN revisions ON revisions.article_id = latest.id"
        " WHERE number = 1 AND page_id IS NOT NULL AND revisions.status IN ('ok', 'empty') ORDER BY revisions.id DESC",
        (source, RECENT_PAGES + EARLIER_PAGES),
    ).fetchall()
    recent, earlier = rows[:RECENT_PAGES], rows[RECENT_PAGES:]
    return {
        "recent_fields": _counted(recent),
        "earlier_fields": _counted(earlier),
        "drift_since": parse_utc(recent[-1]["seen_at"]) if recent else None,
    }


_COLUMNS = {
    "title": "title",
    "text": "text",
    "byline": "byline",
    "published": "iif(published_source IN ('feed', 'sitemap', 'url'), '', published_at)",
    "lead": "lead",
    "section": "section",
}
"""Field -> SQL condition that the page of a revision has it; a time from the feed does not count."""


def _counted(rows: Sequence[Row]) -> dict[str, Count]:
    return {name: Count(given=sum(row[name] for row in rows), pages=len(rows)) for name in FIELDS}


def _dates(db: Connection, source: str) -> dict[str, Any]:
    rows = db.execute(
        "SELECT unixepoch(published_at) - unixepoch(first_seen_at) AS ahead FROM links"
        " WHERE source_id = ? AND published_at IS NOT NULL ORDER BY first_seen_at DESC, id DESC LIMIT ?",
        (source, LATEST_LINKS),
    ).fetchall()
    future = sorted(row["ahead"] for row in rows if row["ahead"] > FUTURE.total_seconds())
    return {
        "latest_links": len(rows),
        "future_links": len(future),
        "future_by": timedelta(seconds=future[len(future) // 2]) if future else None,
    }


def _skew(view: SourceFacts) -> timedelta | None:
    known = sorted(seed.ahead_seconds for seed in view.seeds if seed.ahead_seconds is not None)
    return timedelta(seconds=known[len(known) // 2]) if known else None
