"""The article that a feed's entry carries by itself, for when the page cannot be had.

Full content is read as a page's would be and gives an article like it; a summary alone gives a teaser that says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawler.instants import believable
from crawler.model import Article, Block, Link, Page, ReadingHints, Status
from pipelines.document import one_line
from pipelines.extract import extract
from pipelines.names import read_names

ENOUGH = 500
"""Characters from which a feed's content is the article and not its opening. Feeds that cut give 100 to 400."""
ONLY_FEED = "only what the feed gives could be had"


def article_from_link(link: Link, hints: ReadingHints, now: datetime) -> Article | None:
    """The article in a feed's entry; None where the entry has no text at all. Never raises."""
    article = _read_content(link, hints, now) or _from_summary(link, hints)
    if article is None:
        return None
    published, modified = believable(link.published, now), believable(link.updated, now)
    if published and modified and modified.at < published.at:
        modified = None
    bylines = tuple({name.name: name for raw in link.authors for name in read_names(raw)}.values()) or article.bylines
    told = {"title": link.title, "byline": bylines, "published": published, "modified": modified}
    return replace(
        article,
        title=link.title or article.title,
        bylines=bylines,
        published=published,
        modified=modified,
        language=article.language or link.language or hints.language,
        tags=link.tags,
        image=link.image or article.image,
        canonical_url=None,
        site_name=hints.site_name,
        witnesses={"text": "feed", **{field: "feed" for field, value in told.items() if value}},
    )


def _read_content(link: Link, hints: ReadingHints, now: datetime) -> Article | None:
    if not link.content_html:
        return None
    markup = f"<html><body><article>{link.content_html}</article></body></html>"
    # Selectors and witnesses are for the source's pages; the feed's markup is another.
    page = Page(
        source="", url=link.url, final_url=link.url, status=200, body=markup.encode("utf-8", "replace"), fetched_at=now,
        headers=(("content-type", "text/html; charset=utf-8"),),
    )  # fmt: skip
    article = extract(page, replace(hints, selectors={}))
    if not article.text:
        return None
    if article.status is Status.TEASER:
        return article
    whole = len(article.text) >= ENOUGH
    return replace(article, status=Status.OK if whole else Status.TEASER, reason="" if whole else ONLY_FEED)


def _from_summary(link: Link, hints: ReadingHints) -> Article | None:
    text = one_line(link.summary or "")
    if not text:
        return None
    return Article(
        status=Status.TEASER, reason=ONLY_FEED, blocks=(Block(text=text),), language=link.language or hints.language
    )
