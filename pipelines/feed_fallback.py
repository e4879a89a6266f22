"""Make an article of the text in a feed entry, for entries whose page cannot be fetched.

Full content is extracted like a page. A summary alone gives a teaser, with a reason.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawler.models import Article, Block, ExtractionHints, Link, Page, Status
from crawler.reasons import ReasonCode
from crawler.timestamps import is_plausible
from pipelines.bylines.names import read_names
from pipelines.extract import extract
from pipelines.html.document import collapse_whitespace

MIN_WHOLE_CONTENT = 500
"""Characters from which the content of an entry is the whole article. Shortened content has 100 to 400."""
ONLY_FEED = "only the text of the feed is available"


def article_from_link(link: Link, hints: ExtractionHints, now: datetime) -> Article | None:
    """Return the article of a feed entry; None if the entry has no text. Never raises."""
    article = _read_content(link, hints, now) or _from_summary(link, hints)
    if article is None:
        return None
    published, modified = is_plausible(link.published, now), is_plausible(link.updated, now)
    if published and modified and modified.at < published.at:
        modified = None
    bylines = tuple({name.name: name for raw in link.authors for name in read_names(raw)}.values()) or article.bylines
    from_feed = {"title": link.title, "byline": bylines, "published": published, "modified": modified}
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
        field_sources={"text": "feed", **{field: "feed" for field, value in from_feed.items() if value}},
    )


def _read_content(link: Link, hints: ExtractionHints, now: datetime) -> Article | None:
    if not link.content_html:
        return None
    markup = f"<html><body><article>{link.content_html}</article></body></html>"
    # The source's selectors are for its pages; the markup of the feed is different.
    page = Page(
        source="", url=link.url, final_url=link.url, status=200, body=markup.encode("utf-8", "replace"), fetched_at=now,
        headers=(("content-type", "text/html; charset=utf-8"),),
    )  # fmt: skip
    article = extract(page, replace(hints, selectors={}))
    if not article.text:
        return None
    if article.status is Status.TEASER:
        return article
    is_whole = len(article.text) >= MIN_WHOLE_CONTENT
    return replace(
        article,
        status=Status.OK if is_whole else Status.TEASER,
        reason="" if is_whole else ONLY_FEED,
        reason_code=None if is_whole else ReasonCode.FEED_TEXT,
    )


def _from_summary(link: Link, hints: ExtractionHints) -> Article | None:
    text = collapse_whitespace(link.summary or "")
    if not text:
        return None
    return Article(
        status=Status.TEASER,
        reason=ONLY_FEED,
        reason_code=ReasonCode.FEED_TEXT,
        blocks=(Block(text=text),),
        language=link.language or hints.language,
    )
