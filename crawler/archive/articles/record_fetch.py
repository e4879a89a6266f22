"""Filing one attempt to read an article: which article it is, whether its text is new, what is kept as evidence.

One transaction per attempt. The article's identity is settled (`crawler/url_identity.py`), the text compared with the
newest revision by fingerprint, the raw page appended, the queue settled, the next visit set: all of it or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.archive.articles.identity import Identity, note_linked_urls, note_urls, resolve_article
from crawler.archive.articles.revisions import Latest, insert_revision, latest_revision
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.warc_records import PackedPage
from crawler.archive.stories.assignment import assign_story
from crawler.models import Article, Link, Status
from crawler.polling.rechecks import TRIES_OF_GONE, max_attempts, next_check_after_edit, next_check_at, retry_at
from crawler.reasons import Reason, ReasonCode, http_reason
from crawler.sqlite.values import clean_text_or_none, format_utc, format_utc_or_none
from crawler.url_identity import ArticleKey, KeyRules, link_keys, page_keys

FetchStatus = Literal["new", "revised", "unchanged", "not_modified", "blocked", "empty", "failed", "refused", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRecord:
    """One attempt to read an article."""

    source: str
    rules: KeyRules
    run_id: int | None
    url: str
    final_url: str
    at: datetime
    link: Link | None = None
    link_id: int | None = None
    queue_key: str | None = None
    """The entry of the queue that asked for it; None for a revisit or a replay."""
    http_status: int | None = None
    failed: Literal["failed", "refused", "not_modified", "unchanged"] | None = None
    """There is nothing to read; `reason` says why. "unchanged": the same bytes as last time."""
    reason: Reason | None = None
    article: Article | None = None
    fingerprint: str = ""
    sketch: bytes | None = None
    """Of its text, by which copies of it are found; None where it has none to compare."""
    page: PackedPage | None = None
    """None where the text came from the feed, or no page came."""
    etag: str | None = None
    last_modified: str | None = None
    milliseconds: int | None = None
    retry_at: datetime | None = None
    """When to ask again for what failed; None: as its attempts so far suggest."""
    max_attempts: int = 6
    extractor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOutcome:
    """What became of it."""

    outcome: FetchStatus
    reason: Reason | None = None
    article_id: int | None = None
    revision_id: int | None = None
    number: int | None = None
    """Of the revision, where one was made."""


def record_fetch(store: ArchiveStore, record: FetchRecord) -> FetchOutcome:
    """Store what one attempt gave."""
    keys = _keys(record)
    identity = resolve_article(store, keys, may_merge=_is_readable(record))
    latest = latest_revision(store, identity.article_id)
    outcome, reason = decide(record, latest)
    if outcome in ("new", "revised") and identity.article_id is None:
        identity = identity.create(store, record.source, record.link.guid if record.link else None, record.at)
    page_id = _keep_page(store, record, identity.article_id, outcome)
    revision_id = number = None
    if outcome in ("new", "revised"):
        assert record.article is not None
        assert identity.article_id is not None
        number = (latest.number if latest else 0) + 1
        revision_id = insert_revision(
            store, identity.article_id, number, record.article, record.fingerprint,
            page_id=page_id, link_id=record.link_id, seen_at=record.at, extractor=record.extractor,
        )  # fmt: skip
        assign_story(store.db, identity.article_id, record.sketch, at=record.at)
    if identity.article_id is not None:
        note_urls(store, identity.article_id, keys, record.at)
        note_linked_urls(store, identity.article_id, keys, record.at)
        _update_article(store, identity, record, outcome)
    _insert_fetch(store, record, identity.article_id, page_id, revision_id, outcome, reason)
    _complete_queue_entry(store, record, identity.article_id, [key.key for key in keys], outcome, reason)
    return FetchOutcome(
        outcome=outcome, reason=reason, article_id=identity.article_id, revision_id=revision_id, number=number
    )


def decide(record: FetchRecord, latest: Latest | None) -> tuple[FetchStatus, Reason | None]:
    """What an attempt is, next to the newest revision. Pure."""
    if record.http_status in TRIES_OF_GONE and record.failed is None:
        return "gone", http_reason(record.http_status)
    if record.failed == "not_modified" and latest is None:
        return "failed", Reason(ReasonCode.HTTP_304_UNEXPECTED, "HTTP 304, but the page is not in the archive")
    if record.failed is not None or record.article is None:
        return record.failed or "failed", record.reason
    article = record.article
    if article.status in (Status.BLOCKED, Status.FAILED):
        return article.status.value, reason_of(article)
    if article.status is Status.EMPTY and (latest is not None or not article.title):
        return "empty", reason_of(article) or Reason(ReasonCode.NO_TEXT, "no article text on the page")
    if latest is None:
        return "new", reason_of(article)
    if latest.fingerprint == record.fingerprint:
        return "unchanged", None
    is_replay = record.run_id is None  # what a crawl reads is newer, whatever its clock says
    if is_replay and format_utc(record.at) < latest.seen_at:
        return "unchanged", Reason(ReasonCode.OLDER_PAGE, "older than the current version; the page is kept")
    if latest.status == "ok" and article.status is Status.TEASER:
        return "unchanged", Reason(ReasonCode.ONLY_TEASER, "only a teaser was shown; the full text is kept")
    if latest.page_id is not None and record.page is None:
        return "unchanged", Reason(ReasonCode.PAGE_TEXT_KEPT, "text of the feed; the text of the page is kept")
    return "revised", reason_of(article)


def reason_of(article: Article) -> Reason | None:
    """Why the status of an extracted article is not ok; None if it is."""
    return Reason(article.reason_code or ReasonCode.PARSER_FAILED, article.reason) if article.reason else None


def _is_readable(record: FetchRecord) -> bool:
    """Whether a page's own word of who it is (canonical, redirects) may be taken."""
    if record.article is None:
        return record.failed == "unchanged"  # the very bytes that were read before
    return record.article.status in (Status.OK, Status.TEASER, Status.EMPTY)


