"""What is written of a way's pace: its rhythm, its pulse, and how near its source is to being called silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crawler.archive.connection import Connection
from crawler.archive.store import Store
from crawler.archive.values import iso, iso_or_none, moment_or_none
from crawler.polling import Recent
from crawler.rhythm import WEEK, Rhythm, expected, hour_of_week, learn, seeded
from crawler.silence import Pulse, beat


@dataclass(frozen=True, slots=True, kw_only=True)
class WayPulse:
    """A row of `pulses`."""

    document_at: datetime | None = None
    items: int = 0
    newest_at: datetime | None = None
    gave_new_at: datetime | None = None
    failing_since: datetime | None = None
    recent: Recent = field(default_factory=Recent)
    ahead_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one answer of a way was, as far as its pace goes."""

    way_id: int
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


def way_pulse(db: Connection, way_id: int) -> WayPulse:
    """How a way does; as new where it was never asked."""
    row = db.execute("SELECT * FROM pulses WHERE way_id = ?", (way_id,)).fetchone()
    if row is None:
        return WayPulse()
    return WayPulse(
        document_at=moment_or_none(row["document_at"]),
        items=row["items"],
        newest_at=moment_or_none(row["newest_at"]),
        gave_new_at=moment_or_none(row["gave_new_at"]),
        failing_since=moment_or_none(row["failing_since"]),
        recent=Recent(expected=row["recent_expected"], arrived=row["recent_arrived"]),
        ahead_seconds=row["ahead_seconds"],
    )


def rhythm_of(db: Connection, way_ids: Sequence[int]) -> Rhythm:
    """The rhythm of a way; of several, what they bring together while they are watched alike."""
    arrivals, hours = [0.0] * WEEK, [0.0] * WEEK
    marks = ",".join("?" * len(way_ids))
    rows = db.execute(f"SELECT hour, arrivals, hours FROM rhythms WHERE way_id IN ({marks})", tuple(way_ids))
    for row in rows:
        arrivals[row["hour"]] += row["arrivals"]
        hours[row["hour"]] = max(hours[row["hour"]], row["hours"])
    return Rhythm(arrivals=tuple(arrivals), hours=tuple(hours))


def pulse_of(db: Connection, source: str) -> Pulse:
    """The pulse of a source; as new where it was never asked."""
    row = db.execute("SELECT * FROM silences WHERE source_id = ?", (source,)).fetchone()
    if row is None:
        return Pulse()
    return Pulse(
        watched_since=moment_or_none(row["watched_since"]),
        alarm=row["alarm"],
        quiet_since=moment_or_none(row["quiet_since"]),
        last_new_at=moment_or_none(row["last_new_at"]),
        chunk_expected=row["chunk_expected"],
        chunk_arrived=row["chunk_arrived"],
        squares=row["squares"],
        weight=row["weight"],
    )


def hear(store: Store, heard: Heard) -> tuple[Rhythm, WayPulse, float | None]:
    """Learn from an answer; gives back the rhythm and pulse of now, and what was to be expected since the last one."""
    before = way_pulse(store.db, heard.way_id)
    rhythm = rhythm_of(store.db, (heard.way_id,))
    wanted: float | None = None
    recent = before.recent
    if before.document_at is None:
        rhythm = seeded(heard.items or 0, min(heard.dates, default=None), max(heard.dates, default=None), heard.at)
        _keep_rhythm(store, heard.way_id, Rhythm(), rhythm)
    elif heard.at > before.document_at:
        rates = rhythm.rates() if rhythm.is_known else None
        if rates is not None:
            wanted = expected(rates, before.document_at, heard.at, heard.zone)
        counts = heard.whole or heard.arrived > (wanted or 0.0)
        if wanted is not None and rates is not None and counts:
            hours = (heard.at - before.document_at) / timedelta(hours=1)
            recent = recent.after(hours, wanted, heard.arrived)
            _keep_silence(store, heard, before.document_at, wanted, sum(rates))
        if counts:
            learnt = learn(rhythm, before.document_at, heard.at, heard.arrived, heard.zone, rates)
            _keep_rhythm(store, heard.way_id, rhythm, learnt)
            rhythm = learnt
    now = WayPulse(
        document_at=heard.at,
        items=before.items if heard.items is None else heard.items,
        newest_at=before.newest_at if heard.items is None else max(heard.dates, default=None),
        gave_new_at=heard.at if heard.gave_new else before.gave_new_at,
        recent=recent,
        ahead_seconds=heard.ahead_seconds,
    )
    _keep_pulse(store, heard.way_id, now)
    return rhythm, now, wanted


