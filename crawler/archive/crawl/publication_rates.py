"""Store publication rates, the activity of seeds, and the state of silence detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crawler.archive.crawl.stored_poll import StoredPoll
from crawler.archive.storage.store import ArchiveStore
from crawler.polling.interval import Recent
from crawler.polling.publication_rate import WEEK, PublicationRate, expected_articles, hour_of_week, learn, seeded
from crawler.polling.silence_detector import SilenceState, update_silence
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import columns_of, from_row, marks, replace_row
from crawler.sqlite.values import format_utc, format_utc_or_none


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedActivity:
    """A row of `seed_activity`."""

    document_at: datetime | None = None
    items: int = 0
    newest_at: datetime | None = None
    gave_new_at: datetime | None = None
    failing_since: datetime | None = None
    recent: Recent = field(default_factory=Recent)
    ahead_seconds: int | None = None


def seed_activity(db: Connection, seed_id: int) -> SeedActivity:
    """Return the activity of a seed; empty if it was never polled."""
    row = db.execute("SELECT * FROM seed_activity WHERE seed_id = ?", (seed_id,)).fetchone()
    if row is None:
        return SeedActivity()
    recent = Recent(expected=row["recent_expected"], arrived=row["recent_arrived"])
    return from_row(SeedActivity, row, recent=recent)


def publication_rate_of(db: Connection, seed_ids: Sequence[int]) -> PublicationRate:
    """Return the publication rate of a seed, or of several seeds together."""
    arrivals, hours = [0.0] * WEEK, [0.0] * WEEK
    rows = db.execute(
        f"SELECT hour, arrivals, hours FROM publication_rates WHERE seed_id IN ({marks(seed_ids)})", tuple(seed_ids)
    )
    for row in rows:
        arrivals[row["hour"]] += row["arrivals"]
        hours[row["hour"]] = max(hours[row["hour"]], row["hours"])
    return PublicationRate(arrivals=tuple(arrivals), hours=tuple(hours))


def silence_state(db: Connection, source: str) -> SilenceState:
    """Return the state of silence detection of a source; empty if it was never polled."""
    row = db.execute("SELECT * FROM silences WHERE source_id = ?", (source,)).fetchone()
    return SilenceState() if row is None else from_row(SilenceState, row)


def silence_states(db: Connection) -> dict[str, SilenceState]:
    """Return the state of silence detection of each source that was polled."""
    return {row["source_id"]: from_row(SilenceState, row) for row in db.execute("SELECT * FROM silences")}


def record_document(
    store: ArchiveStore, stored: StoredPoll, before: SeedActivity, *, complete: bool
) -> tuple[PublicationRate, SeedActivity, float | None]:
    """Learn from a document. Return the new rate, the new activity, and the articles expected since the last document.

    `complete`: it holds everything that was published since the last document; if not, a low count proves nothing.
    """
    publication_rate = publication_rate_of(store.db, (stored.seed_id,))
    expected: float | None = None
    recent, at, fresh = before.recent, stored.at, stored.fresh
    items = None if stored.is_same_document else len(stored.first_seen)
    dates = [date for date in stored.poll.dates if date is not None]
    if before.document_at is None:
        publication_rate = seeded(items or 0, min(dates, default=None), max(dates, default=None), at)
        _save_publication_rate(store, stored.seed_id, PublicationRate(), publication_rate)
    elif at > before.document_at:
        rates = publication_rate.rates() if publication_rate.is_known else None
        if rates is not None:
            expected = expected_articles(rates, before.document_at, at, stored.zone)
        counts = complete or fresh > (expected or 0.0)
        if expected is not None and rates is not None and counts:
            recent = recent.after((at - before.document_at) / timedelta(hours=1), expected, fresh)
            _save_silence(store, stored, before.document_at, expected, sum(rates))
        if counts:
            learned = learn(publication_rate, before.document_at, at, fresh, stored.zone, rates)
            _save_publication_rate(store, stored.seed_id, publication_rate, learned)
            publication_rate = learned
    last = format_utc_or_none(before.document_at) or ""
    now = SeedActivity(
        document_at=at,
        items=before.items if items is None else items,
        newest_at=before.newest_at if items is None else max(dates, default=None),
        gave_new_at=at if any(seen is None or seen > last for seen in stored.first_seen) else before.gave_new_at,
        recent=recent,
        ahead_seconds=stored.poll.ahead_seconds,
    )
    columns = columns_of(now) | {"recent_expected": recent.expected, "recent_arrived": recent.arrived}
    del columns["recent"]
    replace_row(store.db, "seed_activity", {"seed_id": stored.seed_id, **columns})
    return publication_rate, now, expected


def record_deeper_document(store: ArchiveStore, stored: StoredPoll) -> None:
    """Count the new articles of a document that the seed leads to."""
    if not stored.fresh:
        return
    store.db.execute(
        "UPDATE publication_rates SET arrivals = arrivals + ? WHERE seed_id = ? AND hour = ?",
        (stored.fresh, stored.seed_id, hour_of_week(stored.at, stored.zone)),
    )
    store.db.execute(
        "UPDATE seed_activity SET recent_arrived = recent_arrived + ?, gave_new_at = ? WHERE seed_id = ?",
        (stored.fresh, format_utc(stored.at), stored.seed_id),
    )
    _save_silence(store, stored, stored.at, 0.0, 0.0)


def record_failure(store: ArchiveStore, seed_id: int, at: datetime) -> SeedActivity:
    """Store since when the polls of a seed fail."""
    store.db.execute(
        "INSERT INTO seed_activity (seed_id, failing_since) VALUES (?, ?)"
        " ON CONFLICT (seed_id) DO UPDATE SET failing_since = coalesce(failing_since, excluded.failing_since)",
        (seed_id, format_utc(at)),
    )
    return seed_activity(store.db, seed_id)


def _save_publication_rate(store: ArchiveStore, seed_id: int, before: PublicationRate, now: PublicationRate) -> None:
    changed = [
        (seed_id, hour, now.arrivals[hour], now.hours[hour])
        for hour in range(WEEK)
        if (now.arrivals[hour], now.hours[hour]) != (before.arrivals[hour], before.hours[hour])
    ]
    store.db.executemany("INSERT OR REPLACE INTO publication_rates VALUES (?, ?, ?, ?)", changed)


def _save_silence(
    store: ArchiveStore, stored: StoredPoll, start: datetime, expected: float, seed_weekly: float
) -> None:
    """`seed_weekly`: articles per week of the seed, if known already; 0 if not."""
    rows = store.db.execute("SELECT id FROM seeds WHERE source_id = ?", (stored.source,)).fetchall()
    seeds = [row["id"] for row in rows]
    a_week = seed_weekly if seed_weekly and len(seeds) == 1 else sum(publication_rate_of(store.db, seeds).rates())
    silence = update_silence(
        silence_state(store.db, stored.source),
        start=start, end=stored.at, expected=expected, arrived=stored.fresh, a_week=a_week,
    )  # fmt: skip
    level = silence.level(a_week) if silence.has_learnt(stored.at) else None
    replace_row(store.db, "silences", {"source_id": stored.source, **columns_of(silence), "level": level})