def _keys(record: FetchRecord) -> tuple[ArticleKey, ...]:
    is_readable = _is_readable(record)
    if record.link is not None and not is_readable:
        return link_keys(record.link, record.rules)
    return page_keys(
        url=record.url,
        final_url=record.final_url if is_readable else record.url,
        canonical=record.article.canonical_url if record.article is not None and is_readable else None,
        link=record.link,
        rules=record.rules,
    )


def _keep_page(store: ArchiveStore, record: FetchRecord, article_id: int | None, outcome: FetchStatus) -> int | None:
    """The raw page, unless it says what the archive holds already: the same text, or the very same bytes."""
    page = record.page
    if page is None or (outcome == "unchanged" and record.reason is None and _has_page(store, article_id)):
        return None
    same = store.db.execute(
        "SELECT id FROM pages WHERE url = ? AND sha256 = ? AND http_status = ? ORDER BY id DESC LIMIT 1",
        (record.url, page.sha256, page.page.status),
    ).fetchone()
    if same is not None:
        if article_id is not None:
            store.db.execute(
                "UPDATE pages SET article_id = ? WHERE id = ? AND article_id IS NULL", (article_id, same["id"])
            )
        return int(same["id"])
    file_id, offset = store.append(page, record.at)
    cursor = store.db.execute(
        "INSERT INTO pages (source_id, article_id, url, final_url, fetched_at, http_status, content_type, sha256,"
        " bytes, warc_file_id, warc_offset, warc_length, rendered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.source,
            article_id,
            record.url,
            record.final_url,
            format_utc(record.at),
            page.page.status,
            clean_text_or_none(page.page.header("Content-Type")),
            page.sha256,
            page.size,
            file_id,
            offset,
            len(page.record),
            int(page.page.rendered),
        ),
    )
    return int(cursor.lastrowid or 0)


def _has_page(store: ArchiveStore, article_id: int | None) -> bool:
    return store.db.execute("SELECT 1 FROM pages WHERE article_id = ?", (article_id,)).fetchone() is not None


