"""What a child process does with one page: read it, fingerprint and sketch it, pack its bytes for the archive.

One call across the process border and back, because the page's bytes are the expensive part of the journey.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

from crawler.archive.storage.warc_records import PackedPage, pack
from crawler.models import Article, ExtractionHints, Page, Status
from crawler.reasons import ReasonCode, http_code
from crawler.url_identity import redirected_away

EXTRACTOR_VERSION = "wirewatch-6"
"""What `revisions.extractor` says of who read the text; raised whenever the same bytes may give another article."""
_BLOCKING = frozenset({401, 402, 403, 407, 429, 451})
"""HTTP statuses that say "not for you" rather than "not here"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessedPage:
    """What came out of one page."""

    article: Article
    fingerprint: str
    sketch: bytes | None
    """By which copies of the text are found; None where there is none to compare."""
    page: PackedPage | None
    """None where the text did not come from a page."""


def process_page(page: Page, hints: ExtractionHints) -> ProcessedPage:
    """Everything that the archive wants of a page. Pure; what it costs is the reason for the child processes."""
    return processed_page(_read(page, hints), pack(page))


def processed_page(article: Article, page: PackedPage | None = None) -> ProcessedPage:
    """A reading of an article that was read already."""
    from pipelines.fingerprint import fingerprint
    from pipelines.minhash import make_sketch

    article = _composed(article)
    return ProcessedPage(article=article, fingerprint=fingerprint(article), sketch=make_sketch(article), page=page)


def _composed(article: Article) -> Article:
    """The article in Unicode's form NFC: what it says stays, in the characters by which everybody looks for it.

    Its addresses stay as they are: to a server, another form is another address.
    """
    return replace(
        article,
        title=_nfc(article.title),
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
