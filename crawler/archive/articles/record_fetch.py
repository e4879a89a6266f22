"""Store a fetch, in one transaction: article, revision, story, raw page, fetch log, queue and next recheck.

Read top-down: `record_fetch` calls the functions below it in this order. `identity.resolve_article` finds the article;
`headlines.keep_headline` keeps its title; `fetch_decision.decide` compares the text with the current version;
`revisions.insert_revision` writes the text; `rechecks.update_fetched_article` schedules the next recheck.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crawler.archive.articles.fetch_decision import decide
from crawler.archive.articles.headlines import count_feed_headline, keep_headline
from crawler.archive.articles.identity import (
    FORGOTTEN,
    Identity,
    article_with_other_headline,
    extend_tombstone,
    forgotten_id_of,
    guid_keys,
    note_linked_urls,
    note_urls,
    resolve_article,
)
from crawler.archive.articles.rechecks import update_fetched_article
from crawler.archive.articles.revisions import insert_revision, latest_revision
from crawler.archive.db.seals import insert_sealed
from crawler.archive.events.assignment import assign_event
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.assignment import assign_story
from crawler.items import FetchRecord
from crawler.models import FetchStatus, ResponseStatus, Status
from crawler.polling.rechecks import check_of_empty, retry_at
from crawler.polling.rechecks import max_attempts as attempts_for
from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.rows import marks
from crawler.sqlite.values import clean_text_or_none, format_utc, format_utc_or_none, reason_columns
from crawler.url_identity import ArticleKey, link_keys, page_keys

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 6
"""Fetches of a queue entry before it is dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOutcome:
    """The result of a stored fetch."""

    outcome: FetchStatus
    reason: Reason | None = None
    article_id: int | None = None
    page_id: int | None = None
    revision_id: int | None = None
    number: int | None = None
    """Of the revision, if one was created."""
    is_partial: bool = False
    """Whether the article was stored without its whole text: a teaser, or a title only."""


def record_fetch(store: ArchiveStore, fetch: FetchRecord, *, max_attempts: int = MAX_ATTEMPTS) -> FetchOutcome:
    """Store one fetch and return its result. Runs inside a transaction."""
    keys = _keys(store, fetch)
    forgotten_id = forgotten_id_of(store.db, [key.key for key in keys])
    if forgotten_id is not None:
        return _refuse(store, fetch, forgotten_id, keys)
    identity = _identity(store, fetch, keys)
    latest = latest_revision(store, identity.article_id)
    fetch = keep_headline(fetch, latest)
    status, reason = decide(fetch, latest)
    has_new_text = status in (FetchStatus.NEW, FetchStatus.REVISED)
    if has_new_text and identity.article_id is None:
        identity = identity.create(store, fetch.source.id, fetch.link.guid if fetch.link else None, fetch.at)
    article_id = identity.article_id
    page_id = _store_page(store, fetch, article_id, status, reason)
    revision_id = number = None
    if has_new_text:
        number = (latest.number if latest else 0) + 1
        revision_id = _store_revision(store, fetch, article_id, number, page_id)
    count_feed_headline(store, fetch, status)
    if article_id is not None:
        note_urls(store, article_id, keys, fetch.at)
        note_linked_urls(store, article_id, keys, fetch.at)
        update_fetched_article(store, identity, fetch, status)
    outcome = FetchOutcome(
        outcome=status, reason=reason, article_id=article_id, page_id=page_id, revision_id=revision_id, number=number,
        is_partial=has_new_text and fetch.article is not None and fetch.article.status is not Status.OK,
    )  # fmt: skip
    _insert_fetch(store, fetch, outcome)
    _update_queue(store, fetch, outcome, [key.key for key in keys], max_attempts)
    log.debug(
        "fetch of %s: %s, article %s, revision %s, page %s (%s)",
        fetch.url, status.value, article_id, revision_id, page_id, reason.code if reason else "no reason",
    )  # fmt: skip
    return outcome


