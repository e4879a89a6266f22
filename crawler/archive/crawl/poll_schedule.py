"""Update the polling schedule, publication rate and coverage after a poll, in the same transaction.

The overlap that proves a document complete is with what was known when the seed was last polled: a link that another
seed of the source gave a second ago proves nothing for this one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from crawler.archive.crawl.coverage import record_coverage, record_deeper_coverage, repair_from
from crawler.archive.crawl.publication_rates import (
    Arrivals,
    SeedActivity,
    publication_rate_of,
    record_deeper_document,
    record_document,
    record_failure,
    seed_activity,
)
from crawler.archive.storage.store import ArchiveStore
from crawler.items import PollRecord
from crawler.models import PollStatus, SeedKind
from crawler.polling.interval import History, next_poll_at
from crawler.polling.overlap import overlaps_known
from crawler.polling.publication_rate import PublicationRate, rate_zone
from crawler.polling.publication_rate import expected_articles as expected_in
from crawler.sqlite.values import format_utc, format_utc_or_none

log = logging.getLogger(__name__)
LATE = timedelta(minutes=10)
"""A document may show an article this long after its date: caches of publishers live for minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPoll:
    """A poll whose links are stored, with the time at which each was first seen."""

    poll: PollRecord
    seed_id: int
    poll_id: int
    outcome: PollStatus
    first_seen: tuple[str | None, ...] = ()
    """For each link, in the order of the document: when it was first seen; None: now."""

    @property
    def at(self) -> datetime:
        """Time of the poll."""
        return self.poll.at

    @property
    def source(self) -> str:
        """Id of the source."""
        return self.poll.source.id

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the source's week is counted."""
        return rate_zone(self.poll.source.timezone)

    @property
    def fresh(self) -> int:
        """Number of links that were never seen before."""
        return sum(seen is None for seen in self.first_seen)

    @property
    def is_same_document(self) -> bool:
        """Whether the links of the last document still hold."""
        return self.outcome is PollStatus.NOT_MODIFIED or self.poll.is_index

    def known_since(self, moment: str) -> list[bool]:
        """For each link: whether it was known at that moment."""
        return [seen is not None and seen <= moment for seen in self.first_seen]

    def oldest(self) -> datetime | None:
        """Since when the document lists everything that was published; None if too few links have dates."""
        given = sorted(date for date in self.poll.dates if date is not None)
        # A document holds its newest links; one old article on top of them does not make it reach back further.
        return given[len(given) // 20] if given and len(given) >= 0.8 * len(self.poll.dates) else None


def update_schedule(store: ArchiveStore, stored: StoredPoll) -> bool:
    """Update rate, coverage and due time; return whether the document overlaps with what was known."""
    if stored.poll.is_deeper:
        return _record_deeper(store, stored)
    row = store.db.execute("SELECT kind, failures FROM seeds WHERE id = ?", (stored.seed_id,)).fetchone()
    before = seed_activity(store.db, stored.seed_id)
    complete, publication_rate, activity = True, None, before
    if stored.poll.has_failed:
        activity = record_failure(store, stored.seed_id, stored.at)
    elif stored.is_same_document or stored.first_seen:
        complete = _is_complete(stored, before, cast("SeedKind", row["kind"]))
        publication_rate, activity = _record_document(store, stored, before, complete)
    if stored.poll.poll_interval is not None:
        history = History(
            outcome=stored.outcome,
            seed=stored.poll.seed_url,
            items=activity.items,
            overlaps=complete,
            since_last=stored.at - before.document_at if before.document_at else None,
            failures=row["failures"],
            publication_rate=publication_rate or publication_rate_of(store.db, (stored.seed_id,)),
            recent=activity.recent,
            zone=stored.zone,
        )
        due = next_poll_at(history, now=stored.at, poll_interval=stored.poll.poll_interval)
        store.db.execute("UPDATE seeds SET next_poll_at = ? WHERE id = ?", (format_utc(due), stored.seed_id))
        log.debug(
            "seed %d: next poll at %s (%d failures, overlap %s, %s since the last document)",
            stored.seed_id, format_utc(due), row["failures"], complete, history.since_last,
        )  # fmt: skip
    return complete


def _is_complete(stored: StoredPoll, before: SeedActivity, kind: SeedKind) -> bool:
    if before.document_at is None or stored.is_same_document:
        return True
    return overlaps_known(stored.known_since(format_utc(before.document_at)), kind, stored.poll.dates)


def _record_document(
    store: ArchiveStore, stored: StoredPoll, before: SeedActivity, complete: bool
) -> tuple[PublicationRate, SeedActivity]:
    last = format_utc_or_none(before.document_at) or ""
    publication_rate, activity, expected = record_document(
        store,
        Arrivals(
            seed_id=stored.seed_id,
            source=stored.source,
            zone=stored.zone,
            at=stored.at,
            arrived=stored.fresh if before.document_at else 0,
            complete=complete,
            has_new=any(seen is None or seen > last for seen in stored.first_seen),
            items=None if stored.is_same_document else len(stored.first_seen),
            dates=tuple(date for date in stored.poll.dates if date is not None),
            ahead_seconds=stored.poll.ahead_seconds,
        ),
    )
    since = before.document_at
    if not complete:
        since = _fresh_until(stored, before)
        if expected is not None and since is not None and since != before.document_at:
            expected = expected_in(publication_rate.rates(), since, stored.at, stored.zone)
    record_coverage(
        store,
        seed_id=stored.seed_id,
        source=stored.source,
        poll_id=stored.poll_id,
        previous_at=since,
        at=stored.at,
        complete=complete,
        expected=expected,
        seen=stored.fresh,
    )
    repair_from(store, seed_id=stored.seed_id, source=stored.source, at=stored.at, oldest=stored.oldest())
    return publication_rate, activity


def _fresh_until(stored: StoredPoll, before: SeedActivity) -> datetime | None:
    """The last poll whose document was current. New links older than that poll show that its document was stale."""
    if before.document_at is None or before.gave_new_at is None:
        return before.document_at
    is_late = any(
        seen is None and date is not None and date < before.document_at - LATE
        for seen, date in zip(stored.first_seen, stored.poll.dates, strict=True)
    )
    return before.gave_new_at if is_late else before.document_at


def _record_deeper(store: ArchiveStore, stored: StoredPoll) -> bool:
    """A document that the seed leads to: it may repair a gap, and its new links count for the publication rate."""
    if not stored.outcome.has_document:
        return True
    row = store.db.execute(
        "SELECT kind, (SELECT max(from_at) FROM coverage WHERE seed_id = seeds.id AND state = 'open') AS gap_from"
        " FROM seeds WHERE id = ?",
        (stored.seed_id,),
    ).fetchone()
    arrivals = Arrivals(
        seed_id=stored.seed_id, source=stored.source, zone=stored.zone, at=stored.at, arrived=stored.fresh
    )
    record_deeper_document(store, arrivals)
    if row["gap_from"] is None:
        return any(seen is not None for seen in stored.first_seen)
    kind = cast("SeedKind", row["kind"])
    complete = overlaps_known(stored.known_since(row["gap_from"]), kind, stored.poll.dates)
    record_deeper_coverage(
        store, seed_id=stored.seed_id, url=stored.poll.url or "", at=stored.at, overlaps_known=complete,
        fresh=stored.fresh,
    )  # fmt: skip
    if kind == "sitemap":
        repair_from(store, seed_id=stored.seed_id, source=stored.source, at=stored.at, oldest=stored.oldest())
    return complete
