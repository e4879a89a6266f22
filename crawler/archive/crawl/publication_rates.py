"""What is written of a way's pace: its rhythm, its pulse, and how near its source is to being called silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.storage.store import ArchiveStore
from crawler.polling.interval import Recent
from crawler.polling.publication_rate import WEEK, PublicationRate, expected_articles, hour_of_week, learn, seeded
from crawler.polling.silence_detector import SilenceState, update_silence
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import format_utc, format_utc_or_none, parse_utc_or_none


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PollObservation:
    """What one answer of a way was, as far as its pace goes."""

    seed_id: int
    source: str
    zone: ZoneInfo
    at: datetime
    arrived: int = 0
    """Articles that nobody had seen before."""
    whole: bool = True
    """Whether all that came since the last one is in it; where not, fewer than usual say nothing."""
    gave_new: bool = False
    """Whether a link stood in it that this way had not given before."""
    items: int | None = None
    """None: it is the same document as before."""
    dates: tuple[datetime, ...] = ()
    """Published times in it."""
    ahead_seconds: int | None = None


def seed_activity(db: Connection, seed_id: int) -> SeedActivity:
    """How a way does; as new where it was never asked."""
    row = db.execute("SELECT * FROM seed_activity WHERE seed_id = ?", (seed_id,)).fetchone()
    if row is None:
        return SeedActivity()
    return SeedActivity(
        document_at=parse_utc_or_none(row["document_at"]),
        items=row["items"],
        newest_at=parse_utc_or_none(row["newest_at"]),
        gave_new_at=parse_utc_or_none(row["gave_new_at"]),
        failing_since=parse_utc_or_none(row["failing_since"]),
        recent=Recent(expected=row["recent_expected"], arrived=row["recent_arrived"]),
        ahead_seconds=row["ahead_seconds"],
    )


def publication_rate_of(db: Connection, seed_ids: Sequence[int]) -> PublicationRate:
    """The rhythm of a way; of several, what they bring together while they are watched alike."""
    arrivals, hours = [0.0] * WEEK, [0.0] * WEEK
    marks = ",".join("?" * len(seed_ids))
    rows = db.execute(
        f"SELECT hour, arrivals, hours FROM publication_rates WHERE seed_id IN ({marks})", tuple(seed_ids)
    )
    for row in rows:
        arrivals[row["hour"]] += row["arrivals"]
        hours[row["hour"]] = max(hours[row["hour"]], row["hours"])
    return PublicationRate(arrivals=tuple(arrivals), hours=tuple(hours))


def silence_state(db: Connection, source: str) -> SilenceState:
    """The pulse of a source; as new where it was never asked."""
    row = db.execute("SELECT * FROM silences WHERE source_id = ?", (source,)).fetchone()
    if row is None:
        return SilenceState()
    return SilenceState(
        watched_since=parse_utc_or_none(row["watched_since"]),
        alarm=row["alarm"],
        quiet_since=parse_utc_or_none(row["quiet_since"]),
        last_new_at=parse_utc_or_none(row["last_new_at"]),
        chunk_expected=row["chunk_expected"],
        chunk_arrived=row["chunk_arrived"],
        squares=row["squares"],
        weight=row["weight"],
    )


def record_document(
    store: ArchiveStore, observation: PollObservation
) -> tuple[PublicationRate, SeedActivity, float | None]:
    """Learn from an answer; gives back the rhythm and pulse of now, and what was to be expected since the last one."""
    before = seed_activity(store.db, observation.seed_id)
    publication_rate = publication_rate_of(store.db, (observation.seed_id,))
    relevant: float | None = None
    recent = before.recent
    if before.document_at is None:
        publication_rate = seeded(
            observation.items or 0,
            min(observation.dates, default=None),
            max(observation.dates, default=None),
            observation.at,
        )
        _save_publication_rate(store, observation.seed_id, PublicationRate(), publication_rate)
    elif observation.at > before.document_at:
        rates = publication_rate.rates() if publication_rate.is_known else None
        if rates is not None:
            relevant = expected_articles(rates, before.document_at, observation.at, observation.zone)
        counts = observation.whole or observation.arrived > (relevant or 0.0)
        if relevant is not None and rates is not None and counts:
            hours = (observation.at - before.document_at) / timedelta(hours=1)
            recent = recent.after(hours, relevant, observation.arrived)
            _save_silence(store, observation, before.document_at, relevant, sum(rates))
        if counts:
            learnt = learn(
                publication_rate, before.document_at, observation.at, observation.arrived, observation.zone, rates
            )
            _save_publication_rate(store, observation.seed_id, publication_rate, learnt)
            publication_rate = learnt
    now = SeedActivity(
        document_at=observation.at,
        items=before.items if observation.items is None else observation.items,
        newest_at=before.newest_at if observation.items is None else max(observation.dates, default=None),
        gave_new_at=observation.at if observation.gave_new else before.gave_new_at,
        recent=recent,
        ahead_seconds=observation.ahead_seconds,
    )
    _save_seed_activity(store, observation.seed_id, now)
    return publication_rate, now, relevant


def record_deeper_document(store: ArchiveStore, observation: PollObservation) -> None:
    """A document that the way led to brought articles: they count, its time is that of the way itself."""
    if not observation.arrived:
        return
    store.db.execute(
        "UPDATE publication_rates SET arrivals = arrivals + ? WHERE seed_id = ? AND hour = ?",
        (observation.arrived, observation.seed_id, hour_of_week(observation.at, observation.zone)),
    )
    store.db.execute(
        "UPDATE seed_activity SET recent_arrived = recent_arrived + ?, gave_new_at = ? WHERE seed_id = ?",
        (observation.arrived, format_utc(observation.at), observation.seed_id),
    )
    _save_silence(store, observation, observation.at, 0.0, 0.0)


def record_failure(store: ArchiveStore, seed_id: int, at: datetime) -> SeedActivity:
    """A poll failed or was refused: nothing is learnt, but since when."""
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


def _save_seed_activity(store: ArchiveStore, seed_id: int, silence: SeedActivity) -> None:
    store.db.execute(
        "INSERT OR REPLACE INTO seed_activity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seed_id,
            format_utc_or_none(silence.document_at),
            silence.items,
            format_utc_or_none(silence.newest_at),
            format_utc_or_none(silence.gave_new_at),
            None,
            silence.recent.expected,
            silence.recent.arrived,
            silence.ahead_seconds,
        ),
    )


def _save_silence(
    store: ArchiveStore, observation: PollObservation, start: datetime, relevant: float, seed_weekly: float
) -> None:
    """`seed_weekly`: articles a week of the way, where they have been reckoned already; 0 where not."""
    rows = store.db.execute("SELECT id FROM seeds WHERE source_id = ?", (observation.source,)).fetchall()
    seeds = [row["id"] for row in rows]
    a_week = seed_weekly if seed_weekly and len(seeds) == 1 else sum(publication_rate_of(store.db, seeds).rates())
    silence = update_silence(
        silence_state(store.db, observation.source),
        start=start, end=observation.at, expected=relevant, arrived=observation.arrived, a_week=a_week,
    )  # fmt: skip
    store.db.execute(
        "INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            observation.source,
            format_utc_or_none(silence.watched_since),
            silence.alarm,
            silence.level(a_week) if silence.has_learnt(observation.at) else None,
            format_utc_or_none(silence.quiet_since),
            format_utc_or_none(silence.last_new_at),
            silence.chunk_expected,
            silence.chunk_arrived,
            silence.squares,
            silence.weight,
        ),
    )
