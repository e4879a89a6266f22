"""Re-extraction of stored pages: which pages, which fields change, and the revision that results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from crawler.archive.articles.recorded_pages import PARSE_FAILED
from crawler.archive.articles.revisions import Values, insert_revision, revision_values
from crawler.archive.crawl.links import link_by_id
from crawler.archive.events.assignment import assign_event
from crawler.archive.maintenance.check_rows import revision_fault
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.assignment import assign_story
from crawler.events.features import EventFeatures
from crawler.models import Article, Link
from crawler.sqlite.connection import Connection, damaged_text_allowed
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import parse_utc

COMPARED_FIELDS = (
    "status title lead text blocks byline published_at published_offset published_precision modified_at modified_offset"
    " language section tags image canonical_url"
).split()
"""Columns of `revisions` that the extractor fills, without `field_sources`, which may change when no value does."""
UNIT_IDS = 32
"""Consecutive IDs of a unit, so that a unit stays the same when others are added: a transaction of about 100 ms."""


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
    fault: str | None = None
    """Why the stored revision is damaged; None if it is as it was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnextractedPage:
    """A stored page of which no revision was made, because it could not be read or seemed to be a wall."""

    page_id: int
    source: str
    url: str
    parser_failed: bool
    """Our parser failed; False: the page was read, as a wall or without a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field with another value after re-extraction."""

    field: str
    before: Any
    after: Any


def article_units(db: Connection, *, sources: tuple[str, ...] = ()) -> Iterator[tuple[StoredArticle, ...]]:
    """The current version of each article that was extracted from a page, oldest article first, in units.

    Only IDs are kept in memory, and no read transaction stays open between articles, so writers are not blocked.
    """
    chosen = f"a.source_id IN ({marks(sources)})" if sources else "1"
    current = (
        "FROM articles a JOIN revisions r ON r.id = a.latest_revision_id JOIN pages p ON p.id = r.page_id"
        " WHERE p.pruned_at IS NULL AND a.merged_into IS NULL AND"
    )
    ids = [row[0] for row in db.execute(f"SELECT a.id {current} {chosen} ORDER BY a.id", sources)]
    for _, unit in groupby(ids, key=lambda article_id: int(article_id) // UNIT_IDS):
        found = (_stored_article(db, f"SELECT r.*, a.source_id, a.url {current} a.id = ?", one) for one in unit)
        yield tuple(entry for entry in found if entry is not None)


def _stored_article(db: Connection, query: str, article_id: int) -> StoredArticle | None:
    """None if the article was merged into another one in the meantime."""
    with damaged_text_allowed(db):
        row = db.execute(query, (article_id,)).fetchone()
        if row is None:
            return None
        return from_row(
            StoredArticle,
            row,
            revision_id=row["id"],
            source=row["source_id"],
            link=link_by_id(db, row["link_id"]),
            values={name: row[name] for name in COMPARED_FIELDS},
            fault=revision_fault(db, row["id"]),
        )


def unextracted_page_units(db: Connection, *, sources: tuple[str, ...] = ()) -> Iterator[tuple[UnextractedPage, ...]]:
    """Stored pages that no revision was made of, oldest first, in units: the parser failed, or it saw a wall or no text."""
    chosen = f"p.source_id IN ({marks(sources)})" if sources else "1"
    rows = db.execute(
        f"SELECT p.id AS page_id, p.source_id AS source, p.url, {PARSE_FAILED} AS parser_failed FROM pages p"
        " JOIN fetches f ON f.id = (SELECT max(id) FROM fetches WHERE page_id = p.id)"
        " WHERE p.pruned_at IS NULL AND p.http_status < 400 AND f.outcome IN ('failed', 'blocked', 'empty')"
        f" AND NOT EXISTS (SELECT 1 FROM revisions r WHERE r.page_id = p.id) AND {chosen} ORDER BY p.id",
        sources,
    ).fetchall()
    for _, unit in groupby(rows, key=lambda row: int(row["page_id"]) // UNIT_IDS):
        yield tuple(from_row(UnextractedPage, row) for row in unit)


def queued_link(db: Connection, key: str) -> tuple[int, Link] | None:
    """links.id and the link that led to a URL of the queue; None if there is none."""
    row = db.execute("SELECT link_id FROM queue WHERE key = ?", (key,)).fetchone()
    link = link_by_id(db, row["link_id"]) if row is not None else None
    return (row["link_id"], link) if link is not None else None


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
    event_features: EventFeatures | None,
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
    assign_event(store.db, stored.article_id, event_features, at=parse_utc(stored.seen_at))
    return revision_id
