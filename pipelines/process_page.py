"""Process one page in a child process: extract the article, compute fingerprint and sketch, compress the raw page.

One call does all of it, because moving the bytes of a page between processes is the expensive part.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from crawler.archive.storage.warc_records import pack
from crawler.items import PackedPage, ProcessedPage
from crawler.models import Article, ExtractionHints, Page, Status
from crawler.reasons import ReasonCode, http_code
from crawler.url_identity import redirected_away

EXTRACTOR_VERSION = "wirewatch-11"
"""Stored in `revisions.extractor`; increased whenever the same page may give a different article."""
_BLOCKING = frozenset({401, 402, 403, 407, 429, 451})
"""HTTP statuses of a refusal, as opposed to a missing page."""


def process_page(page: Page, hints: ExtractionHints) -> ProcessedPage:
    """Return everything that the archive stores of a page. Pure."""
    return processed_page(_read(page, hints), pack(page))


def processed_page(article: Article, page: PackedPage | None = None) -> ProcessedPage:
    """Return the result for an article that is extracted already."""
    from pipelines.event_features import make_event_features
    from pipelines.fingerprint import fingerprint
    from pipelines.minhash import make_sketch

    article = _composed(article)
    return ProcessedPage(
        article=article,
        fingerprint=fingerprint(article),
        other_fingerprints={
            name: fingerprint(replace(article, title=headline))
            for name, headline in article.headlines.items()
            if headline != article.title
        },
        sketch=make_sketch(article),
        event_features=make_event_features(article),
        page=page,
        extractor=EXTRACTOR_VERSION,
    )


def _composed(article: Article) -> Article:
    """Return the article in Unicode NFC, so that searches find it.

    URLs stay as they are: to a server, another form is another URL.
    """
    return replace(
        article,
        title=_nfc(article.title),
        headlines={name: unicodedata.normalize("NFC", headline) for name, headline in article.headlines.items()},
        lead=_nfc(article.lead),
        blocks=tuple(replace(block, text=unicodedata.normalize("NFC", block.text)) for block in article.blocks),
        bylines=tuple(replace(byline, name=unicodedata.normalize("NFC", byline.name)) for byline in article.bylines),
        section=_nfc(article.section),
        tags=tuple(unicodedata.normalize("NFC", tag) for tag in article.tags),
    )


def _nfc(text: str | None) -> str | None:
    return None if text is None else unicodedata.normalize("NFC", text)


def _read(page: Page, hints: ExtractionHints) -> Article:
    if page.status >= 400:
        status = Status.BLOCKED if page.status in _BLOCKING else Status.FAILED
        return Article(status=status, reason=f"HTTP {page.status}", reason_code=http_code(page.status))
    if redirected_away(page.url, page.final_url):
        reason = f"redirected to {page.final_url}, which is not the article"
        return Article(status=Status.FAILED, reason=reason, reason_code=ReasonCode.REDIRECTED_AWAY)
    from pipelines.extract import extract

    return extract(page, hints)