def _update_article(store: ArchiveStore, identity: Identity, record: FetchRecord, outcome: FetchStatus) -> None:
    db, article_id, at = store.db, identity.article_id, format_utc(record.at)
    if record.http_status is None and record.page is None and outcome not in ("new", "revised"):
        next_check = next_check_after_edit(
            identity.first_seen_at or record.at, now=record.at
        )  # a visit that did not happen
        db.execute(
            "UPDATE articles SET next_check_at = ? WHERE id = ? AND next_check_at IS NOT NULL",
            (format_utc_or_none(next_check), article_id),
        )
        return
    fetch_count = identity.fetch_count + 1
    next_check_or_none = next_check_at(identity.first_seen_at or record.at, now=record.at, fetch_count=fetch_count)
    if _is_feed_only(record):  # the polls of the feed find its changes
        next_check_or_none = None
    db.execute(
        "UPDATE articles SET last_fetched_at = ?, fetch_count = ?, next_check_at = ?,"
        " gone_at = CASE WHEN ? THEN coalesce(gone_at, ?) WHEN ? THEN NULL ELSE gone_at END WHERE id = ?",
        (
            at,
            fetch_count,
            format_utc_or_none(next_check_or_none),
            outcome == "gone",
            at,
            _answers(record, outcome),
            article_id,
        ),
    )
    if outcome in ("new", "revised", "unchanged") and record.page is not None:
        db.execute(
            "UPDATE articles SET etag = ?, last_modified = ?, body_sha256 = ?, last_full_fetch_at = ? WHERE id = ?",
            (
                clean_text_or_none(record.etag),
                clean_text_or_none(record.last_modified),
                record.page.sha256,
                at,
                article_id,
            ),
        )


def _answers(record: FetchRecord, outcome: FetchStatus) -> bool:
    """Whether the article's own URL gave a page, if one without a text; an error or a wall does not say."""
    return outcome == "empty" or _is_read(record, outcome)


def _is_read(record: FetchRecord, outcome: FetchStatus) -> bool:
    """Whether the page itself was had, and not the feed's text in its place."""
    was_read = outcome in ("new", "revised", "unchanged", "not_modified")
    return was_read and (record.page is not None or record.failed is not None or _is_feed_only(record))


def _is_feed_only(record: FetchRecord) -> bool:
    """Whether the article is an item of a feed without an address, so that there is no page to fetch."""
    return record.link is not None and not record.link.has_page


def _insert_fetch(
    store: ArchiveStore,
    record: FetchRecord,
    article_id: int | None,
    page_id: int | None,
    revision_id: int | None,
    outcome: FetchStatus,
    reason: Reason | None,
) -> None:
    store.db.execute(
        "INSERT INTO fetches (run_id, source_id, article_id, page_id, revision_id, url, at, http_status, outcome,"
        " reason_code, reason, bytes, milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.run_id,
            record.source,
            article_id,
            page_id,
            revision_id,
            record.url,
            format_utc(record.at),
            record.http_status,
            outcome,
            reason.code if reason else None,
            clean_text_or_none(reason.text if reason else None),
            record.page.size if record.page else None,
            record.milliseconds,
        ),
    )


def _complete_queue_entry(
    store: ArchiveStore,
    record: FetchRecord,
    article_id: int | None,
    keys: Sequence[str],
    outcome: FetchStatus,
    reason: Reason | None,
) -> None:
    """The queue's entries of this article: done, tried again later, or dropped with the reason."""
    at = format_utc(record.at)
    relevant = [*keys, *([record.queue_key] if record.queue_key else [])]
    marks = ",".join("?" * len(relevant))
    columns = (reason.code, clean_text_or_none(reason.text)) if reason else (None, None)
    if _is_read(record, outcome):
        store.db.execute(
            "UPDATE queue SET state = 'done', completed_at = ?, article_id = ?, reason_code = ?, reason = ?,"
            " attempts = attempts + 1"
            f" WHERE state <> 'done' AND key IN ({marks})",
            (at, article_id, *columns, *relevant),
        )
        return
    if record.queue_key is None:
        return
    row = store.db.execute("SELECT attempts FROM queue WHERE key = ?", (record.queue_key,)).fetchone()
    if row is None:
        return
    if record.page is None and record.failed is None:  # the feed's text: the page itself is still wanted
        store.db.execute("UPDATE queue SET article_id = ? WHERE key = ?", (article_id, record.queue_key))
        return
    attempts = row["attempts"] + (outcome != "refused")
    is_over = outcome == "empty" or attempts >= max_attempts(record.http_status, most=record.max_attempts)
    store.db.execute(
        "UPDATE queue SET state = ?, attempts = ?, reason_code = ?, reason = ?, next_try_at = ?, completed_at = ?,"
        " article_id = coalesce(?, article_id) WHERE key = ? AND state <> 'done'",
        (
            "dropped" if is_over else "waiting",
            attempts,
            *columns,
            None if is_over else format_utc(record.retry_at or retry_at(max(attempts, 1), now=record.at)),
            at if is_over else None,
            article_id,
            record.queue_key,
        ),
    )