def _refuse(store: ArchiveStore, fetch: FetchRecord, forgotten_id: int, keys: Sequence[ArticleKey]) -> FetchOutcome:
    """Record that a removed article was fetched again, without its URL; add new forms of its URL to its tombstone."""
    outcome = FetchOutcome(outcome=FetchStatus.REFUSED, reason=FORGOTTEN)
    _insert_fetch(store, replace(fetch, url=f"forgotten:{forgotten_id}"), outcome)
    extend_tombstone(store.db, forgotten_id, [key.key for key in keys] + ([fetch.entry.key] if fetch.entry else []))
    return outcome


def _keys(store: ArchiveStore, fetch: FetchRecord) -> tuple[ArticleKey, ...]:
    """The URL forms of the article; those that the page claims only if the page can be trusted."""
    if fetch.recheck is not None and fetch.source.identity == "guid":  # its URL identifies nothing
        return guid_keys(store, fetch.recheck.article_id)
    if fetch.link is not None and not fetch.identifies_itself:
        return link_keys(fetch.link, fetch.source.key_rules)
    return page_keys(
        url=fetch.url,
        final_url=(fetch.final_url or fetch.url) if fetch.identifies_itself else fetch.url,
        canonical=fetch.article.canonical_url if fetch.article is not None and fetch.identifies_itself else None,
        link=fetch.link,
        rules=fetch.source.key_rules,
    )


def _identity(store: ArchiveStore, fetch: FetchRecord, keys: Sequence[ArticleKey]) -> Identity:
    """The article of a fetch: by its keys, or else by a number in its URL and the same text below another headline."""
    found = resolve_article(store, keys, may_merge=fetch.identifies_itself)
    if found.article_id is not None or fetch.article is None or not fetch.identifies_itself:
        return found
    return article_with_other_headline(store, keys, fetch.source.id, fetch.article, at=fetch.at) or found


def _store_page(
    store: ArchiveStore, fetch: FetchRecord, article_id: int | None, status: FetchStatus, reason: Reason | None
) -> int | None:
    """Store the raw page and return pages.id, unless the archive holds the same text or the same bytes already."""
    packed = fetch.packed
    if packed is None or (status is FetchStatus.UNCHANGED and reason is None and _has_page(store, article_id)):
        return None
    same = store.db.execute(
        "SELECT id FROM pages WHERE url = ? AND sha256 = ? AND http_status = ? AND pruned_at IS NULL ORDER BY id DESC LIMIT 1",
        (fetch.url, packed.sha256, packed.page.status),
    ).fetchone()
    if same is not None:
        if article_id is not None:
            store.db.execute(
                "UPDATE pages SET article_id = ? WHERE id = ? AND article_id IS NULL", (article_id, same["id"])
            )
        return int(same["id"])
    file_id, offset = store.append(packed, fetch.at)
    cursor = store.db.execute(
        "INSERT INTO pages (source_id, article_id, url, final_url, fetched_at, http_status, content_type, sha256,"
        " bytes, warc_file_id, warc_offset, warc_length, record_sha256, rendered)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            fetch.source.id,
            article_id,
            fetch.url,
            fetch.final_url or fetch.url,
            format_utc(fetch.at),
            packed.page.status,
            clean_text_or_none(packed.page.header("Content-Type")),
            packed.sha256,
            packed.size,
            file_id,
            offset,
            len(packed.record),
            packed.record_sha256,
            int(packed.page.rendered),
        ),
    )
    return int(cursor.lastrowid or 0)


def _has_page(store: ArchiveStore, article_id: int | None) -> bool:
    return store.db.execute("SELECT 1 FROM pages WHERE article_id = ?", (article_id,)).fetchone() is not None


def _store_revision(
    store: ArchiveStore, fetch: FetchRecord, article_id: int | None, number: int, page_id: int | None
) -> int:
    assert fetch.processed is not None
    assert article_id is not None
    revision_id = insert_revision(
        store, article_id, number, fetch.processed.article, fetch.processed.fingerprint,
        page_id=page_id, link_id=fetch.entry.link_id if fetch.entry else None, seen_at=fetch.at,
        extractor=fetch.processed.extractor,
    )  # fmt: skip
    assign_story(store.db, article_id, fetch.processed.sketch, at=fetch.at)
    assign_event(store.db, article_id, fetch.processed.event_features, at=fetch.at)
    return revision_id


