"""Read-only SQL of the pages of articles, stories and search results."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.sqlite.connection import Connection
from schedules.datasette_plugin.queries import TAGGED, PageRow, select_one, select_rows


def article_row(db: Connection, article_id: int) -> PageRow | None:
    return select_one(
        db, "SELECT a.*, s.name AS source_name FROM articles a JOIN sources s ON s.id = a.source_id WHERE a.id = ?", article_id
    )  # fmt: skip


def revision_row(db: Connection, article_id: int, number: int) -> PageRow | None:
    return select_one(db, "SELECT * FROM revisions WHERE article_id = ? AND number = ?", article_id, number)


def current_revision(db: Connection, article_id: int) -> PageRow | None:
    return select_one(
        db, "SELECT r.* FROM articles a JOIN revisions r ON r.id = a.latest_revision_id WHERE a.id = ?", article_id
    )


def version_list(db: Connection, article_id: int, shown: int, limit: int) -> list[PageRow]:
    """The newest versions and the one with the number `shown`, without their texts.

    `stealth`: an edit that the page does not mark. `is_reextraction`: the same page, extracted again.
    """
    return select_rows(
        db,
        "SELECT r.id, r.number, r.seen_at, r.title, r.words, r.status, r.modified_at, r.page_id,"
        " b.words AS words_before, b.title AS title_before,"
        " (SELECT stealth FROM edits WHERE edits.revision_id = r.id) AS stealth,"
        " r.number > 1 AND r.page_id IS NOT NULL AND r.page_id IS b.page_id AS is_reextraction"
        " FROM revisions r LEFT JOIN revisions b ON b.article_id = r.article_id AND b.number = r.number - 1"
        " WHERE r.article_id = ?1 AND (r.number = ?2 OR r.number IN"
        " (SELECT number FROM revisions WHERE article_id = ?1 ORDER BY number DESC LIMIT ?3)) ORDER BY r.number DESC",
        article_id, shown, limit,
    )  # fmt: skip


def raw_pages(db: Connection, article_id: int, shown: int | None, limit: int) -> list[PageRow]:
    """The newest raw pages, and the one with the ID `shown`."""
    return select_rows(
        db,
        "SELECT id, fetched_at, bytes, sha256, rendered, pruned_at FROM pages WHERE id = ?2 OR id IN"
        " (SELECT id FROM pages WHERE article_id = ?1 ORDER BY id DESC LIMIT ?3) ORDER BY id DESC",
        article_id, shown, limit,
    )  # fmt: skip


def raw_page_count(db: Connection, article_id: int) -> int:
    return int(db.execute("SELECT count(*) FROM pages WHERE article_id = ?", (article_id,)).fetchone()[0])


def revision_bylines(db: Connection, revision_id: int | None) -> list[PageRow]:
    return select_rows(db, "SELECT name, kind FROM bylines WHERE revision_id = ? ORDER BY position", revision_id)


_HAS_ARTICLE = (
    "EXISTS (SELECT 1 FROM story_articles m JOIN articles a ON a.id = m.article_id"
    " WHERE m.story_id = l.story_id AND {})"
)
_STORY_FILTERS = {
    "topic": "EXISTS (SELECT 1 FROM alerts WHERE story_id = l.story_id AND topic_id = :topic)",
    "group": "EXISTS (SELECT 1 FROM alerts JOIN topics ON topics.id = topic_id"
    " WHERE story_id = l.story_id AND group_name = :group)",
    "source": _HAS_ARTICLE.format("a.source_id = :source"),
    "tag": _HAS_ARTICLE.format(f"a.source_id IN {TAGGED}"),
    "language": _HAS_ARTICLE.format("a.language = :language"),
    "since": "l.latest_at >= :since",
    "until": "l.latest_at < :until",
}


def stories_by_time(
    db: Connection, filters: Mapping[str, object], *, limit: int, before: tuple[str, int] | None = None
) -> list[PageRow]:
    """Stories of several articles, the last extended first. `before`: latest_at and ID with which the previous page ended."""
    where = "".join(f" AND {_STORY_FILTERS[name]}" for name in filters)
    latest_at, story_id = before or ("9", 0)
    sql = (
        "SELECT * FROM story_list l WHERE latest_at <= :at AND (latest_at, story_id) < (:at, :before)"  # noqa: S608 -- constants
        f"{where} ORDER BY latest_at DESC, story_id DESC LIMIT :limit"
    )
    values = {**filters, "at": latest_at, "before": story_id, "limit": limit}
    return [dict(row) for row in db.execute(sql, values)]


def events_by_time(db: Connection, limit: int, before: tuple[str, int] | None = None) -> list[PageRow]:
    """Events of several stories, the last extended first. `before`: latest_at and ID with which the previous page ended."""
    return select_rows(
        db,
        "SELECT * FROM event_list WHERE latest_at <= ?1 AND (latest_at, event_id) < (?1, ?2)"
        " ORDER BY latest_at DESC, event_id DESC LIMIT ?3",
        *(before or ("9", 0)), limit,
    )  # fmt: skip


# --- Search --------------------------------------------------------------------------------------------------------


_TIME = "coalesce(r.published_at, r.seen_at)"
_BOUND = "(SELECT {}(id) FROM revisions WHERE published_at {} OR (published_at IS NULL AND seen_at {}))"
_SINCE, _UNTIL = ">= :since", "< :until"
_HIT_FILTERS = {
    # The first part is null, and nothing is read, if the outlet has no article; else all hits of a frequent word would be.
    "source": "f.rowid <= (SELECT 4611686018427387904 FROM articles WHERE source_id = :source LIMIT 1) AND a.source_id = :source",
    "tag": f"a.source_id IN {TAGGED}",
    "topic": "EXISTS (SELECT 1 FROM matches WHERE revision_id = r.id AND topic_id = :topic)",
    "language": "r.language = :language",
    # the bounds limit the part of the FTS index that is read
    "since": f"{_TIME} {_SINCE} AND f.rowid >= {_BOUND.format('min', _SINCE, _SINCE)}",
    "until": f"{_TIME} {_UNTIL} AND f.rowid <= {_BOUND.format('max', _UNTIL, _UNTIL)}",
}


def count_hits(db: Connection, query: str, filters: Mapping[str, object], limit: int) -> list[PageRow]:
    """Hits by source, the most first; the filter by source is ignored. Only the newest `limit` hits are counted."""
    where = " AND ".join(
        ["f.revisions_fts MATCH :query", *(_HIT_FILTERS[name] for name in filters if name != "source")]
    )
    sql = (
        "SELECT s.id, s.name, count(*) AS hits FROM"  # noqa: S608 -- only constants are inserted
        " (SELECT a.source_id FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN articles a ON a.id = r.article_id"
        f" WHERE {where} ORDER BY f.rowid DESC LIMIT :limit) JOIN sources s ON s.id = source_id"
        " GROUP BY s.id ORDER BY hits DESC, s.name"
    )
    return [dict(row) for row in db.execute(sql, {**filters, "query": query, "limit": limit})]


def find_hits(
    db: Connection, query: str, filters: Mapping[str, object], *, before: int | None, limit: int
) -> list[PageRow]:
    """Revisions with these words, the newest first. `filters`: values of `_HIT_FILTERS`."""
    where = " AND ".join(["f.rowid < :before", *(_HIT_FILTERS[name] for name in filters)])
    sql = (
        "SELECT r.id AS revision_id, r.number, r.title, r.byline, r.published_at,"  # noqa: S608 -- the same
        " r.seen_at, r.language, a.id AS id,"
        " a.revision_count, s.name AS source, a.latest_revision_id = r.id AS is_newest"
        " FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN articles a ON a.id = r.article_id"
        " JOIN sources s ON s.id = a.source_id"
        f" WHERE f.revisions_fts MATCH :query AND {where} ORDER BY f.rowid DESC LIMIT :limit"
    )
    values = {**filters, "query": query, "before": before or 1 << 62, "limit": limit}
    return [dict(row) for row in db.execute(sql, values)]


def hit_snippet(db: Connection, query: str, revision_id: int, marks: tuple[str, str, str]) -> PageRow:
    """Title and snippet from the index. `marks`: before a hit, after a hit, and at a cut."""
    (found,) = select_rows(
        db,
        "SELECT highlight(revisions_fts, 0, ?1, ?2) AS title, snippet(revisions_fts, -1, ?1, ?2, ?3, 30) AS snippet"
        " FROM revisions_fts WHERE revisions_fts MATCH ?4 AND rowid = ?5",
        *marks, query, revision_id,
    )  # fmt: skip
    return found


def segmented_texts(db: Connection, revision_id: int) -> list[str]:
    """The fields of a revision whose index form differs from what is stored; empty for all others."""
    found = select_rows(
        db,
        "SELECT r.title, r.lead, r.byline, r.text FROM revision_segments s JOIN revisions r ON r.id = s.revision_id"
        " WHERE s.revision_id = ?",
        revision_id,
    )
    return [text for row in found for text in row.values() if text]


def named_topics(db: Connection, pattern: str) -> list[PageRow]:
    return select_rows(
        db, "SELECT id, title FROM topics WHERE title LIKE ? ESCAPE '\\' ORDER BY title LIMIT 5", pattern
    )


def named_sources(db: Connection, pattern: str) -> list[PageRow]:
    return select_rows(db, "SELECT id, name FROM sources WHERE name LIKE ? ESCAPE '\\' ORDER BY name LIMIT 5", pattern)


def named_authors(db: Connection, prefix: str) -> list[PageRow]:
    return select_rows(
        db,
        "SELECT name, count(*) AS versions FROM bylines WHERE name >= ?1 AND name < ?1 || char(1114111)"
        " GROUP BY name ORDER BY versions DESC LIMIT 5",
        prefix,
    )
