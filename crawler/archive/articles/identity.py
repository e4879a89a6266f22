"""Find the article of a set of URL forms in the archive, create it, or merge two that turn out to be one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.assignment import follow_merge
from crawler.sqlite.values import clean_text, clean_text_or_none, format_utc, parse_utc, parse_utc_or_none
from crawler.url_identity import ArticleKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An article that is in the archive or is to be created."""

    keys: tuple[ArticleKey, ...]
    """A new article is stored with the first."""
    article_id: int | None = None
    """None until the article is created."""
    first_seen_at: datetime | None = None
    last_fetched_at: datetime | None = None
    fetch_count: int = 0

    def create(self, store: ArchiveStore, source: str, guid: str | None, at: datetime) -> Identity:
        """Create the article; return its identity with the new ID."""
        first = self.keys[0]
        cursor = store.db.execute(
            "INSERT INTO articles (source_id, key, url, guid, first_seen_at) VALUES (?, ?, ?, ?, ?)",
            (source, clean_text(first.key), clean_text(first.url), clean_text_or_none(guid), format_utc(at)),
        )
        return replace(self, article_id=int(cursor.lastrowid or 0), first_seen_at=at)


def resolve_article(store: ArchiveStore, keys: Sequence[ArticleKey], *, may_merge: bool) -> Identity:
    """Return the article with these keys. If several have them and `may_merge`, they are merged into the oldest."""
    found = sorted({article for key in keys for article in _articles_of(store, key.key)})
    if not found:
        return Identity(keys=tuple(keys))
    if may_merge:
        for younger in found[1:]:
            _merge(store, younger, found[0])
    row = store.db.execute(
        "SELECT first_seen_at, last_fetched_at, fetch_count FROM articles WHERE id = ?", (found[0],)
    ).fetchone()
    return Identity(
        keys=tuple(keys),
        article_id=found[0],
        first_seen_at=parse_utc(row["first_seen_at"]),
        last_fetched_at=parse_utc_or_none(row["last_fetched_at"]),
        fetch_count=row["fetch_count"],
    )


def note_urls(store: ArchiveStore, article_id: int, keys: Sequence[ArticleKey], at: datetime) -> None:
    """Store the URL forms of an article."""
    store.db.executemany(
        "INSERT INTO article_urls VALUES (?, ?, ?, ?, ?) ON CONFLICT (key, url) DO NOTHING",
        [(clean_text(key.key), clean_text(key.url), article_id, key.origin, format_utc(at)) for key in keys],
    )


def note_linked_urls(store: ArchiveStore, article_id: int, keys: Sequence[ArticleKey], at: datetime) -> None:
    """Store the URL forms under which seeds listed an article before it was fetched."""
    store.db.executemany(
        "INSERT INTO article_urls SELECT key, url, ?, 'link', ? FROM links WHERE key = ? ON CONFLICT (key, url) DO NOTHING",
        [(article_id, format_utc(at), key) for key in {clean_text(key.key) for key in keys}],
    )


def _articles_of(store: ArchiveStore, key: str) -> list[int]:
    rows = store.db.execute("SELECT DISTINCT article_id FROM article_urls WHERE key = ?", (clean_text(key),))
    return [int(row["article_id"]) for row in rows]


def _merge(store: ArchiveStore, younger: int, older: int) -> None:
    """Merge the younger article into the older one: its URLs and queue entries move, its revisions stay with it."""
    db = store.db
    db.execute("UPDATE article_urls SET article_id = ? WHERE article_id = ?", (older, younger))
    db.execute("UPDATE queue SET article_id = ? WHERE article_id = ?", (older, younger))
    db.execute("UPDATE articles SET merged_into = ?, next_check_at = NULL WHERE id = ?", (older, younger))
    db.execute("UPDATE articles SET merged_into = ? WHERE merged_into = ?", (older, younger))
    follow_merge(db, younger, older)
