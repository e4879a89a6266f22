"""Update the polling schedule, publication rate and coverage after a poll, in the same transaction.

The overlap that proves a document complete is with what was known when the seed was last polled: a link that another
seed of the source gave a second ago proves nothing for this one.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import cast

from crawler.archive.crawl.coverage import record_coverage, record_deeper_coverage, repair_from
from crawler.archive.crawl.publication_rates import (
    SeedActivity,
    publication_rate_of,
    record_deeper_document,
    record_document,
    record_failure,
    seed_activity,
)
from crawler.archive.crawl.stored_poll import StoredPoll
from crawler.archive.storage.store import ArchiveStore
from crawler.models import SeedKind
from crawler.polling.interval import History, next_poll_at
from crawler.polling.overlap import overlaps_known
from crawler.polling.publication_rate import PublicationRate
from crawler.polling.publication_rate import expected_articles as expected_in
from crawler.sqlite.values import format_utc

log = logging.getLogger(__name__)
LATE = timedelta(minutes=10)
"""A document may show an article this long after its date: caches of publishers live for minutes."""


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
    publication_rate, activity, expected = record_document(store, stored, before, complete=complete)
    since = before.document_at
    if not complete:
        since = _fresh_until(stored, before)
        if expected is not None and since is not None and since != before.document_at:
            expected = expected_in(publication_rate.rates(), since, stored.at, stored.zone)
    record_coverage(store, stored, since=since, complete=complete, expected=expected)
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
    record_deeper_document(store, stored)
    if row["gap_from"] is None:
        return any(seen is not None for seen in stored.first_seen)
    kind = cast("SeedKind", row["kind"])
    complete = overlaps_known(stored.known_since(row["gap_from"]), kind, stored.poll.dates)
    record_deeper_coverage(store, stored, overlaps_known=complete)
    if kind == "sitemap":
        repair_from(store, seed_id=stored.seed_id, source=stored.source, at=stored.at, oldest=stored.oldest())
    return complete
