"""Find articles by what others know of them: a URL or a headline."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.search.query_ast import quote_fts
from crawler.sqlite.connection import Connection
from crawler.text.tokenizer import tokenize
from crawler.urls import absolute, url_key

LEAST_COMMON = 0.6
"""Share of the distinct words of two headlines that they have in common, for both to be of the same report."""
MOST_CANDIDATES = 50
MOST_WORDS = 40
"""Words of a headline that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """What the archive has of a URL or headline."""

    written: str
    article_id: int | None = None
    title: str | None = None
    """Of that article."""
    reason: str | None = None
    """Why a known URL has no article: it waits, or it was dropped."""


def look_up_article(db: Connection, written: str) -> Lookup:
    """Look up a line: a URL, in any of its forms, or a headline, also of an earlier version or with a few other words."""
    url = absolute("", written) if "://" in written else None
    return _by_url(db, written, url) if url is not None else _by_headline(db, written)


def _by_url(db: Connection, written: str, url: str) -> Lookup:
    row = db.execute(
        "SELECT a.id, a.title FROM article_urls u JOIN articles a ON a.id = u.article_id"
        " WHERE u.url = :url OR u.key = :key ORDER BY u.url <> :url LIMIT 1",
        {"url": url, "key": url_key(url)},
    ).fetchone()
    if row is not None:
        return Lookup(written=written, article_id=row["id"], title=row["title"])
    queued = db.execute(
        "SELECT state, reason FROM queue WHERE key = ? AND article_id IS NULL", (url_key(url),)
    ).fetchone()
    if queued is None:
        return Lookup(written=written)
    why = f": {queued['reason']}" if queued["reason"] else ""
    return Lookup(written=written, reason=f"{queued['state']}{why}")


def _by_headline(db: Connection, written: str) -> Lookup:
    words = set(tokenize(written)[:MOST_WORDS])
    if not words:
        return Lookup(written=written)
    quoted = [quote_fts(word) for word in sorted(words)]
    for operator in (" AND ", " OR "):
        rows = db.execute(
            "SELECT r.article_id, r.title FROM (SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?"
            " ORDER BY rank LIMIT ?) f JOIN revisions r ON r.id = f.rowid WHERE r.title IS NOT NULL",
            (f"title : ({operator.join(quoted)})", MOST_CANDIDATES),
        )
        found = [(_common(words, set(tokenize(row["title"]))), row["article_id"], row["title"]) for row in rows]
        best = max(found, default=(0.0, 0, ""))
        if best[0] >= LEAST_COMMON:
            return Lookup(written=written, article_id=best[1], title=best[2])
    return Lookup(written=written)


def _common(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
