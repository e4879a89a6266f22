"""Change the queue for the links of a poll: add a URL, take it over from another source, try a dropped one again."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from crawler.archive.db.seals import insert_sealed
from crawler.archive.storage.store import ArchiveStore
from crawler.crawl_state import QueueEntry
from crawler.items import PollRecord
from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.rows import marks
from crawler.sqlite.values import format_utc, reason_columns
from crawler.urls import host_of, registered_domain

log = logging.getLogger(__name__)


def is_queued(store: ArchiveStore, keys: Sequence[str]) -> bool:
    """Return whether a URL with one of these keys is in the queue, in any state."""
    return any(store.db.execute("SELECT 1 FROM queue WHERE key = ?", (key,)).fetchone() for key in keys)


def take_over(store: ArchiveStore, poll: PollRecord, seed_id: int, keys: Sequence[str], url: str) -> None:
    """Take a URL out of another source's queue if a seed of this one lists it for the first time.

    This source takes it if the URL is of its domain, or if the other source gave up. Otherwise a source that links to the
    pages of another one and cannot fetch them would keep the other from reading them.
    """
    if store.db.execute("SELECT 1 FROM links WHERE seed_id = ? AND key = ?", (seed_id, keys[0])).fetchone() is None:
        is_own = registered_domain(host_of(url)) in poll.source.domains
        store.db.execute(
            f"DELETE FROM queue WHERE key IN ({marks(keys)}) AND source_id <> ?"
            " AND state IN ('dropped', iif(?, 'waiting', ''))",
            (*keys, poll.source.id, is_own),
        )


def retry_dropped(store: ArchiveStore, keys: Sequence[str]) -> None:
    """Try a dropped URL once more, because its entry in the feed changed."""
    store.db.execute(
        "UPDATE queue SET state = 'waiting', next_try_at = NULL, completed_at = NULL, attempts = attempts - 1"
        f" WHERE key IN ({marks(keys)}) AND state = 'dropped' AND attempts > 0",
        tuple(keys),
    )


def enqueue(store: ArchiveStore, poll: PollRecord, entry: QueueEntry) -> bool:
    """Add a URL to the queue, as dropped if it must not be fetched; return whether it is to be fetched."""
    dropped = _reason_to_drop(poll, entry)
    code, reason = reason_columns(dropped)
    insert_sealed(
        store.db,
        "queue",
        {
            "key": entry.key,
            "source_id": poll.source.id,
            "link_id": entry.link_id,
            "url": entry.url,
            "state": "dropped" if dropped else "waiting",
            "reason_code": code,
            "reason": reason,
            "added_at": format_utc(poll.at),
            "completed_at": format_utc(poll.at) if dropped else None,
        },
    )
    if dropped:
        log.debug("%s: link skipped: %s (%s)", poll.source.id, entry.url, dropped.code.value)
    return dropped is None


def _reason_to_drop(poll: PollRecord, entry: QueueEntry) -> Reason | None:
    assert entry.link is not None
    published = entry.link.published or entry.link.updated
    if poll.backfill is not None and published is not None and published.at < poll.at - poll.backfill:
        return Reason(ReasonCode.TOO_OLD, f"older than {poll.backfill.days} days when it was found")
    return None
