"""Writing a revision: the text, its names, and its words in the full-text index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.connection import Connection
from crawler.archive.store import Store
from crawler.archive.values import as_json, iso, iso_or_none, names_or_none, storable, storable_or_none
from crawler.model import Article, Instant
from crawler.words import indexed, is_indexed_as_written, is_unspaced, segment

Values = dict[str, Any]
"""Column -> value, of what a reader fills in `revisions`."""
Fields = tuple[str | None, str | None, str | None, str]
"""Title, lead, byline, text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """What the newest revision of an article is known by."""

    id: int
    number: int
    status: str
    fingerprint: str
    page_id: int | None
    seen_at: str


def latest_revision(store: Store, article_id: int | None) -> Latest | None:
    """The newest revision; None where there is none."""
    row = store.db.execute(
        "SELECT r.id, r.number, r.status, r.fingerprint, r.page_id, r.seen_at FROM articles a"
        " JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    return Latest(**dict(row)) if row is not None else None


def text_sha256(*, title: str | None, lead: str | None, byline: str | None, text: str) -> str:
    """The hash by which `scrapy archive check` finds decay in what readers read."""
    parts = (title or "", lead or "", byline or "", text)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def insert_revision(
    store: Store,
    article_id: int,
    number: int,
    article: Article,
    fingerprint: str,
    *,
    page_id: int | None,
    link_id: int | None,
    seen_at: datetime,
    extractor: str,
) -> int:
    """One text that an article had; gives back revisions.id."""
    values = revision_values(article)
    title, lead, byline, text = values["title"], values["lead"], values["byline"], values["text"]
    columns = {
        "article_id": article_id,
        "number": number,
        "page_id": page_id,
        "link_id": link_id,
        "seen_at": iso(seen_at),
        **values,
        "words": count_words(title, lead, text),
        "fingerprint": fingerprint,
        "text_sha256": text_sha256(title=title, lead=lead, byline=byline, text=text),
        "witnesses": as_json(dict(article.witnesses)) if article.witnesses else None,
        "extractor": extractor,
    }
    names = ", ".join(columns)
    marks = ", ".join("?" * len(columns))
    cursor = store.db.execute(f"INSERT INTO revisions ({names}) VALUES ({marks})", tuple(columns.values()))
    revision_id = int(cursor.lastrowid or 0)
    store.db.executemany(
        "INSERT INTO bylines VALUES (?, ?, ?, ?)",
        [(revision_id, place, storable(name.name), name.kind) for place, name in enumerate(article.bylines)],
    )
    _index(store, revision_id, (title, lead, byline, text))
    store.db.execute(
        "UPDATE articles SET latest_revision_id = ?, revision_count = ? WHERE id = ?", (revision_id, number, article_id)
    )
    return revision_id


def revision_values(article: Article) -> Values:
    """What was read, as the columns of `revisions` hold it."""
    return {
        "status": article.status.value,
        "reason": storable_or_none(article.reason or None),
        "title": storable_or_none(article.title),
        "lead": storable_or_none(article.lead),
        "text": storable(article.text),
        "blocks": " ".join(block.kind for block in article.blocks),
        "byline": storable_or_none(article.byline or None),
        **_times("published", article.published),
        "published_precision": article.published.precision if article.published else None,
        **_times("modified", article.modified),
        "language": storable_or_none(article.language),
        "section": storable_or_none(article.section),
        "tags": names_or_none(article.tags),
        "image": storable_or_none(article.image),
        "canonical_url": storable_or_none(article.canonical_url),
    }


def count_words(*texts: str | None) -> int:
    """Words as full-text search counts them, closely: runs of letters and digits, one for each unspaced character."""
    import re

    return sum(len(re.findall(r"\w+", segment(text) if is_unspaced(text) else text)) for text in texts if text)


def _times(field: str, instant: Instant | None) -> dict[str, object]:
    return {
        f"{field}_at": iso_or_none(instant.at if instant else None),
        f"{field}_offset": instant.offset_minutes if instant else None,
        f"{field}_from": instant.witness or None if instant else None,
    }


def index_apart(db: Connection, revision_id: int, fields: Fields) -> Fields:
    """The fields as the index is to hold them, kept in a row of their own where they are written otherwise."""
    if all(is_indexed_as_written(field) for field in fields if field):
        return fields
    fields = tuple(indexed(field) if field else field for field in fields)  # type: ignore[assignment]  # same length
    db.execute("INSERT INTO revision_segments VALUES (?, ?, ?, ?, ?)", (revision_id, *fields))
    return fields


def _index(store: Store, revision_id: int, fields: Fields) -> None:
    fields = index_apart(store.db, revision_id, fields)
    store.db.execute(
        "INSERT INTO revisions_fts (rowid, title, lead, byline, text) VALUES (?, ?, ?, ?, ?)", (revision_id, *fields)
    )
