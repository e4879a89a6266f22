"""Find the article of a set of URL forms in the archive, create it, or merge two that turn out to be one.

Articles that were removed with `scrapy archive forget` are recognised by the hashes of their URL forms.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.archive.db.seals import insert_sealed, seal_rows
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.stories.assignment import MAX_CHARACTERS, comparable_text, follow_merge
from crawler.exceptions import NotFoundError
from crawler.models import Article
from crawler.reasons import Reason, ReasonCode
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import clean_text, clean_text_or_none, format_utc
from crawler.stories.similarity import ComparableText, compare_texts, story_text
from crawler.url_identity import ArticleKey, article_folder
from crawler.urls import url_key

FORGOTTEN = Reason(ReasonCode.FORGOTTEN, "removed with `scrapy archive forget`; not stored again")


def key_sha256(key: str) -> str:
    """The hash under which a tombstone holds a URL form."""
    return hashlib.sha256(clean_text(key).encode()).hexdigest()


def forgotten_id_of(db: Connection, keys: Sequence[str]) -> int | None:
    """forgotten.id of the removed article with one of these keys; None if none was removed."""
    if db.execute("SELECT 1 FROM forgotten_keys LIMIT 1").fetchone() is None:  # nearly every archive
        return None
    hashes = [key_sha256(key) for key in keys]
    row = db.execute(
        f"SELECT forgotten_id FROM forgotten_keys WHERE key_sha256 IN ({marks(hashes)})", hashes
    ).fetchone()
    return int(row[0]) if row is not None else None


def extend_tombstone(db: Connection, forgotten_id: int, keys: Sequence[str]) -> None:
    """Add URL forms to a tombstone and delete the links and queue entries under them. Runs inside a transaction."""
    for key in dict.fromkeys(clean_text(key) for key in keys if key):
        db.execute("INSERT OR IGNORE INTO forgotten_keys VALUES (?, ?)", (key_sha256(key), forgotten_id))
        db.execute("DELETE FROM queue WHERE key = ?", (key,))
        db.execute("UPDATE queue SET link_id = NULL WHERE link_id IN (SELECT id FROM links WHERE key = ?)", (key,))
        db.execute(
            "DELETE FROM links WHERE key = ? AND NOT EXISTS (SELECT 1 FROM revisions WHERE link_id = links.id)", (key,)
        )


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
        columns = {
            "source_id": source,
            "key": clean_text(first.key),
            "url": clean_text(first.url),
            "guid": clean_text_or_none(guid),
            "first_seen_at": format_utc(at),
        }
        return replace(self, article_id=insert_sealed(store.db, "articles", columns), first_seen_at=at)


def resolve_article(store: ArchiveStore, keys: Sequence[ArticleKey], *, may_merge: bool) -> Identity:
    """Return the article with these keys. If several have them and `may_merge`, they are merged into the oldest."""
    found = sorted({article for key in keys for article in _articles_of(store, key.key)})
    if not found:
        return Identity(keys=tuple(keys))
    if may_merge:
        for younger in found[1:]:
            merge_articles(store.db, younger, found[0])
    return _known(store, keys, found[0])


def guid_keys(store: ArchiveStore, article_id: int) -> tuple[ArticleKey, ...]:
    """Return the keys of an article whose guid identifies it, each with its newest URL."""
    rows = store.db.execute(
        "SELECT key, url FROM article_urls WHERE article_id = ? AND origin = 'guid' GROUP BY key"
        " HAVING first_seen_at = max(first_seen_at)",
        (article_id,),
    )
    return tuple(ArticleKey(key=row["key"], url=row["url"], origin="guid") for row in rows)


def article_with_other_headline(
    store: ArchiveStore, keys: Sequence[ArticleKey], source: str, article: Article, *, at: datetime
) -> Identity | None:
    """Return the article whose URL has the same number in a folder and another headline after it; None if there is none.

    The number may be an author's or a section's, so only a single article with the same report is taken.
    """
    folders = {folder for key in keys if key.origin != "guid" and (folder := article_folder(key.key))}
    found = {article for folder in folders for article in _articles_below(store, folder, source)}
    if len(found) != 1:
        return None
    article_id = found.pop()
    older = comparable_text(store.db, article_id)
    newer = ComparableText(
        story_text(article.lead, article.text)[:MAX_CHARACTERS],
        title=article.title,
        language=article.language,
        at=article.published.at if article.published else at,
    )
    if older is None or not newer.words:
        return None
    verdict = compare_texts(older, newer)
    # Equal short texts under two titles are the same report here: the number is the same.
    return _known(store, keys, article_id) if verdict.same or verdict.jaccard == 1.0 else None


def _known(store: ArchiveStore, keys: Sequence[ArticleKey], article_id: int) -> Identity:
    """The identity of an article in the archive."""
    row = store.db.execute(
        "SELECT first_seen_at, last_fetched_at, fetch_count FROM articles WHERE id = ?", (article_id,)
    ).fetchone()
    return from_row(Identity, row, keys=tuple(keys), article_id=article_id)


def article_named(db: Connection, named: int | str) -> int | None:
    """The article with this ID or URL, or the one that it was merged into; None if there is none."""
    if isinstance(named, int):
        row = db.execute("SELECT coalesce(merged_into, id) FROM articles WHERE id = ?", (named,)).fetchone()
    else:
        row = db.execute(
            "SELECT article_id FROM article_urls WHERE url = ? OR key = ? LIMIT 1", (named, url_key(named))
        ).fetchone()
    return int(row[0]) if row is not None else None


def existing_article(db: Connection, named: int | str) -> int:
    """The same. Raises NotFoundError if there is none."""
    found = article_named(db, named)
    if found is None:
        raise NotFoundError(f"{named}: no such article in the archive; give its URL or its article ID")
    return found


def note_urls(store: ArchiveStore, article_id: int, keys: Sequence[ArticleKey], at: datetime) -> None:
    """Store the URL forms of an article."""
    for key in keys:
        _note_url(store.db, article_id, key.key, key.url, key.origin, at)


def note_linked_urls(store: ArchiveStore, article_id: int, keys: Sequence[ArticleKey], at: datetime) -> None:
    """Store the URL forms under which seeds listed an article before it was fetched."""
    for key in {clean_text(key.key) for key in keys}:
        for (url,) in store.db.execute("SELECT DISTINCT url FROM links WHERE key = ?", (key,)).fetchall():
            _note_url(store.db, article_id, key, url, "link", at)


def _note_url(db: Connection, article_id: int, key: str, url: str, origin: str, at: datetime) -> None:
    columns = {
        "key": clean_text(key),
        "url": clean_text(url),
        "article_id": article_id,
        "origin": origin,
        "first_seen_at": format_utc(at),
    }
    insert_sealed(db, "article_urls", columns, "ON CONFLICT (key, url) DO NOTHING")


def _articles_of(store: ArchiveStore, key: str) -> list[int]:
    rows = store.db.execute("SELECT DISTINCT article_id FROM article_urls WHERE key = ?", (clean_text(key),))
    return [int(row["article_id"]) for row in rows]


def _articles_below(store: ArchiveStore, folder: str, source: str) -> list[int]:
    """IDs of up to two articles of a source whose keys are this folder and one more segment."""
    rows = store.db.execute(
        "SELECT DISTINCT u.article_id FROM article_urls u JOIN articles a ON a.id = u.article_id"
        " WHERE u.key > ?1 AND u.key < ?2 AND instr(substr(u.key, length(?1) + 1), '/') = 0 AND a.source_id = ?3"
        " LIMIT 2",
        (folder, folder[:-1] + "0", source),  # "0" follows "/"
    )
    return [int(row["article_id"]) for row in rows]


def merge_articles(db: Connection, younger: int, older: int) -> None:
    """Merge the younger article into the older one: its URLs and queue entries move, its revisions stay with it."""
    db.execute("UPDATE article_urls SET article_id = ? WHERE article_id = ?", (older, younger))
    seal_rows(db, "article_urls", "article_id = ?", (older,))
    db.execute("UPDATE queue SET article_id = ? WHERE article_id = ?", (older, younger))
    db.execute("UPDATE articles SET merged_into = ?, next_check_at = NULL WHERE id = ?", (older, younger))
    db.execute("UPDATE articles SET merged_into = ? WHERE merged_into = ?", (older, younger))
    follow_merge(db, younger, older)
