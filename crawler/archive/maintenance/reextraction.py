"""Re-extraction of stored pages: which fields change, and the revision that results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crawler.archive.articles.revisions import Values, insert_revision, revision_values
from crawler.archive.crawl.links import link_by_id
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.assignment import assign_story
from crawler.models import Article, Link
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc

COMPARED_FIELDS = (
    "status title lead text blocks byline published_at published_offset published_precision modified_at modified_offset"
    " language section tags image canonical_url"
).split()
"""Columns of `revisions` that the extractor fills, without `field_sources`, which may change when no value does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """The current version of an article and the page it was extracted from."""

    article_id: int
    revision_id: int
    number: int
    page_id: int
    link_id: int | None
    source: str
    url: str
    seen_at: str
    link: Link | None
    """The feed entry, which the extractor uses too."""
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field with another value after re-extraction."""

    field: str
    before: Any
    after: Any


def stored_articles(db: Connection, *, sources: tuple[str, ...] = ()) -> Iterator[StoredArticle]:
    """The current version of each article that was extracted from a page, oldest article first.

    Only IDs are kept in memory, and no read transaction stays open between articles, so writers are not blocked.
    """
    marks = f"a.source_id IN ({','.join('?' * len(sources))})" if sources else "1"
    current = (
        "FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
        " WHERE r.page_id IS NOT NULL AND a.merged_into IS NULL AND"
    )
    ids = [row[0] for row in db.execute(f"SELECT a.id {current} {marks} ORDER BY a.id", sources)]
    for article_id in ids:
        row = db.execute(f"SELECT r.*, a.source_id, a.url {current} a.id = ?", (article_id,)).fetchone()
        if row is None:  # it was merged into another article in the meantime
            continue
        yield StoredArticle(
            article_id=row["article_id"],
            revision_id=row["id"],
            number=row["number"],
            page_id=row["page_id"],
            link_id=row["link_id"],
            source=row["source_id"],
            url=row["url"],
            seen_at=row["seen_at"],
            link=link_by_id(db, row["link_id"]),
            values={name: row[name] for name in COMPARED_FIELDS},
        )


def changes(stored: StoredArticle, article: Article) -> tuple[FieldChange, ...]:
    """Return the fields whose values differ after re-extraction."""
    after = revision_values(article)
    return tuple(
        FieldChange(field=name, before=stored.values[name], after=after[name])
        for name in COMPARED_FIELDS
        if stored.values[name] != after[name]
    )


def write(
    store: ArchiveStore,
    stored: StoredArticle,
    article: Article,
    fingerprint: str,
    *,
    sketch: bytes | None,
    extractor: str,
) -> int | None:
    """Store the re-extraction as a revision of the same page; returns its ID. None if the article has a newer version."""
    latest = store.db.execute("SELECT latest_revision_id FROM articles WHERE id = ?", (stored.article_id,)).fetchone()
    if latest[0] != stored.revision_id:
        return None
    revision_id = insert_revision(
        store,
        stored.article_id,
        stored.number + 1,
        article,
        fingerprint,
        page_id=stored.page_id,
        link_id=stored.link_id,
        seen_at=parse_utc(stored.seen_at),
        extractor=extractor,
    )
    assign_story(store.db, stored.article_id, sketch, at=parse_utc(stored.seen_at))
    return revision_id
