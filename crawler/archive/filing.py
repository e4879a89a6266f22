"""Filing one attempt to read an article: which article it is, whether its text is new, what is kept as evidence.

One transaction per attempt. The article's identity is settled (`crawler/identity.py`), the text compared with the
newest revision by fingerprint, the raw page appended, the queue settled, the next visit set: all of it or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from crawler.archive.identities import Identity, identify, note_linked_urls, note_urls
from crawler.archive.revisions import Latest, insert_revision, latest_revision
from crawler.archive.store import Store
from crawler.archive.story_filing import place
from crawler.archive.values import iso, iso_or_none, storable_or_none
from crawler.archive.warc import PackedPage
from crawler.identity import Key, KeyRules, keys_of_link, keys_of_page
from crawler.model import Article, Link, Status
from crawler.timetable import TRIES_OF_GONE, retry_at, revisit_at, tries, visit_again_at

FetchOutcome = Literal["new", "revised", "unchanged", "not_modified", "blocked", "empty", "failed", "refused", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
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
    reason: str | None = None
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
class Filed:
    """What became of it."""

    outcome: FetchOutcome
    reason: str | None = None
    article_id: int | None = None
    revision_id: int | None = None
    number: int | None = None
    """Of the revision, where one was made."""


def file_page(store: Store, filing: Filing) -> Filed:
    """Store what one attempt gave."""
    keys = _keys(filing)
    identity = identify(store, keys, may_merge=_is_readable(filing))
    latest = latest_revision(store, identity.article_id)
    outcome, reason = decide(filing, latest)
    if outcome in ("new", "revised") and identity.article_id is None:
        identity = identity.create(store, filing.source, filing.link.guid if filing.link else None, filing.at)
    page_id = _keep_page(store, filing, identity.article_id, outcome)
    revision_id = number = None
    if outcome in ("new", "revised"):
        assert filing.article is not None
        assert identity.article_id is not None
        number = (latest.number if latest else 0) + 1
        revision_id = insert_revision(
            store, identity.article_id, number, filing.article, filing.fingerprint,
            page_id=page_id, link_id=filing.link_id, seen_at=filing.at, extractor=filing.extractor,
        )  # fmt: skip
        place(store.db, identity.article_id, filing.sketch, at=filing.at)
    if identity.article_id is not None:
        note_urls(store, identity.article_id, keys, filing.at)
        note_linked_urls(store, identity.article_id, keys, filing.at)
        _update_article(store, identity, filing, outcome)
    _note_fetch(store, filing, identity.article_id, page_id, revision_id, outcome, reason)
    _settle(store, filing, identity.article_id, [key.key for key in keys], outcome, reason)
    return Filed(outcome=outcome, reason=reason, article_id=identity.article_id, revision_id=revision_id, number=number)


def decide(filing: Filing, latest: Latest | None) -> tuple[FetchOutcome, str | None]:
    """What an attempt is, next to the newest revision. Pure."""
    if filing.http_status in TRIES_OF_GONE and filing.failed is None:
        return "gone", f"HTTP {filing.http_status}"
    if filing.failed == "not_modified" and latest is None:
        return "failed", "HTTP 304 for a page that is not in the archive"
    if filing.failed is not None or filing.article is None:
        return filing.failed or "failed", filing.reason
    article = filing.article
    if article.status in (Status.BLOCKED, Status.FAILED):
        return article.status.value, article.reason or None
    if article.status is Status.EMPTY and (latest is not None or not article.title):
        return "empty", article.reason or "no article text on the page"
    if latest is None:
        return "new", article.reason or None
    if latest.fingerprint == filing.fingerprint:
        return "unchanged", None
    is_replay = filing.run_id is None  # what a crawl reads is newer, whatever its clock says
    if is_replay and iso(filing.at) < latest.seen_at:
        return "unchanged", "older than the newest revision; the page is kept"
    if latest.status == "ok" and article.status is Status.TEASER:
        return "unchanged", "only a teaser was shown; the full text is kept"
    if latest.page_id is not None and filing.page is None:
        return "unchanged", "the feed's text; the page's is kept"
    return "revised", article.reason or None


def _is_readable(filing: Filing) -> bool:
    """Whether a page's own word of who it is (canonical, redirects) may be taken."""
    if filing.article is None:
        return filing.failed == "unchanged"  # the very bytes that were read before
    return filing.article.status in (Status.OK, Status.TEASER, Status.EMPTY)


def _keys(filing: Filing) -> tuple[Key, ...]:
    is_readable = _is_readable(filing)
    if filing.link is not None and not is_readable:
        return keys_of_link(filing.link, filing.rules)
    return keys_of_page(
        url=filing.url,
        final_url=filing.final_url if is_readable else filing.url,
        canonical=filing.article.canonical_url if filing.article is not None and is_readable else None,
        link=filing.link,
        rules=filing.rules,
    )


