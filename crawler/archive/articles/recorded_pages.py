"""Store pages of a recording (WARC), each once, whatever was stored of it before.

All decisions are made inside the writer's transaction, so that a replay that was interrupted and started again stores what
an uninterrupted one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from crawler.archive.articles.identity import forgotten_id_of
from crawler.archive.articles.record_fetch import FetchOutcome, record_fetch
from crawler.archive.storage.store import ArchiveStore
from crawler.items import FetchRecord
from crawler.models import FetchStatus, Page, Status
from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text, format_utc, sql_list
from crawler.url_identity import KeyRules, page_keys
from crawler.urls import url_key

RETRIED = frozenset({ReasonCode.PARSE_TIMEOUT, ReasonCode.PARSER_CRASHED, ReasonCode.PARSER_FAILED})
"""Failures of our parser, not of the page: replay and re-extraction try such pages again."""
PARSE_FAILED = f"(outcome = 'failed' AND reason_code IN ({sql_list(code.value for code in RETRIED)}))"
"""SQL condition on `fetches`: the page was received, but our parser failed."""


class Recorded(Enum):
    """What the archive has of a recorded page."""

    NOTHING = 0
    STORED = 1
    FAILED = 2
    """The parser failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPage:
    """A recorded page that was extracted."""

    fetch: FetchRecord
    is_article: bool
    """False: it is stored only if its URL is that of a known article."""


def recorded_state(db: Connection, page: Page, source_id: str) -> Recorded:
    """What the archive has of the page that was recorded at this time under this URL."""
    row = db.execute(
        f"SELECT {PARSE_FAILED} FROM fetches WHERE source_id IN (?, ?) AND at = ? AND url = ? AND"
        " (page_id IS NOT NULL OR http_status IS NOT NULL) ORDER BY id DESC LIMIT 1",
        (source_id, page.source, format_utc(page.fetched_at), clean_text(page.url)),
    ).fetchone()
    if row is None:
        return Recorded.NOTHING
    return Recorded.FAILED if row[0] else Recorded.STORED


def record_recorded_page(store: ArchiveStore, recorded: RecordedPage) -> FetchOutcome | ReasonCode:
    """Store a page that is not stored yet; a code says why it is left out.

    A page whose parser failed before is stored if it can be read now. If it fails again, nothing changes.
    """
    fetch = recorded.fetch
    assert fetch.packed is not None
    state = recorded_state(store.db, fetch.packed.page, fetch.source.id)
    if state is Recorded.STORED:
        return ReasonCode.ALREADY_STORED
    if _is_forgotten(store.db, fetch):
        return ReasonCode.FORGOTTEN
    if not recorded.is_article and not _is_known(store.db, fetch.packed.page, fetch.source.key_rules):
        return ReasonCode.NOT_AN_ARTICLE
    if state is Recorded.FAILED and has_failed(fetch):
        assert fetch.article is not None
        reason = Reason(fetch.article.reason_code or ReasonCode.PARSER_FAILED, fetch.article.reason)
        return FetchOutcome(outcome=FetchStatus.FAILED, reason=reason)
    return record_fetch(store, fetch)


def has_failed(fetch: FetchRecord) -> bool:
    """Whether our parser failed on the page."""
    article = fetch.article
    return article is not None and article.status is Status.FAILED and article.reason_code in RETRIED


def _is_forgotten(db: Connection, fetch: FetchRecord) -> bool:
    keys = page_keys(
        url=fetch.url, final_url=fetch.final_url or fetch.url, canonical=None, link=None, rules=fetch.source.key_rules
    )
    return forgotten_id_of(db, [key.key for key in keys]) is not None


def _is_known(db: Connection, page: Page, rules: KeyRules) -> bool:
    key = url_key(page.final_url, slug_identity=rules.slug_identity, keep_params=rules.keep_params)
    return db.execute("SELECT 1 FROM article_urls WHERE key = ?", (clean_text(key),)).fetchone() is not None
