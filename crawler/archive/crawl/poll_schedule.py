"""What follows from an answer of a way, in the poll's own transaction: its pace, the gap ledger, when it is due again.

The overlap by which an answer is proven to be whole is with what was known when the way was last read: that another
way of the source brought an article a second ago proves nothing of this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from crawler.archive.crawl.coverage import record_coverage, record_deeper_coverage, repair_from
from crawler.archive.crawl.publication_rates import (
    PollObservation,
    SeedActivity,
    publication_rate_of,
    record_deeper_document,
    record_document,
    record_failure,
    seed_activity,
)
from crawler.archive.storage.store import ArchiveStore
from crawler.models import SeedKind
from crawler.polling.interval import History, PollOutcomeName, next_poll_at
from crawler.polling.overlap import overlaps_known
from crawler.polling.publication_rate import PublicationRate, rate_zone
from crawler.polling.publication_rate import expected_articles as expected_in
from crawler.sqlite.values import format_utc, format_utc_or_none

LATE = timedelta(minutes=10)
"""A document may show an article so long after its date: caches of publishers live for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPoll:
    """What a poll gave, as far as pace and gaps go."""

    seed_id: int
    poll_id: int
    source: str
    seed: str
    at: datetime
    outcome: PollOutcomeName
    url: str | None = None
    """As in `polls`."""
    is_index: bool = False
    first_seen: tuple[str | None, ...] = ()
    """For each link, in the order of the document: when it was first seen; None: now."""
    dates: tuple[datetime | None, ...] = ()
    """For each link: when it was published."""
    poll_interval: timedelta | None = None
    ahead_seconds: int | None = None


def update_schedule(store: ArchiveStore, answer: ScheduledPoll) -> bool:
    """Learn, write the ledger, schedule; gives back whether the answer met what was known."""
    if answer.url is not None:
        return _note_deeper(store, answer)
    row = store.db.execute(
        "SELECT seeds.kind, seeds.failures, sources.timezone FROM seeds JOIN sources ON sources.id = seeds.source_id"
        " WHERE seeds.id = ?",
        (answer.seed_id,),
    ).fetchone()
    before = seed_activity(store.db, answer.seed_id)
    complete, publication_rate, silence = True, None, before
    if answer.outcome in ("failed", "refused"):
        silence = record_failure(store, answer.seed_id, answer.at)
    elif answer.outcome == "not_modified" or answer.is_index or answer.first_seen:
        complete = _is_complete(answer, before, cast("SeedKind", row["kind"]))
        publication_rate, silence = _note_document(store, answer, before, complete, row["timezone"])
    if answer.poll_interval is not None:
        history = History(
            outcome=answer.outcome,
            seed=answer.seed,
            items=silence.items,
            overlaps=complete,
            since_last=answer.at - before.document_at if before.document_at else None,
            failures=row["failures"],
            publication_rate=publication_rate
            if publication_rate is not None
            else publication_rate_of(store.db, (answer.seed_id,)),
            recent=silence.recent,
            zone=rate_zone(row["timezone"]),
        )
        due = next_poll_at(history, now=answer.at, poll_interval=answer.poll_interval)
        store.db.execute("UPDATE seeds SET next_poll_at = ? WHERE id = ?", (format_utc(due), answer.seed_id))
    return complete


def _is_complete(answer: ScheduledPoll, before: SeedActivity, kind: SeedKind) -> bool:
    if before.document_at is None or answer.outcome == "not_modified" or answer.is_index:
        return True
    return overlaps_known(_known_since(answer, format_utc(before.document_at)), kind, answer.dates)


def _known_since(answer: ScheduledPoll, moment: str) -> list[bool]:
    return [seen is not None and seen <= moment for seen in answer.first_seen]


