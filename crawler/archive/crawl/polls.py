"""What is written of a poll: the way's validators, the links it gave, and the queue, in one transaction.

A validator stored without the links of its body would make the next poll answer "not modified", and the links be lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from crawler.archive.articles.identity import note_urls
from crawler.archive.crawl.links import LinkContext, upsert_link
from crawler.archive.crawl.poll_schedule import ScheduledPoll, update_schedule
from crawler.archive.storage.store import ArchiveStore
from crawler.models import Link, QueueEntry
from crawler.reasons import DOCUMENT_NOTES, Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text_or_none, format_utc
from crawler.url_identity import KeyRules, link_keys

EARLIER_POLLS, EARLIER_SINCE = 20, timedelta(days=7)
"""Polls that the length of a document is compared with; after a week, the shorter length is the usual one."""
SHRUNK_FROM, SHRUNK_TO = 9, 1 / 3
"""A listing of usually 9 links or more with less than a third of them has shrunk; short listings vary too much."""
PollOutcome = Literal["new", "known", "not_modified", "failed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """One time that a way was asked."""

    source: str
    rules: KeyRules
    seed_url: str
    run_id: int | None
    at: datetime
    failed: Literal["failed", "refused"] | None = None
    """There is no document; `reason` says why."""
    not_modified: bool = False
    http_status: int | None = None
    reason: Reason | None = None
    """Why there is no document, or what is noteworthy about it."""
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    links: tuple[Link, ...] = ()
    entries: int | None = None
    """Entries that the document holds; each is in `links` or counted in `left_out`. None if there is no document."""
    left_out: Mapping[ReasonCode, int] = field(default_factory=dict)
    """Number of entries that did not become links, by reason."""
    backfill: timedelta | None = None
    """Links published longer ago than this are noted, not fetched; None: all are fetched."""
    moved_to: str | None = None
    """Address of the document after permanent redirects."""
    is_moved_gone: bool = False
    """The address that earlier redirects led to is gone, too."""
    milliseconds: int | None = None
    url: str | None = None
    """A document that the way led to (a sitemap of an index, a listing's next page): its links are the way's, but its
    validators are not. None: the way's own URL."""
    is_index: bool = False
    """Its links stand in the documents that it leads to."""
    poll_interval: timedelta | None = None
    """How often the way is to be polled; from it follows when it is due again. None: that is not decided here."""
    ahead_seconds: int | None = None
    """How far the server's clock is ahead of ours; None where it did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSummary:
    """What a poll gave."""

    outcome: PollOutcome
    items: int
    known: int
    fresh: tuple[QueueEntry, ...] = ()
    """Never seen before, in the order of the document."""
    complete: bool = True
    """It met what was known: nothing can lie between it and the poll before."""
    changed: tuple[int, ...] = ()
    """articles.id of known articles of which the feed now says something else: due for a visit."""


def record_poll(store: ArchiveStore, poll: PollResult) -> PollSummary:
    """Store what a poll gave; gives back what it means: what is new, and what changed."""
    seed_id = _seed_id(store, poll)
    if poll.reason is None and poll.entries is not None and not poll.failed and poll.url is None and not poll.is_index:
        poll = replace(poll, reason=_shrinkage(store.db, seed_id, poll))
    poll_id = _insert_poll(store, seed_id, poll)
    place = LinkContext(source=poll.source, seed_id=seed_id, poll_id=poll_id, at=poll.at)
    fresh: list[QueueEntry] = []
    changed: list[int] = []
    known = 0
    first_seen: list[str | None] = []
    for link in poll.links:
        keys = [key.key for key in link_keys(link, poll.rules)]
        article_id = _article_of(store, keys)
        was_queued = _is_queued(store, keys)
        first_seen.append(_first_seen(store, seed_id, keys) if was_queued or article_id is not None else None)
        link_id, says_new = upsert_link(store, place, keys[0], link)
        if article_id is not None:
            known += 1
            note_urls(store, article_id, link_keys(link, poll.rules), poll.at)
            if says_new and not link.has_page:
                fresh.append(QueueEntry(key=keys[0], url=link.url, link_id=link_id, link=link))
            elif says_new:
                changed.append(article_id)
        elif was_queued:
            known += 1
            if says_new:
                _try_again(store, keys)
        else:
            entry = QueueEntry(key=keys[0], url=link.url, link_id=link_id, link=link)
            if _enqueue(store, poll, entry):
                fresh.append(entry)
    outcome = _outcome(poll, items=len(poll.links), known=known)
    store.db.execute("UPDATE polls SET outcome = ?, known = ? WHERE id = ?", (outcome, known, poll_id))
    _update_seed(store, seed_id, poll, outcome)
    complete = _update_schedule(store, seed_id, poll_id, poll, outcome, first_seen)
    for article_id in changed:
        store.db.execute(
            "UPDATE articles SET next_check_at = ? WHERE id = ? AND merged_into IS NULL",
            (format_utc(poll.at), article_id),
        )
    return PollSummary(
        outcome=outcome,
        items=len(poll.links),
        known=known,
        fresh=tuple(fresh),
        complete=complete,
        changed=tuple(dict.fromkeys(changed)),
    )


def _update_schedule(
    store: ArchiveStore,
    seed_id: int,
    poll_id: int,
    poll: PollResult,
    outcome: PollOutcome,
    first_seen: Sequence[str | None],
) -> bool:
    answer = ScheduledPoll(
        seed_id=seed_id,
        poll_id=poll_id,
        source=poll.source,
        seed=poll.seed_url,
        at=poll.at,
        outcome=outcome,
        url=poll.url,
        is_index=poll.is_index,
        first_seen=tuple(first_seen),
        dates=tuple(link.published.at if link.published else None for link in poll.links),
        poll_interval=poll.poll_interval,
        ahead_seconds=poll.ahead_seconds,
    )
    return update_schedule(store, answer)


def _outcome(poll: PollResult, *, items: int, known: int) -> PollOutcome:
    if poll.failed:
        return poll.failed
    if poll.not_modified:
        return "not_modified"
    return "new" if known < items else "known"


def _seed_id(store: ArchiveStore, poll: PollResult) -> int:
    row = store.db.execute(
        "SELECT id FROM seeds WHERE source_id = ? AND url = ?", (poll.source, poll.seed_url)
    ).fetchone()
    assert row is not None, f"{poll.seed_url}: begin_run writes all ways"
    return int(row["id"])


def _insert_poll(store: ArchiveStore, seed_id: int, poll: PollResult) -> int:
    times = sorted(format_utc(link.published.at) for link in poll.links if link.published is not None)
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
            json.dumps({str(code): count for code, count in poll.left_out.items()}) if poll.left_out else None,
            times[0] if times else None,
            times[-1] if times else None,
            poll.reason.code if poll.reason else None,
            clean_text_or_none(poll.reason.text if poll.reason else None),
            poll.milliseconds,
        ),
    )
    return int(cursor.lastrowid or 0)


def _shrinkage(db: Connection, seed_id: int, poll: PollResult) -> Reason | None:
    """A note if a document is empty, or a listing far shorter, compared with its earlier polls."""
    rows = db.execute(
        "SELECT polls.items, polls.at, seeds.kind FROM polls JOIN seeds ON seeds.id = polls.seed_id"
        " WHERE seed_id = ? AND polls.url IS NULL AND polls.outcome IN ('new', 'known') AND polls.items > 0"
        " AND coalesce(polls.reason_code, '') <> ? AND polls.at > ? ORDER BY polls.id DESC LIMIT ?",
        (seed_id, ReasonCode.SHRUNK, format_utc(poll.at - EARLIER_SINCE), EARLIER_POLLS),
    ).fetchall()
    if not rows:
        return None
    usual, now = sorted(row["items"] for row in rows)[len(rows) // 2], len(poll.links)
    if now == 0 and poll.entries == 0:
        last = rows[0]["at"][:16].replace("T", " ")
        return Reason(ReasonCode.EMPTIED, f"no entries; usually {usual}, last seen {last} UTC")
    if rows[0]["kind"] == "listing" and usual >= SHRUNK_FROM and now < usual * SHRUNK_TO:
        return Reason(ReasonCode.SHRUNK, f"{now} of usually {usual} links to articles")
    return None


def _update_seed(store: ArchiveStore, seed_id: int, poll: PollResult, outcome: PollOutcome) -> None:
    if poll.url is not None:
        return
    at = format_utc(poll.at)
    store.db.execute(
        "UPDATE seeds SET polled_at = ?, http_status = ?, outcome = ?,"
        " failures = iif(?, failures + 1, 0), moved_to = iif(?, moved_to, ?) WHERE id = ?",
        (
            at, poll.http_status, outcome, bool(poll.failed), bool(poll.failed) and not poll.is_moved_gone,
            poll.moved_to, seed_id,
        ),
    )  # fmt: skip
    # A note on the document stays valid while the document does not change.
    notes = ",".join(f"'{code}'" for code in sorted(DOCUMENT_NOTES))
    kept = f" AND reason_code NOT IN ({notes})" if poll.not_modified and poll.reason is None else ""
    store.db.execute(
        f"UPDATE seeds SET reason_code = ?, error = ? WHERE id = ? AND (reason_code IS NULL OR 1{kept})",
        (
            poll.reason.code if poll.reason else None,
            clean_text_or_none(poll.reason.text if poll.reason else None),
            seed_id,
        ),
    )
    if poll.not_modified and poll.body_sha256 is not None:  # the same body, sent in full
        store.db.execute("UPDATE seeds SET last_full_fetch_at = ? WHERE id = ?", (at, seed_id))
    if outcome in ("new", "known"):
        store.db.execute(
            "UPDATE seeds SET etag = ?, last_modified = ?, body_sha256 = ?, last_full_fetch_at = ? WHERE id = ?",
            (clean_text_or_none(poll.etag), clean_text_or_none(poll.last_modified), poll.body_sha256, at, seed_id),
        )


def _article_of(store: ArchiveStore, keys: Sequence[str]) -> int | None:
    for key in keys:
        row = store.db.execute("SELECT article_id FROM article_urls WHERE key = ? LIMIT 1", (key,)).fetchone()
        if row is not None:
            return int(row["article_id"])
    return None


def _is_queued(store: ArchiveStore, keys: Sequence[str]) -> bool:
    return any(store.db.execute("SELECT 1 FROM queue WHERE key = ?", (key,)).fetchone() for key in keys)


def _try_again(store: ArchiveStore, keys: Sequence[str]) -> None:
    """The feed says something else of a URL that was given up: one more attempt."""
    marks = ",".join("?" * len(keys))
    store.db.execute(
        "UPDATE queue SET state = 'waiting', next_try_at = NULL, completed_at = NULL, attempts = attempts - 1"
        f" WHERE key IN ({marks}) AND state = 'dropped' AND attempts > 0",
        keys,
    )


def _first_seen(store: ArchiveStore, seed_id: int, keys: Sequence[str]) -> str:
    """When the way first gave a known URL, or where it never did, when anybody did; "" where that is not known."""
    for key in keys:
        row = store.db.execute(
            "SELECT first_seen_at FROM links WHERE seed_id = ? AND key = ?", (seed_id, key)
        ).fetchone()
        row = row or store.db.execute("SELECT added_at FROM queue WHERE key = ?", (key,)).fetchone()
        if row is not None:
            return str(row[0])
    return ""


def _enqueue(store: ArchiveStore, poll: PollResult, entry: QueueEntry) -> bool:
    """Put a URL into the queue; False where it is too old to be fetched, which the queue then says."""
    assert entry.link is not None
    published = entry.link.published or entry.link.updated
    reason = None
    if poll.backfill is not None and published is not None and published.at < poll.at - poll.backfill:
        reason = f"older than {poll.backfill.days} days when it was found"
    store.db.execute(
        "INSERT INTO queue (key, source_id, link_id, url, state, reason_code, reason, added_at, completed_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            entry.key,
            poll.source,
            entry.link_id,
            entry.url,
            "dropped" if reason else "waiting",
            ReasonCode.TOO_OLD if reason else None,
            reason,
            format_utc(poll.at),
            format_utc(poll.at) if reason else None,
        ),
    )
    return reason is None
