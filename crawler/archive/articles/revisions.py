"""Write a revision: its row, its bylines, and its text in the full-text index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.db.fts_index import Fields, store_index_form
from crawler.archive.db.seals import row_sha256
from crawler.archive.storage.store import ArchiveStore
from crawler.models import Article, Timestamp
from crawler.sqlite.rows import from_row, insert_row
from crawler.sqlite.values import as_json, clean_text, clean_text_or_none, format_utc, format_utc_or_none, names_or_none
from crawler.text.tokenizer import is_unspaced, segment

Values = dict[str, Any]
"""Column of `revisions` -> value, for the columns that come from the extracted article."""


CURRENT_COLUMNS = ("title", "byline", "published_at", "language", "section", "status", "words")
"""Columns of the current version that `articles` repeats, so that a query of one table shows headlines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The columns of an article's newest revision that a fetch is compared with."""

    id: int
    number: int
    status: str
    fingerprint: str
    page_id: int | None
    seen_at: str
    title: str | None


def latest_revision(store: ArchiveStore, article_id: int | None) -> Latest | None:
    """Return the newest revision of an article; None if it has none."""
    row = store.db.execute(
        "SELECT r.id, r.number, r.status, r.fingerprint, r.page_id, r.seen_at, r.title FROM articles a"
        " JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?",
        (article_id,),
    ).fetchone()
    return from_row(Latest, row) if row is not None else None


def text_sha256(*, title: str | None, lead: str | None, byline: str | None, text: str) -> str:
    """Return the hash of a revision's text, with which `scrapy archive check` detects damage."""
    return hashlib.sha256(text_content(title=title, lead=lead, byline=byline, text=text)).hexdigest()


def text_content(*, title: str | None, lead: str | None, byline: str | None, text: str) -> bytes:
    """Return the bytes of which `text_sha256` is the hash: title, lead, byline and text, separated by U+001F."""
    return "\x1f".join((title or "", lead or "", byline or "", text)).encode()


def insert_revision(
    store: ArchiveStore,
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
    """Insert a revision and update the columns of `articles` that show the current version; return revisions.id."""
    values = revision_values(article)
    title, lead, byline, text = values["title"], values["lead"], values["byline"], values["text"]
    columns = {
        "article_id": article_id,
        "number": number,
        "page_id": page_id,
        "link_id": link_id,
        "seen_at": format_utc(seen_at),
        **values,
        "words": count_words(title, lead, text),
        "fingerprint": fingerprint,
        "text_sha256": text_sha256(title=title, lead=lead, byline=byline, text=text),
        "field_sources": as_json(dict(article.field_sources)) if article.field_sources else None,
        "extractor": extractor,
    }
    bylines = [(place, clean_text(name.name), name.kind) for place, name in enumerate(article.bylines)]
    columns["row_sha256"] = row_sha256(columns, bylines)
    revision_id = insert_row(store.db, "revisions", columns)
    store.db.executemany(
        "INSERT INTO bylines VALUES (?, ?, ?, ?)",
        [(revision_id, *byline) for byline in bylines],
    )
    index_revision(store, revision_id, (title, lead, byline, text))
    current = {
        **{name: columns[name] for name in CURRENT_COLUMNS},
        "latest_revision_id": revision_id,
        "revision_count": number,
    }
    assignments = ", ".join(f"{name} = ?" for name in current)
    store.db.execute(f"UPDATE articles SET {assignments} WHERE id = ?", (*current.values(), article_id))
    return revision_id


def revision_values(article: Article) -> Values:
    """Return the extracted fields as values of columns of `revisions`."""
    return {
        "status": article.status.value,
        "reason": clean_text_or_none(article.reason or None),
        "title": clean_text_or_none(article.title),
        "lead": clean_text_or_none(article.lead),
        "text": clean_text(article.text),
        "blocks": " ".join(block.kind for block in article.blocks),
        "byline": clean_text_or_none(article.byline or None),
        **_times("published", article.published),
        "published_precision": article.published.precision if article.published else None,
        **_times("modified", article.modified),
        "language": clean_text_or_none(article.language),
        "section": clean_text_or_none(article.section),
        "tags": names_or_none(article.tags),
        "image": clean_text_or_none(article.image),
        "canonical_url": clean_text_or_none(article.canonical_url),
    }


def count_words(*texts: str | None) -> int:
    """Count words: what stands between spaces; in unspaced scripts, characters."""
    return sum(len((segment(text) if is_unspaced(text) else text).split()) for text in texts if text)


def _times(field: str, timestamp: Timestamp | None) -> dict[str, object]:
    return {
        f"{field}_at": format_utc_or_none(timestamp.at if timestamp else None),
        f"{field}_offset": timestamp.offset_minutes if timestamp else None,
        f"{field}_source": timestamp.provenance or None if timestamp else None,
    }


def index_revision(store: ArchiveStore, revision_id: int, fields: Fields) -> None:
    """Add title, lead, byline and text of a revision to the full-text index, at the end of the transaction."""
    store_index_form(store.db, revision_id, fields)
    store.index_at_end(revision_id)