def _insert_fetch(store: ArchiveStore, fetch: FetchRecord, outcome: FetchOutcome) -> None:
    code, reason = reason_columns(outcome.reason)
    columns: dict[str, Any] = {
        "run_id": fetch.run_id,
        "source_id": fetch.source.id,
        "article_id": outcome.article_id,
        "page_id": outcome.page_id,
        "revision_id": outcome.revision_id,
        "url": fetch.url,
        "at": format_utc(fetch.at),
        "http_status": fetch.http_status,
        "outcome": outcome.outcome.value,
        "reason_code": code,
        "reason": reason,
        "bytes": fetch.packed.size if fetch.packed else None,
        "milliseconds": fetch.milliseconds,
    }
    insert_sealed(store.db, "fetches", columns)


def _update_queue(
    store: ArchiveStore, fetch: FetchRecord, outcome: FetchOutcome, keys: Sequence[str], max_attempts: int
) -> None:
    """Mark the article's queue entries as done; after a failure, retry the fetched one later or drop it."""
    if outcome.outcome.counts_as_read and (fetch.is_feed_only or not fetch.from_feed):
        _complete_entries(store, fetch, outcome, keys)
    elif fetch.entry is None or not fetch.entry.key:
        return
    elif fetch.from_feed:  # the page itself is still to be fetched
        store.db.execute("UPDATE queue SET article_id = ? WHERE key = ?", (outcome.article_id, fetch.entry.key))
    else:
        _retry_or_drop(store, fetch, outcome, fetch.entry.key, max_attempts)


def _complete_entries(store: ArchiveStore, fetch: FetchRecord, outcome: FetchOutcome, keys: Sequence[str]) -> None:
    done = [*keys, *([fetch.entry.key] if fetch.entry else [])]
    store.db.execute(
        "UPDATE queue SET state = 'done', completed_at = ?, article_id = ?, reason_code = ?, reason = ?,"
        f" attempts = attempts + 1 WHERE state <> 'done' AND key IN ({marks(done)})",
        (format_utc(fetch.at), outcome.article_id, *reason_columns(outcome.reason), *done),
    )


def _retry_or_drop(store: ArchiveStore, fetch: FetchRecord, outcome: FetchOutcome, key: str, max_attempts: int) -> None:
    row = store.db.execute(
        "SELECT attempts FROM queue WHERE key = ? AND source_id = ?", (key, fetch.source.id)
    ).fetchone()
    if row is None:  # another source has taken it over
        return
    attempts = row["attempts"] + (fetch.status is not ResponseStatus.REFUSED)
    soon = check_of_empty(attempts, now=fetch.at) if fetch.is_empty_rendering else None
    is_too_long = outcome.reason is not None and outcome.reason.code is ReasonCode.URL_TOO_LONG
    is_over = (
        is_too_long
        or (outcome.outcome is FetchStatus.EMPTY and soon is None)
        or attempts >= attempts_for(fetch.http_status, most=max_attempts)
    )
    retry = None if is_over else fetch.retry_at or soon or retry_at(max(attempts, 1), now=fetch.at)
    store.db.execute(
        "UPDATE queue SET state = ?, attempts = ?, reason_code = ?, reason = ?, next_try_at = ?, completed_at = ?,"
        " article_id = coalesce(?, article_id) WHERE key = ? AND state <> 'done'",
        (
            "dropped" if is_over else "waiting",
            attempts,
            *reason_columns(outcome.reason),
            format_utc_or_none(retry),
            format_utc(fetch.at) if is_over else None,
            outcome.article_id,
            key,
        ),
    )
    log.debug("queue %s: %s after %d attempts, next try %s", key, "dropped" if is_over else "waiting", attempts, retry)
