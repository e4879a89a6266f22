"""Extract an article from a page: a pure function that child processes run on untrusted bytes.

It never raises: a page that cannot be read gives an article with a status and a reason. Each field has ranked candidates;
`Article.field_sources` records which one was chosen.
"""

from __future__ import annotations

import logging

from crawler.encodings.charset import decode
from crawler.models import Article, Block, ExtractionHints, Page, Status
from crawler.reasons import Reason, ReasonCode
from crawler.timestamps import zone_of
from pipelines.bylines import bylines
from pipelines.bylines.in_text import names_in_dateline
from pipelines.bylines.names import fold_name, read_names
from pipelines.content import body, second_opinion
from pipelines.dates import dates
from pipelines.fields import access, metadata, selectors, titles
from pipelines.html.document import Document, EmptyDocumentError, fold_text, letters, parse_html

log = logging.getLogger(__name__)

MAX_BODY = 8 * 1024 * 1024
"""Bytes that are read. Ten megabytes of HTML take trafilatura 40 s. The raw page is stored completely."""
EMPTY = 80
"""Letters of text below which a page has no article."""


def extract(page: Page, hints: ExtractionHints) -> Article:
    """The article on a page. Never raises. It has no time limit, so run it in a process that can be killed."""
    try:
        return _extract(page, hints)
    except EmptyDocumentError as error:
        return Article(status=Status.EMPTY, reason=str(error), reason_code=ReasonCode.NO_TEXT)
    except (Exception, RecursionError) as error:  # hostile bytes trigger every kind of error
        reason = f"{type(error).__name__}: {error}"[:300]
        return Article(status=Status.FAILED, reason=reason, reason_code=ReasonCode.PARSER_FAILED)


def _extract(page: Page, hints: ExtractionHints) -> Article:
    text = decode(page.body[:MAX_BODY], page.header("content-type"))
    document = parse_html(text, page.final_url or page.url)
    selectors.remove_selected(document, hints)
    return _read(document, page, hints)


def _read(document: Document, page: Page, hints: ExtractionHints) -> Article:
    link, zone = page.link, zone_of(hints.timezone)
    names = metadata.site_names(document, hints)
    found_title = titles.read_title(document, names, link.title if link else None, hints.headline)
    selected = _line(document, hints, "title")
    title, title_from = selected or found_title[:2]
    found_dates = _dates(document, page, hints)
    byline_from, names_found = _bylines(document, page, hints, names)
    section, section_from = _line(document, hints, "section") or metadata.section(document)
    image, canonical, tags = metadata.image(document), document.absolute(document.canonical), metadata.tags(document)
    lead_text = selectors.selected_line(document, hints, "lead")
    chosen = selectors.select(document, hints, "text")
    found = body.read_body(document, title, zone, within=chosen, lead=lead_text)
    blocks, lead, text_from = found.blocks, found.lead, found.provenance
    if not chosen and page.status < 400 and not access.is_marked_paid(document):
        blocks, text_from, doubt = second_opinion.second_opinion(document, found, title, hints.extractor)
        if doubt:
            log.debug("%s: second opinion on the text (%s): %s", page.url, doubt, text_from)
    if found.signature and not any(map(bylines.is_person, names_found)):
        byline_from, names_found = "text", tuple(read_names(found.signature))
        blocks = tuple(block for block in blocks if block.text != found.signature)
    if blocks and all(byline.kind == "organisation" for byline in names_found):
        openings = (text for text in (lead, blocks[0].text) if text)
        in_text = next(filter(None, (tuple(names_in_dateline(opening)) for opening in openings)), ())
        byline_from, names_found = ("text", in_text) if in_text else (byline_from, names_found)
    text = _joined(blocks)
    if lead and not lead_text and blocks and text_from not in {"dom", "selector"}:
        lead = None if fold_text(lead) in fold_text(text) else lead
    language, language_from = metadata.language(document, text, hints)
    status, reason = _status(document, page.status, blocks, text)
    field_sources = {
        "title": title_from,
        "lead": (selectors.PROVENANCE if lead_text else "dom") if lead else "",
        "byline": byline_from,
        "published": found_dates.published.provenance if found_dates.published else "",
        "modified": found_dates.modified.provenance if found_dates.modified else "",
        "language": language_from,
        "section": section_from,
        "text": text_from if blocks else "",
    }
    return Article(
        status=status,
        reason=reason.text if reason else "",
        reason_code=reason.code if reason else None,
        title=title,
        headlines={} if selected else found_title.headlines,
        lead=lead,
        blocks=blocks,
        bylines=names_found,
        published=found_dates.published,
        modified=found_dates.modified,
        language=language,
        section=section,
        tags=tags,
        image=image,
        canonical_url=canonical,
        site_name=names[0] if names else None,
        field_sources={field: provenance for field, provenance in field_sources.items() if provenance},
    )


def _joined(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(block.text for block in blocks)


def _line(document: Document, hints: ExtractionHints, field: str) -> tuple[str | None, str] | None:
    found = selectors.selected_line(document, hints, field)
    return (found, selectors.PROVENANCE) if found else None


def _bylines(document: Document, page: Page, hints: ExtractionHints, names: tuple[str, ...]) -> bylines.BylineCandidate:
    if found := selectors.bylines(document, hints, frozenset(map(fold_name, names))):
        return selectors.PROVENANCE, found
    return bylines.read_bylines(document, names, page.link.authors if page.link else ())


def _dates(document: Document, page: Page, hints: ExtractionHints) -> dates.Dates:
    published = selectors.timestamp(document, hints, "published", page.fetched_at)
    modified = selectors.timestamp(document, hints, "modified", page.fetched_at)
    found_dates = dates.read_dates(
        document, hints.timezone, page.fetched_at, page.link.published if page.link else None
    )
    return dates.Dates(published or found_dates.published, modified or found_dates.modified)


def _status(document: Document, http: int, blocks: tuple[Block, ...], text: str) -> tuple[Status, Reason | None]:
    if reason := access.blocked_reason(document, http, text):
        return Status.BLOCKED, reason
    if reason := access.http_error_reason(http):
        return Status.EMPTY, reason
    if error := access.broken_reason(document, text):
        return Status.FAILED, Reason(ReasonCode.ERROR_PAGE, error)
    if paywall := access.teaser_reason(document, text, blocks[-1].text if blocks else ""):
        return Status.TEASER, Reason(ReasonCode.PAYWALL, paywall)
    if letters(text) < EMPTY:
        return Status.EMPTY, Reason(ReasonCode.NO_TEXT, "no article text found")
    return Status.OK, None