def hear_more(store: Store, heard: Heard) -> None:
    """A document that the way led to brought articles: they count, its time is that of the way itself."""
    if not heard.arrived:
        return
    store.db.execute(
        "UPDATE rhythms SET arrivals = arrivals + ? WHERE way_id = ? AND hour = ?",
        (heard.arrived, heard.way_id, hour_of_week(heard.at, heard.zone)),
    )
    store.db.execute(
        "UPDATE pulses SET recent_arrived = recent_arrived + ?, gave_new_at = ? WHERE way_id = ?",
        (heard.arrived, iso(heard.at), heard.way_id),
    )
    _keep_silence(store, heard, heard.at, 0.0, 0.0)


def hear_nothing(store: Store, way_id: int, at: datetime) -> WayPulse:
    """A poll failed or was refused: nothing is learnt, but since when."""
    store.db.execute(
        "INSERT INTO pulses (way_id, failing_since) VALUES (?, ?)"
        " ON CONFLICT (way_id) DO UPDATE SET failing_since = coalesce(failing_since, excluded.failing_since)",
        (way_id, iso(at)),
    )
    return way_pulse(store.db, way_id)


def _keep_rhythm(store: Store, way_id: int, before: Rhythm, now: Rhythm) -> None:
    changed = [
        (way_id, hour, now.arrivals[hour], now.hours[hour])
        for hour in range(WEEK)
        if (now.arrivals[hour], now.hours[hour]) != (before.arrivals[hour], before.hours[hour])
    ]
    store.db.executemany("INSERT OR REPLACE INTO rhythms VALUES (?, ?, ?, ?)", changed)


def _keep_pulse(store: Store, way_id: int, pulse: WayPulse) -> None:
    store.db.execute(
        "INSERT OR REPLACE INTO pulses VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            way_id,
            iso_or_none(pulse.document_at),
            pulse.items,
            iso_or_none(pulse.newest_at),
            iso_or_none(pulse.gave_new_at),
            None,
            pulse.recent.expected,
            pulse.recent.arrived,
            pulse.ahead_seconds,
        ),
    )


def _keep_silence(store: Store, heard: Heard, start: datetime, wanted: float, way_a_week: float) -> None:
    """`way_a_week`: articles a week of the way, where they have been reckoned already; 0 where not."""
    rows = store.db.execute("SELECT id FROM ways WHERE source_id = ?", (heard.source,)).fetchall()
    ways = [row["id"] for row in rows]
    a_week = way_a_week if way_a_week and len(ways) == 1 else sum(rhythm_of(store.db, ways).rates())
    pulse = beat(
        pulse_of(store.db, heard.source),
        start=start, end=heard.at, expected=wanted, arrived=heard.arrived, a_week=a_week,
    )  # fmt: skip
    store.db.execute(
        "INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            heard.source,
            iso_or_none(pulse.watched_since),
            pulse.alarm,
            pulse.level(a_week) if pulse.has_learnt(heard.at) else None,
            iso_or_none(pulse.quiet_since),
            iso_or_none(pulse.last_new_at),
            pulse.chunk_expected,
            pulse.chunk_arrived,
            pulse.squares,
            pulse.weight,
        ),
    )
