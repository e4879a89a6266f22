"""Decide what a fetch is, compared with the current version of its article. Pure."""

from __future__ import annotations

from crawler.archive.articles.revisions import Latest
from crawler.items import FetchRecord
from crawler.models import Article, FetchStatus, ResponseStatus, Status
from crawler.polling.rechecks import TRIES_OF_GONE
from crawler.reasons import Reason, ReasonCode, http_reason
from crawler.sqlite.values import format_utc

Decision = tuple[FetchStatus, Reason | None]


def decide(fetch: FetchRecord, latest: Latest | None) -> Decision:
    """Return the status of a fetch and the reason for it; `latest`: the current version, None if there is none."""
    article = fetch.article
    if fetch.http_status in TRIES_OF_GONE and fetch.status is ResponseStatus.CONTENT:
        return FetchStatus.GONE, http_reason(fetch.http_status)
    if fetch.status is ResponseStatus.NOT_MODIFIED and latest is None:
        reason = Reason(ReasonCode.HTTP_304_UNEXPECTED, "HTTP 304, but the page is not in the archive")
        return FetchStatus.FAILED, reason
    if fetch.status is not ResponseStatus.CONTENT:
        return FetchStatus(fetch.status.value), fetch.reason
    if article is None:
        return FetchStatus.FAILED, fetch.reason
    if article.status in (Status.BLOCKED, Status.FAILED):
        return FetchStatus(article.status.value), _reason_of(article)
    if article.status is Status.EMPTY and (latest is not None or not article.title):
        return FetchStatus.EMPTY, _reason_of(article) or Reason(ReasonCode.NO_TEXT, "no article text on the page")
    if latest is None:
        return FetchStatus.NEW, _reason_of(article)
    return _compare(fetch, article, latest)


def _compare(fetch: FetchRecord, article: Article, latest: Latest) -> Decision:
    if fetch.processed is not None and latest.fingerprint == fetch.processed.fingerprint:
        return FetchStatus.UNCHANGED, None
    is_replay = fetch.run_id is None  # a page that a crawl fetched is newer, whatever the clock of this machine says
    if is_replay and format_utc(fetch.at) < latest.seen_at:
        reason = Reason(ReasonCode.OLDER_PAGE, "older than the current version; the page is kept")
    elif latest.status == Status.OK and article.status is Status.TEASER:
        reason = Reason(ReasonCode.ONLY_TEASER, "only a teaser was shown; the full text is kept")
    elif latest.page_id is not None and fetch.packed is None:
        reason = Reason(ReasonCode.PAGE_TEXT_KEPT, "text of the feed; the text of the page is kept")
    else:
        return FetchStatus.REVISED, _reason_of(article)
    return FetchStatus.UNCHANGED, reason


def _reason_of(article: Article) -> Reason | None:
    return Reason(article.reason_code or ReasonCode.PARSER_FAILED, article.reason) if article.reason else None
