"""Find and delete the rows of one article, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.archive.articles.identity import FORGOTTEN, article_named, existing_article, key_sha256
from crawler.archive.db.fts_index import remove_from_index
from crawler.archive.db.seals import stored_seal
from crawler.archive.evidence.leaves import leave_tombstones
from crawler.archive.retention.forget_messages import remove_from_messages, remove_from_notes
from crawler.archive.storage.warc_rewrite import schedule_erasures
from crawler.archive.stories.assignment import remove_article
from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection
from crawler.sqlite.values import clean_text_or_none, format_utc
from crawler.urls import url_key

SHORTEST_TITLE = 20
"""Characters of a title by which a message is recognised; shorter ones could belong to any article."""
_LISTED = "(SELECT value FROM json_each(?))"
_DELETED = (
    ("figures", "match_id", "matches"),
    ("match_sentences", "match_id", "matches"),
    ("matches", "id", "matches"),
    ("deliveries", "alert_id", "alerts"),
    ("alerts", "id", "alerts"),
    ("flag_failures", "revision_id", "revisions"),
    ("judgements", "article_id", "articles"),
    ("annotations", "article_id", "articles"),
    ("fetches", "id", "fetches"),
    ("revision_segments", "revision_id", "revisions"),
    ("bylines", "revision_id", "revisions"),
    ("revisions", "id", "revisions"),
    ("pages", "id", "pages"),
    ("queue", "key", "keys"),
    ("queue", "article_id", "articles"),
    ("links", "id", "links"),
    ("article_urls", "article_id", "articles"),
    ("articles", "id", "articles"),
)
"""Table, column and the field of ArticleRows with its values, in an order that leaves no reference without its row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRows:
    """IDs of the rows that belong to an article, the articles merged into it included."""

    source: str
    articles: tuple[int, ...]
    keys: tuple[str, ...]
    """Of its URL forms."""
    urls: tuple[str, ...]
    """URLs that no other article has."""
    titles: tuple[str, ...]
    revisions: tuple[int, ...]
    pages: tuple[int, ...]
    shared_pages: tuple[int, ...]
    """Raw pages that versions of other articles were extracted from, too: the page is removed, its row stays."""
    alerts: tuple[int, ...]
    matches: tuple[int, ...]
    fetches: tuple[int, ...]
    links: tuple[int, ...]

    @property
    def needles(self) -> tuple[str, ...]:
        """Texts by which messages about the article are recognised."""
        return (*self.urls, *(title for title in self.titles if len(title) >= SHORTEST_TITLE))


def find_rows(db: Connection, named: int | str) -> ArticleRows:
    """The rows of an article, by ID or URL. Raises NotFoundError if the archive has neither an article nor a link."""
    articles = _cluster(db, named)
    keys = set(_column(db, "article_urls", "key", article_id=articles))
    keys |= set(_column(db, "articles", "key", id=articles))
    keys |= set(_column(db, "queue", "key", article_id=articles))
    if isinstance(named, str):
        keys |= _linked_keys(db, named)
        if not articles and not keys:
            raise NotFoundError(f"{named}: no such article in the archive; give its URL or its article ID")
    source = db.execute(
        "SELECT source_id FROM articles WHERE id = ?1 UNION ALL SELECT source_id FROM queue WHERE key = ?2"
        " UNION ALL SELECT source_id FROM links WHERE key = ?2",
        (articles[0] if articles else None, next(iter(keys))),
    ).fetchone()[0]
    revisions = _column(db, "revisions", "id", article_id=articles)
    urls = _urls(db, articles, keys)
    pages, shared = _pages(db, articles, revisions, urls)
    return ArticleRows(
        source=source,
        articles=tuple(articles),
        keys=tuple(sorted(keys)),
        urls=tuple(sorted(urls)),
        titles=tuple(dict.fromkeys(_column(db, "revisions", "title", id=revisions))),
        revisions=tuple(revisions),
        pages=pages,
        shared_pages=shared,
        alerts=tuple(_column(db, "alerts", "id", article_id=articles)),
        matches=tuple(_column(db, "matches", "id", revision_id=revisions)),
        fetches=tuple(_fetches(db, articles, pages, urls)),
        links=tuple(_column(db, "links", "id", key=keys)),
    )


