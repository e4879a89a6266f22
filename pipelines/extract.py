"""One page in, one article out: the pure function that killable children run on untrusted bytes.

It never raises: what cannot be read comes back as an article whose status and reason say so. Each field has ranked
witnesses, and the one that won is written down beside it (`Article.witnesses`).
"""

from __future__ import annotations

from datetime import datetime

from crawler.encoding import decode
from crawler.instants import CLOCK_SKEW
from crawler.model import Article, Block, Link, Page, ReadingHints, Status
from pipelines import body, bylines, dates, metadata, titles, walls
from pipelines.document import Document, EmptyDocumentError, one_line, parse
from pipelines.names import read_names

MAX_BODY = 8 * 1024 * 1024
"""Bytes. Ten megabytes of HTML take trafilatura 40 s; what is longer is cut here and the raw page kept whole."""
EMPTY = 80
"""Characters of text below which there is no article."""


def extract(page: Page, hints: ReadingHints) -> Article:
    """Read an article off a page. Never raises; runs for as long as the bytes make it, so run it where it can be killed."""
    try:
        return _extract(page, hints)
    except EmptyDocumentError as error:
        return Article(status=Status.EMPTY, reason=str(error))
    except (Exception, RecursionError) as error:  # hostile bytes find every fault
        return Article(status=Status.FAILED, reason=f"{type(error).__name__}: {error}"[:300])


def article_from_link(link: Link, hints: ReadingHints, fetched_at: datetime) -> Article | None:
    """The article that a feed's entry carries by itself; None where it has neither content nor summary.

    Full content gives an article like a page's; a summary alone gives a teaser.
    """
    markup = link.content_html or ""
    if not markup and not link.summary:
        return None
    full = f"<html><body><article>{markup or ''}</article></body></html>"
    article = _read_feed_content(full, link, hints, fetched_at) if markup else None
    if article is not None and article.blocks:
        return article
    return _from_summary(link, hints, fetched_at)


def _extract(page: Page, hints: ReadingHints) -> Article:
    text = decode(page.body[:MAX_BODY], page.header("content-type"))
    document = parse(text, page.final_url or page.url)
    return _read(document, page, hints)


def _read(document: Document, page: Page, hints: ReadingHints) -> Article:
    link = page.link
    names = metadata.site_names(document, hints)
    title, title_from = titles.read_title(document, names, link.title if link else None)
    told = dates.read_dates(document, hints.timezone, page.fetched_at, link.published if link else None)
    byline_from, names_found = bylines.read_bylines(document, names, link.authors if link else ())
    section, section_from = metadata.section(document)
    image, canonical, tags = metadata.image(document), document.absolute(document.canonical), metadata.tags(document)
    blocks, lead, text_from = body.read_body(document, title)
    text = "\n\n".join(block.text for block in blocks)
    language, language_from = metadata.language(document, text, hints)
    status, reason = _status(document, page.status, blocks, text)
    witnesses = {
        "title": title_from,
        "byline": byline_from,
        "published": told.published.witness if told.published else "",
        "modified": told.modified.witness if told.modified else "",
        "language": language_from,
        "section": section_from,
        "text": text_from,
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


def _status(document: Document, http: int, blocks: tuple[Block, ...], text: str) -> tuple[Status, str]:
    if reason := walls.blocked_reason(document, http, text):
        return Status.BLOCKED, reason
    if reason := walls.error_reason(http):
        return Status.EMPTY, reason
    if reason := walls.teaser_reason(document, text, blocks[-1].text if blocks else ""):
        return Status.TEASER, reason
    if len(text) < EMPTY:
        return Status.EMPTY, "no article text found"
    return Status.OK, ""


def _read_feed_content(markup: str, link: Link, hints: ReadingHints, fetched_at: datetime) -> Article | None:
    page = Page(source="", url=link.url, final_url=link.url, status=200, fetched_at=fetched_at, link=link,
                headers=(("content-type", "text/html; charset=utf-8"),), body=markup.encode("utf-8", "replace"))  # fmt: skip
    article = extract(page, hints)
    return article if article.status in {Status.OK, Status.TEASER} else None


def _from_summary(link: Link, hints: ReadingHints, fetched_at: datetime) -> Article | None:
    text = one_line(link.summary or "")
    if not text:
        return None
    return Article(
        status=Status.TEASER,
        reason="only the feed's summary could be had",
        title=link.title,
        blocks=(Block(text=text),),
        bylines=tuple(name for raw in link.authors for name in read_names(raw)),
        published=link.published if link.published and link.published.at <= fetched_at + CLOCK_SKEW else None,
        modified=link.updated,
        language=link.language or hints.language,
        tags=link.tags,
        image=link.image,
        site_name=hints.site_name,
        witnesses={"title": "feed", "byline": "feed", "published": "feed", "text": "feed"},
    )