def _keep_page(store: Store, filing: Filing, article_id: int | None, outcome: FetchOutcome) -> int | None:
    """The raw page, unless it says what the archive holds already: the same text, or the very same bytes."""
    page = filing.page
    if page is None or (outcome == "unchanged" and filing.reason is None and _has_page(store, article_id)):
        return None
    same = store.db.execute(
        "SELECT id FROM pages WHERE url = ? AND sha256 = ? AND http_status = ? ORDER BY id DESC LIMIT 1",
        (filing.url, page.sha256, page.page.status),
    ).fetchone()
    if same is not None:
        if article_id is not None:
            store.db.execute(
                "UPDATE pages SET article_id = ? WHERE id = ? AND article_id IS NULL", (article_id, same["id"])
            )
        return int(same["id"])
    file_id, offset = store.append(page, filing.at)
    cursor = store.db.execute(
        "INSERT INTO pages (source_id, article_id, url, final_url, fetched_at, http_status, content_type, sha256,"
        " bytes, warc_file_id, warc_offset, warc_length, rendered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            filing.source,
            article_id,
            filing.url,
            filing.final_url,
            iso(filing.at),
            page.page.status,
            storable_or_none(page.page.header("Content-Type")),
            page.sha256,
            page.size,
            file_id,
            offset,
            len(page.record),
            int(page.page.rendered),
        ),
    )
    return int(cursor.lastrowid or 0)


def _has_page(store: Store, article_id: int | None) -> bool:
    return store.db.execute("SELECT 1 FROM pages WHERE article_id = ?", (article_id,)).fetchone() is not None


def _update_article(store: Store, identity: Identity, filing: Filing, outcome: FetchOutcome) -> None:
    db, article_id, at = store.db, identity.article_id, iso(filing.at)
    if filing.http_status is None and filing.page is None and outcome not in ("new", "revised"):
        next_visit = visit_again_at(identity.first_seen_at or filing.at, now=filing.at)  # a visit that did not happen
        db.execute(
            "UPDATE articles SET next_visit_at = ? WHERE id = ? AND next_visit_at IS NOT NULL",
            (iso_or_none(next_visit), article_id),
        )
        return
    visits = identity.visits + 1
    next_visit_or_none = revisit_at(identity.first_seen_at or filing.at, now=filing.at, visits=visits)
    db.execute(
        "UPDATE articles SET last_fetched_at = ?, visits = ?, next_visit_at = ?,"
        " gone_at = CASE WHEN ? THEN coalesce(gone_at, ?) WHEN ? THEN NULL ELSE gone_at END WHERE id = ?",
        (at, visits, iso_or_none(next_visit_or_none), outcome == "gone", at, _answers(filing, outcome), article_id),
    )
    if outcome in ("new", "revised", "unchanged") and filing.page is not None:
        db.execute(
            "UPDATE articles SET etag = ?, last_modified = ?, body_sha256 = ?, full_at = ? WHERE id = ?",
            (
                storable_or_none(filing.etag),
                storable_or_none(filing.last_modified),
                filing.page.sha256,
                at,
                article_id,
            ),
        )


def _answers(filing: Filing, outcome: FetchOutcome) -> bool:
    """Whether the article's own URL gave a page, if one without a text; an error or a wall does not say."""
    return outcome == "empty" or _is_read(filing, outcome)


def _is_read(filing: Filing, outcome: FetchOutcome) -> bool:
    """Whether the page itself was had, and not the feed's text in its place."""
    was_read = outcome in ("new", "revised", "unchanged", "not_modified")
    return was_read and (filing.page is not None or filing.failed is not None)


def _note_fetch(
    store: Store,
    filing: Filing,
    article_id: int | None,
    page_id: int | None,
    revision_id: int | None,
    outcome: FetchOutcome,
    reason: str | None,
) -> None:
    store.db.execute(
        "INSERT INTO fetches (run_id, source_id, article_id, page_id, revision_id, url, at, http_status, outcome,"
        " reason, bytes, milliseconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            filing.run_id,
            filing.source,
            article_id,
            page_id,
            revision_id,
            filing.url,
            iso(filing.at),
            filing.http_status,
            outcome,
            storable_or_none(reason),
            filing.page.size if filing.page else None,
            filing.milliseconds,
        ),
    )


def _settle(
    store: Store,
    filing: Filing,
    article_id: int | None,
    keys: Sequence[str],
    outcome: FetchOutcome,
    reason: str | None,
) -> None:
    """The queue's entries of this article: done, tried again later, or dropped with the reason."""
    at = iso(filing.at)
    wanted = [*keys, *([filing.queue_key] if filing.queue_key else [])]
    marks = ",".join("?" * len(wanted))
    if _is_read(filing, outcome):
        store.db.execute(
            "UPDATE queue SET state = 'done', settled_at = ?, article_id = ?, reason = ?, attempts = attempts + 1"
            f" WHERE state <> 'done' AND key IN ({marks})",
            (at, article_id, storable_or_none(reason), *wanted),
        )
        return
    if filing.queue_key is None:
        return
    row = store.db.execute("SELECT attempts FROM queue WHERE key = ?", (filing.queue_key,)).fetchone()
    if row is None:
        return
    if filing.page is None and filing.failed is None:  # the feed's text: the page itself is still wanted
        store.db.execute("UPDATE queue SET article_id = ? WHERE key = ?", (article_id, filing.queue_key))
        return
    attempts = row["attempts"] + (outcome != "refused")
    is_over = outcome == "empty" or attempts >= tries(filing.http_status, most=filing.max_attempts)
    store.db.execute(
        "UPDATE queue SET state = ?, attempts = ?, reason = ?, next_try_at = ?, settled_at = ?,"
        " article_id = coalesce(?, article_id) WHERE key = ? AND state <> 'done'",
        (
            "dropped" if is_over else "waiting",
            attempts,
            storable_or_none(reason or outcome),
            None if is_over else iso(filing.retry_at or retry_at(max(attempts, 1), now=filing.at)),
            at if is_over else None,
            article_id,
            filing.queue_key,
        ),
    )