def _note_document(
    store: ArchiveStore, answer: ScheduledPoll, before: SeedActivity, complete: bool, timezone: str
) -> tuple[PublicationRate, SeedActivity]:
    arrived = sum(seen is None for seen in answer.first_seen)
    publication_rate, silence, expected = record_document(
        store,
        PollObservation(
            seed_id=answer.seed_id,
            source=answer.source,
            zone=rate_zone(timezone),
            at=answer.at,
            arrived=arrived if before.document_at else 0,
            whole=complete,
            gave_new=_gives_new(answer, before),
            items=len(answer.first_seen) if answer.outcome != "not_modified" and not answer.is_index else None,
            dates=tuple(date for date in answer.dates if date is not None),
            ahead_seconds=answer.ahead_seconds,
        ),
    )
    record_coverage(
        store,
        seed_id=answer.seed_id,
        source=answer.source,
        poll_id=answer.poll_id,
        before=before.document_at if complete else _fresh_until(answer, before),
        at=answer.at,
        complete=complete,
        expected=_expected_in_gap(answer, before, publication_rate, expected, rate_zone(timezone))
        if not complete
        else expected,
        seen=arrived,
    )
    repair_from(store, seed_id=answer.seed_id, source=answer.source, at=answer.at, oldest=_oldest(answer))
    return publication_rate, silence


def _fresh_until(answer: ScheduledPoll, before: SeedActivity) -> datetime | None:
    """The last poll that showed what was there. Articles older than the poll before, and not in it: it was stale."""
    if before.document_at is None or before.gave_new_at is None:
        return before.document_at
    is_late = any(
        seen is None and date is not None and date < before.document_at - LATE
        for seen, date in zip(answer.first_seen, answer.dates, strict=True)
    )
    return before.gave_new_at if is_late else before.document_at


def _expected_in_gap(
    answer: ScheduledPoll,
    before: SeedActivity,
    publication_rate: PublicationRate,
    since_last: float | None,
    zone: ZoneInfo,
) -> float | None:
    start = _fresh_until(answer, before)
    if since_last is None or start is None or start == before.document_at:
        return since_last
    return expected_in(publication_rate.rates(), start, answer.at, zone)


def _gives_new(answer: ScheduledPoll, before: SeedActivity) -> bool:
    last = format_utc_or_none(before.document_at) or ""
    return any(seen is None or seen > last for seen in answer.first_seen)


def _oldest(answer: ScheduledPoll) -> datetime | None:
    """Back to when the document holds what was published; None where its dates do not say, or not of most links."""
    given = sorted(date for date in answer.dates if date is not None)
    # A document is its newest so many articles; one old article on top of them does not make it reach back further.
    return given[len(given) // 20] if given and len(given) >= 0.8 * len(answer.dates) else None


def _note_deeper(store: ArchiveStore, answer: ScheduledPoll) -> bool:
    if answer.outcome not in ("new", "known"):
        return True
    row = store.db.execute(
        "SELECT seeds.kind, sources.timezone, (SELECT max(from_at) FROM coverage WHERE seed_id = seeds.id"
        " AND state = 'open') AS gap_from FROM seeds JOIN sources ON sources.id = seeds.source_id WHERE seeds.id = ?",
        (answer.seed_id,),
    ).fetchone()
    fresh = sum(seen is None for seen in answer.first_seen)
    record_deeper_document(
        store,
        PollObservation(
            seed_id=answer.seed_id, source=answer.source, zone=rate_zone(row["timezone"]), at=answer.at, arrived=fresh
        ),
    )
    if row["gap_from"] is None:
        return any(seen is not None for seen in answer.first_seen)
    kind = cast("SeedKind", row["kind"])
    complete = overlaps_known(_known_since(answer, row["gap_from"]), kind, answer.dates)
    record_deeper_coverage(
        store, seed_id=answer.seed_id, url=answer.url or "", at=answer.at, overlaps_known=complete, fresh=fresh,
    )  # fmt: skip
    if kind == "sitemap":
        repair_from(store, seed_id=answer.seed_id, source=answer.source, at=answer.at, oldest=_oldest(answer))
    return complete
