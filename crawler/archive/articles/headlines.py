"""Learn which headline of its pages a source's feed carries, and keep the stored headline of an article.

Some outlets write two headlines: one for readers of the page (h1), one for search and sharing (og:title). Where they
differ, the titles in the feed show which one the outlet sends. It is used for the pages that come later.
"""

from __future__ import annotations

import re
from dataclasses import replace

from crawler.archive.articles.revisions import Latest
from crawler.archive.storage.store import ArchiveStore
from crawler.items import FetchRecord
from crawler.models import FetchStatus
from crawler.sqlite.connection import Connection

MIN_FEED_TITLES = 5
"""Pages whose feed title was one of two different headlines from which the choice is learned."""
FEED_TITLE_SHARE = 0.8
"""Share of them that must agree."""


def learned_headlines(db: Connection) -> dict[str, str]:
    """Source ID -> "og" or "h1": which headline its feed has where a page has two. Only clear cases."""
    rows = db.execute(
        "SELECT source_id, headline, pages, sum(pages) OVER (PARTITION BY source_id) AS total FROM feed_headlines"
    )
    return {
        row["source_id"]: row["headline"]
        for row in rows
        if row["total"] >= MIN_FEED_TITLES and row["pages"] >= FEED_TITLE_SHARE * row["total"]
    }


def count_feed_headline(store: ArchiveStore, fetch: FetchRecord, status: FetchStatus) -> None:
    """Count which of two headlines of a new article the feed has. Runs inside a transaction."""
    article, link = fetch.article, fetch.link
    if status is not FetchStatus.NEW or article is None or link is None or not link.title:
        return
    for name, headline in article.headlines.items():
        if _key(headline) == _key(link.title):
            store.db.execute(
                "INSERT INTO feed_headlines VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET pages = pages + 1",
                (fetch.source.id, name),
            )


def keep_headline(fetch: FetchRecord, latest: Latest | None) -> FetchRecord:
    """Return the fetch with the stored headline if the page still has it: choosing another one is not an edit."""
    processed = fetch.processed
    if processed is None or latest is None or latest.title is None or latest.title == processed.article.title:
        return fetch
    for name, headline in processed.article.headlines.items():
        if headline == latest.title and name in processed.other_fingerprints:
            sources = {**processed.article.field_sources, "title": name}
            article = replace(processed.article, title=headline, field_sources=sources)
            fingerprint = processed.other_fingerprints[name]
            return replace(fetch, processed=replace(processed, article=article, fingerprint=fingerprint))
    return fetch


def _key(title: str) -> str:
    return re.sub(r"\W+", "", title.casefold())
