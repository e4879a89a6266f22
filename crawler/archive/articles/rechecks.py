"""Update an article after a fetch: its next recheck, its validators, and whether it is gone."""

from __future__ import annotations

from crawler.archive.articles.identity import Identity
from crawler.archive.storage.store import ArchiveStore
from crawler.items import FetchRecord
from crawler.models import FetchStatus
from crawler.polling.rechecks import check_of_empty, next_check_after_failure, next_check_at
from crawler.sqlite.values import clean_text_or_none, format_utc, format_utc_or_none


def update_fetched_article(store: ArchiveStore, identity: Identity, fetch: FetchRecord, status: FetchStatus) -> None:
    """Schedule the next recheck; after a response, also set the validators and whether the article is gone."""
    db, article_id, at = store.db, identity.article_id, format_utc(fetch.at)
    first_seen_at = identity.first_seen_at or fetch.at
    if not fetch.has_response and status not in (FetchStatus.NEW, FetchStatus.REVISED):
        postponed = next_check_after_failure(first_seen_at, now=fetch.at)
        db.execute(
            "UPDATE articles SET next_check_at = ? WHERE id = ? AND next_check_at IS NOT NULL",
            (format_utc_or_none(postponed), article_id),
        )
        return
    fetch_count = identity.fetch_count + 1
    next_check = next_check_at(first_seen_at, now=fetch.replayed_at or fetch.at, fetch_count=fetch_count)
    if fetch.is_empty_rendering:
        next_check = check_of_empty(fetch_count, now=fetch.replayed_at or fetch.at) or next_check
    if fetch.is_feed_only:  # the polls of the feed find its changes
        next_check = None
    if fetch.replayed_at is not None and identity.last_fetched_at is not None and fetch.at < identity.last_fetched_at:
        # An old recording says nothing of the present state: validators and gone_at belong to the latest response.
        db.execute(
            "UPDATE articles SET fetch_count = ?, next_check_at = ? WHERE id = ?",
            (fetch_count, format_utc_or_none(next_check), article_id),
        )
        return
    is_available = status is FetchStatus.EMPTY or (status.counts_as_read and not fetch.from_feed)
    db.execute(
        "UPDATE articles SET last_fetched_at = ?, fetch_count = ?, next_check_at = ?,"
        " gone_at = CASE WHEN ? AND (? OR url = ?) THEN coalesce(gone_at, ?) WHEN ? THEN NULL ELSE gone_at END WHERE id = ?",
        (
            at,
            fetch_count,
            format_utc_or_none(next_check),
            status is FetchStatus.GONE,
            fetch.recheck is None,  # otherwise the article may have moved since the request was sent
            fetch.url,
            at,
            is_available,
            article_id,
        ),
    )
    if fetch.packed is not None and status.counts_as_read and not fetch.is_empty_rendering:
        page = fetch.packed.page
        validators = (clean_text_or_none(page.header("ETag")), clean_text_or_none(page.header("Last-Modified")))
        db.execute(
            "UPDATE articles SET etag = ?, last_modified = ?, body_sha256 = ?, last_full_fetch_at = ? WHERE id = ?",
            (*validators, fetch.packed.sha256, at, article_id),
        )