def delete_rows(db: Connection, rows: ArticleRows, *, reason: str | None, now: datetime) -> tuple[int, int]:
    """Delete the rows and write the tombstone, in the caller's transaction; returns forgotten.id and the number of messages."""
    cursor = db.execute(
        "INSERT INTO forgotten (source_id, article_id, forgotten_at, reason) VALUES (?, ?, ?, ?)",
        (rows.source, rows.articles[0] if rows.articles else None, format_utc(now), clean_text_or_none(reason)),
    )
    forgotten_id = int(cursor.lastrowid or 0)
    db.executemany(
        "INSERT OR IGNORE INTO forgotten_keys VALUES (?, ?)", [(key_sha256(key), forgotten_id) for key in rows.keys]
    )
    leave_tombstones(db, "revision", rows.revisions, at=now, reason=FORGOTTEN.text)
    leave_tombstones(db, "page", rows.pages, at=now, reason=FORGOTTEN.text)
    leave_tombstones(db, "alert", rows.alerts, at=now, reason=FORGOTTEN.text)
    messages = remove_from_messages(db, rows.alerts, rows.needles, now=now)
    for article_id in rows.articles:
        remove_article(db, article_id)
    schedule_erasures(db, (*rows.pages, *rows.shared_pages), now=now)
    for revision_id in rows.revisions:
        remove_from_index(db, revision_id)
    _detach_matches(db, rows.alerts)
    db.execute(f"UPDATE articles SET latest_revision_id = NULL WHERE id IN {_LISTED}", (json.dumps(rows.articles),))
    db.execute(f"UPDATE queue SET link_id = NULL WHERE link_id IN {_LISTED}", (json.dumps(rows.links),))
    for table, column, belonging in _DELETED:
        db.execute(f"DELETE FROM {table} WHERE {column} IN {_LISTED}", (json.dumps(getattr(rows, belonging)),))
    remove_from_notes(db, rows.needles)
    return forgotten_id, messages


def _cluster(db: Connection, named: int | str) -> list[int]:
    """The article and those merged into it, the oldest first; empty if there is none with this URL."""
    found = existing_article(db, named) if isinstance(named, int) else article_named(db, named)
    rows = db.execute("SELECT id FROM articles WHERE id = ?1 OR merged_into = ?1 ORDER BY id", (found,))
    return [row[0] for row in rows]


def _linked_keys(db: Connection, url: str) -> set[str]:
    """Keys of the queue entries and links with this URL, except those of guids, which several articles can share."""
    found = (url, url_key(url))
    rows = db.execute(
        "SELECT key FROM queue WHERE url = ?1 OR key = ?2 UNION SELECT key FROM links WHERE key = ?2", found
    )
    return {row[0] for row in rows if not row[0].startswith("guid:")}


def _urls(db: Connection, articles: Sequence[int], keys: set[str]) -> set[str]:
    """All URLs of the article that no other article has."""
    urls = {url for table in ("article_urls", "links", "queue") for url in _column(db, table, "url", key=keys)}
    urls |= set(_column(db, "articles", "url", id=articles))
    for table, column in (("pages", "url"), ("pages", "final_url"), ("fetches", "url")):
        urls |= set(_column(db, table, column, article_id=articles))
    others = set(_column(db, "article_urls", "url", _of_others(articles), url=urls))
    return urls - others if articles else urls


def _pages(
    db: Connection, articles: Sequence[int], revisions: Sequence[int], urls: set[str]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """IDs of its raw pages, and of those that other articles share."""
    found = set(_column(db, "pages", "id", article_id=articles))
    found |= set(_column(db, "revisions", "page_id", id=revisions))
    found |= set(_column(db, "pages", "id", "article_id IS NULL", url=urls))
    found |= set(_column(db, "pages", "id", "article_id IS NULL", final_url=urls))
    shared = set(_column(db, "revisions", "page_id", _of_others(articles), page_id=found))
    return tuple(sorted(found - shared)), tuple(sorted(shared))


def _fetches(db: Connection, articles: Sequence[int], pages: Sequence[int], urls: set[str]) -> list[int]:
    found = set(_column(db, "fetches", "id", article_id=articles))
    found |= set(_column(db, "fetches", "id", page_id=pages))
    found |= set(_column(db, "fetches", "id", "article_id IS NULL", url=urls))
    return sorted(found)


def _of_others(articles: Sequence[int]) -> str:
    """An SQL condition for the rows of other articles."""
    return f"article_id NOT IN ({', '.join(map(str, articles)) or 'NULL'})"


def _detach_matches(db: Connection, alerts: Sequence[int]) -> None:
    """Matches of other articles no longer refer to the alert; their seal is renewed if it was valid."""
    for row in db.execute(f"SELECT * FROM matches WHERE alert_id IN {_LISTED}", (json.dumps(alerts),)).fetchall():
        was_valid = stored_seal(db, "matches", dict(row)) == row["row_sha256"]
        db.execute("UPDATE matches SET alert_id = NULL WHERE id = ?", (row["id"],))
        if was_valid:
            seal = stored_seal(db, "matches", {**dict(row), "alert_id": None})
            db.execute("UPDATE matches SET row_sha256 = ? WHERE id = ?", (seal, row["id"]))


def _column(db: Connection, table: str, column: str, condition: str = "TRUE", **chosen: Iterable[Any]) -> list[Any]:
    """The values of a column, without nulls, in the rows whose column of the name in `chosen` has one of its values."""
    ((name, values),) = chosen.items()
    rows = db.execute(
        f"SELECT {column} FROM {table} WHERE {name} IN {_LISTED} AND {condition}",
        (json.dumps(sorted(values)),),
    )
    return [row[0] for row in rows if row[0] is not None]
