"""Store a poll, in one transaction: its links, the queue, the seed's validators, and the polling schedule.

Validators stored without the links of their document would make the next poll return "not modified" and lose the links.

Read top-down: `record_poll` calls the functions below it in this order; then `poll_schedule.update_schedule`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from crawler.archive.articles.identity import forgotten_id_of, note_urls
from crawler.archive.crawl.coverage_queries import shrinkage
from crawler.archive.crawl.links import LinkContext, upsert_link
from crawler.archive.crawl.poll_schedule import update_schedule
from crawler.archive.crawl.queue_changes import enqueue, is_queued, retry_dropped, take_over
from crawler.archive.crawl.stored_poll import StoredPoll
from crawler.archive.db.seals import seal_row
from crawler.archive.storage.store import ArchiveStore
from crawler.crawl_state import QueueEntry
from crawler.items import PollRecord
from crawler.models import Link, PollStatus, ResponseStatus
from crawler.reasons import DOCUMENT_NOTES, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import as_json, clean_text_or_none, format_utc, reason_columns, sql_list
from crawler.url_identity import link_keys
from crawler.urls import url_key

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """The result of a stored poll."""

    outcome: PollStatus
    items: int
    known: int
    fresh: tuple[QueueEntry, ...] = ()
    """Queue entries of links that were never seen before, in the order of the document."""
    complete: bool = True
    """The document overlaps with what was known: nothing was missed between it and the poll before."""
    changed: tuple[int, ...] = ()
    """articles.id of known articles whose entry in the feed changed: a recheck is due."""


@dataclass(slots=True)
class _Discovery:
    """Which links of a document are new, known or changed, collected one by one."""

    fresh: list[QueueEntry]
    changed: list[int]
    first_seen: list[str | None]
    """For each link: when it was first seen; None: now."""
    known: int = 0


def record_poll(store: ArchiveStore, poll: PollRecord) -> PollOutcome:
    """Store one poll and return what is new in it. Runs inside a transaction."""
    seed_id = _seed_id(store, poll)
    if poll.reason is None and poll.entries is not None and poll.has_document and not (poll.is_deeper or poll.is_index):
        poll = replace(poll, reason=shrinkage(store.db, seed_id, poll))
    poll = _without_forgotten(store.db, poll)
    poll_id = _insert_poll(store, seed_id, poll)
    context = LinkContext(source=poll.source.id, seed_id=seed_id, poll_id=poll_id, at=poll.at)
    found = _Discovery([], [], [])
    for link in poll.links:
        _store_link(store, poll, context, link, found)
    status = _status(poll, known=found.known)
    store.db.execute("UPDATE polls SET outcome = ?, known = ? WHERE id = ?", (status, found.known, poll_id))
    seal_row(store.db, "polls", poll_id)
    _update_seed(store, seed_id, poll, status)
    complete = update_schedule(
        store,
        StoredPoll(poll=poll, seed_id=seed_id, poll_id=poll_id, outcome=status, first_seen=tuple(found.first_seen)),
    )
    changed = tuple(dict.fromkeys(found.changed))
    store.db.executemany(
        "UPDATE articles SET next_check_at = ? WHERE id = ? AND merged_into IS NULL",
        [(format_utc(poll.at), article_id) for article_id in changed],
    )
    log.debug(
        "poll %d of seed %d (%s): %s, %d links, %d known, %d queued, articles changed: %s",
        poll_id, seed_id, poll.url or poll.seed_url, status.value, len(poll.links), found.known, len(found.fresh),
        changed,
    )  # fmt: skip
    return PollOutcome(
        outcome=status,
        items=len(poll.links),
        known=found.known,
        fresh=tuple(found.fresh),
        complete=complete,
        changed=changed,
    )


def _without_forgotten(db: Connection, poll: PollRecord) -> PollRecord:
    """The poll without the links to articles that were removed on request; they are counted in `left_out`."""
    rules = poll.source.key_rules
    kept = tuple(
        link for link in poll.links if forgotten_id_of(db, [key.key for key in link_keys(link, rules)]) is None
    )
    count = len(poll.links) - len(kept)
    return replace(poll, links=kept, left_out={**poll.left_out, ReasonCode.FORGOTTEN: count}) if count else poll


def _seed_id(store: ArchiveStore, poll: PollRecord) -> int:
    row = store.db.execute(
        "SELECT id FROM seeds WHERE source_id = ? AND url = ?", (poll.source.id, poll.seed_url)
    ).fetchone()
    assert row is not None, f"{poll.seed_url}: begin_run writes all seeds"
    return int(row["id"])


def _insert_poll(store: ArchiveStore, seed_id: int, poll: PollRecord) -> int:
    times = sorted(format_utc(date) for date in poll.dates if date is not None)
    cursor = store.db.execute(
        "INSERT INTO polls (seed_id, run_id, at, url, outcome, http_status, items, entries, left_out, oldest_at,"
        " newest_at, reason_code, error, milliseconds) VALUES (?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seed_id,
            poll.run_id,
            format_utc(poll.at),
            poll.url,
            poll.http_status,
            len(poll.links),
            poll.entries,
            as_json({code.value: count for code, count in poll.left_out.items()}) if poll.left_out else None,
            times[0] if times else None,
            times[-1] if times else None,
            *reason_columns(poll.reason),
            poll.milliseconds,
        ),
    )
    return int(cursor.lastrowid or 0)


def _store_link(store: ArchiveStore, poll: PollRecord, context: LinkContext, link: Link, found: _Discovery) -> None:
    """Store one link; queue it if it is new, recheck its article if the entry changed."""
    keys = link_keys(link, poll.source.key_rules)
    names = [key.key for key in keys]
    article_id = _article_of(store, names)
    if article_id is None:
        take_over(store, poll, context.seed_id, names, link.url)
    was_queued = is_queued(store, names)
    is_known = was_queued or article_id is not None
    found.first_seen.append(_first_seen(store, context.seed_id, names) if is_known else None)
    by_guid = link.guid is not None and link.has_page and names[0].startswith("guid:")
    has_moved = by_guid and _follow_moved_url(store, article_id, context.seed_id, names[0], link.url)
    link_id, has_changed = upsert_link(store, context, names[0], link)
    found.known += is_known
    entry = QueueEntry(key=names[0], url=link.url, link_id=link_id, link=link)
    if article_id is not None:
        note_urls(store, article_id, keys, poll.at)
        if has_changed and not link.has_page:
            found.fresh.append(entry)
        elif has_changed or has_moved:
            found.changed.append(article_id)
    elif has_moved:
        found.fresh.append(entry)
    elif was_queued:
        if has_changed:
            retry_dropped(store, names)
    elif enqueue(store, poll, entry):
        found.fresh.append(entry)


def _follow_moved_url(store: ArchiveStore, article_id: int | None, seed_id: int, key: str, url: str) -> bool:
    """Store the newest URL of an entry that its guid identifies; return whether it has moved there."""
    moved = store.db.execute(
        "UPDATE queue SET url = ?, state = 'waiting', attempts = 0, next_try_at = NULL, completed_at = NULL"
        " WHERE key = ? AND url <> ? AND state <> 'done'",
        (url, key, url),
    )
    if moved.rowcount:
        seal_row(store.db, "queue", key)
    if article_id is None:
        return moved.rowcount > 0
    # Several feeds may list an article at several URLs: a known one is its new URL only if the same feed had another.
    known = store.db.execute(
        "SELECT url FROM articles WHERE id = :id UNION SELECT url FROM article_urls WHERE key = :key AND NOT EXISTS"
        " (SELECT 1 FROM links WHERE seed_id = :seed AND links.key = :key AND links.url <> :url)",
        {"id": article_id, "key": key, "seed": seed_id, "url": url},
    )
    if url_key(url) in {url_key(row["url"]) for row in known}:
        return False
    store.db.execute(
        "UPDATE articles SET url = ?, etag = NULL, last_modified = NULL WHERE id = ? AND url <> ?",
        (url, article_id, url),
    )
    seal_row(store.db, "articles", article_id)
    log.debug("article %d: moved to %s", article_id, url)
    return True


def _article_of(store: ArchiveStore, keys: Sequence[str]) -> int | None:
    for key in keys:
        row = store.db.execute("SELECT article_id FROM article_urls WHERE key = ? LIMIT 1", (key,)).fetchone()
        if row is not None:
            return int(row["article_id"])
    return None


def _first_seen(store: ArchiveStore, seed_id: int, keys: Sequence[str]) -> str:
    """When the seed first listed a known URL; if it never did, when any seed did; "" if that is unknown."""
    for key in keys:
        row = store.db.execute(
            "SELECT first_seen_at FROM links WHERE seed_id = ? AND key = ?", (seed_id, key)
        ).fetchone()
        row = row or store.db.execute("SELECT added_at FROM queue WHERE key = ?", (key,)).fetchone()
        if row is not None:
            return str(row[0])
    return ""


def _status(poll: PollRecord, *, known: int) -> PollStatus:
    if poll.has_failed:
        return PollStatus(poll.status.value)
    if poll.is_unchanged:
        return PollStatus.NOT_MODIFIED
    return PollStatus.NEW if known < len(poll.links) else PollStatus.KNOWN


def _update_seed(store: ArchiveStore, seed_id: int, poll: PollRecord, status: PollStatus) -> None:
    if poll.is_deeper:
        return
    at = format_utc(poll.at)
    store.db.execute(
        "UPDATE seeds SET polled_at = ?, http_status = ?, outcome = ?,"
        " failures = iif(?, failures + 1, 0), moved_to = iif(?, moved_to, ?) WHERE id = ?",
        (at, poll.http_status, status, poll.has_failed, poll.has_failed, poll.moved_to, seed_id),
    )
    # A note on the document stays valid while the document does not change.
    kept = f" AND reason_code NOT IN ({sql_list(DOCUMENT_NOTES)})" if poll.is_unchanged and poll.reason is None else ""
    store.db.execute(
        f"UPDATE seeds SET reason_code = ?, error = ? WHERE id = ? AND (reason_code IS NULL OR 1{kept})",
        (*reason_columns(poll.reason), seed_id),
    )
    if poll.status is ResponseStatus.UNCHANGED:
        store.db.execute("UPDATE seeds SET last_full_fetch_at = ? WHERE id = ?", (at, seed_id))
    if status.has_document:
        store.db.execute(
            "UPDATE seeds SET etag = ?, last_modified = ?, body_sha256 = ?, last_full_fetch_at = ? WHERE id = ?",
            (clean_text_or_none(poll.etag), clean_text_or_none(poll.last_modified), poll.body_sha256, at, seed_id),
        )
