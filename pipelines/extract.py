"""One page in, one article out: the pure function that killable children run on untrusted bytes.

It never raises: what cannot be read comes back as an article whose status and reason say so. Each field has ranked
witnesses, and the one that won is written down beside it (`Article.witnesses`).
"""

from __future__ import annotations

from crawler.encoding import decode
from crawler.instants import zone_of
from crawler.model import Article, Block, Page, ReadingHints, Status
from pipelines import body, bylines, dates, fallback, metadata, overrides, titles, walls
from pipelines.document import Document, EmptyDocumentError, letters, parse, text_of
from pipelines.names import fold

MAX_BODY = 8 * 1024 * 1024
"""Bytes. Ten megabytes of HTML take trafilatura 40 s; what is longer is cut here and the raw page kept whole."""
EMPTY = 80
"""Letters of text below which there is no article."""


def extract(page: Page, hints: ReadingHints) -> Article:
    """Read an article off a page. Never raises; runs for as long as the bytes make it, so run it where it can be killed."""
    try:
        return _extract(page, hints)
    except EmptyDocumentError as error:
        return Article(status=Status.EMPTY, reason=str(error))
    except (Exception, RecursionError) as error:  # hostile bytes find every fault
        return Article(status=Status.FAILED, reason=f"{type(error).__name__}: {error}"[:300])


def _extract(page: Page, hints: ReadingHints) -> Article:
    text = decode(page.body[:MAX_BODY], page.header("content-type"))
    document = parse(text, page.final_url or page.url)
    overrides.remove(document, hints)
    return _read(document, page, hints)


def _read(document: Document, page: Page, hints: ReadingHints) -> Article:
    link, zone = page.link, zone_of(hints.timezone)
    names = metadata.site_names(document, hints)
    title, title_from = _line(document, hints, "title") or titles.read_title(
        document, names, link.title if link else None
    )
    told = _dates(document, page, hints)
    byline_from, names_found = _bylines(document, page, hints, names)
    section, section_from = _line(document, hints, "section") or metadata.section(document)
    image, canonical, tags = metadata.image(document), document.absolute(document.canonical), metadata.tags(document)
    lead_text = overrides.line(document, hints, "lead")
    chosen = overrides.select(document, hints, "text")
    blocks, lead, text_from = body.read_body(document, title, zone, within=chosen, lead=lead_text)
    text = _joined(blocks)
    if letters(text) < fallback.SHORT and not chosen and page.status < 400 and not walls.says_not_free(document):
        shown = len(text_of(document.root))
        blocks, text_from = fallback.second_reading(document, len(text), shown) or (blocks, text_from)
        text = _joined(blocks)
    language, language_from = metadata.language(document, text, hints)
    status, reason = _status(document, page.status, blocks, text)
    witnesses = {
        "title": title_from,
        "lead": (overrides.WITNESS if lead_text else "dom") if lead else "",
        "byline": byline_from,
        "published": told.published.witness if told.published else "",
        "modified": told.modified.witness if told.modified else "",
        "language": language_from,
        "section": section_from,
        "text": text_from if blocks else "",
    }
    return Article(
        status=status,
        reason=reason,
        title=title,
        lead=lead,
        blocks=blocks,
        bylines=names_found,
        published=told.published,
        modified=told.modified,
        language=language,
        section=section,
        tags=tags,
        image=image,
        canonical_url=canonical,
        site_name=names[0] if names else None,
        witnesses={field: witness for field, witness in witnesses.items() if witness},
    )


def _joined(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(block.text for block in blocks)


def _line(document: Document, hints: ReadingHints, field: str) -> tuple[str | None, str] | None:
    found = overrides.line(document, hints, field)
    return (found, overrides.WITNESS) if found else None


def _bylines(document: Document, page: Page, hints: ReadingHints, names: tuple[str, ...]) -> bylines.Candidate:
    if found := overrides.bylines(document, hints, frozenset(map(fold, names))):
        return overrides.WITNESS, found
    return bylines.read_bylines(document, names, page.link.authors if page.link else ())


def _dates(document: Document, page: Page, hints: ReadingHints) -> dates.Dates:
    published = overrides.instant(document, hints, "published", page.fetched_at)
    modified = overrides.instant(document, hints, "modified", page.fetched_at)
    told = dates.read_dates(document, hints.timezone, page.fetched_at, page.link.published if page.link else None)
    return dates.Dates(published or told.published, modified or told.modified)


def _status(document: Document, http: int, blocks: tuple[Block, ...], text: str) -> tuple[Status, str]:
    if reason := walls.blocked_reason(document, http, text):
        return Status.BLOCKED, reason
    if reason := walls.error_reason(http):
        return Status.EMPTY, reason
    if reason := walls.broken_reason(document, text):
        return Status.FAILED, reason
    if reason := walls.teaser_reason(document, text, blocks[-1].text if blocks else ""):
        return Status.TEASER, reason
    if letters(text) < EMPTY:
        return Status.EMPTY, "no article text found"
    return Status.OK, ""
