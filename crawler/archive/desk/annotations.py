"""Stars and notes on articles."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.exceptions import NotFoundError
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What a person wrote about an article."""

    article_id: int
    title: str
    starred: bool
    note: str | None
    changed_at: datetime


def annotate(
    db: Connection, article_id: int, *, now: datetime, starred: bool | None = None, note: str | None = None
) -> None:
    """Star an article, or write a note on it; an empty note removes it. None: unchanged.

    Raises NotFoundError if there is no such article.
    """
    with transaction(db):
        row = db.execute("SELECT coalesce(merged_into, id) FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            raise NotFoundError(f"no article {article_id}")
        db.execute(
            "INSERT INTO annotations (article_id, starred, note, changed_at) VALUES (:id, :starred, nullif(:note, ''), :at)"
            " ON CONFLICT (article_id) DO UPDATE SET starred = iif(:sets_star, :starred, starred),"
            " note = iif(:sets_note, nullif(:note, ''), note), changed_at = :at",
            {
                "id": row[0],
                "starred": int(bool(starred)),
                "sets_star": starred is not None,
                "note": clean_text(note.strip()) if note is not None else None,
                "sets_note": note is not None,
                "at": format_utc(now),
            },
        )
        db.execute("DELETE FROM annotations WHERE article_id = ? AND NOT starred AND note IS NULL", (row[0],))


def annotations_of(db: Connection, article_ids: Iterable[int]) -> dict[int, Annotation]:
    """The annotations of articles, by the IDs given, also if the article was merged into the annotated one."""
    rows = db.execute(
        "SELECT given.id AS given, n.*, coalesce(a.title, a.url) AS title FROM articles given JOIN annotations n"
        " ON n.article_id = coalesce(given.merged_into, given.id) JOIN articles a ON a.id = n.article_id"
        " WHERE given.id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(article_ids))),),
    )
    return {row["given"]: from_row(Annotation, row) for row in rows}


def latest_annotations(db: Connection, limit: int) -> list[Annotation]:
    """All annotations, the last changed first."""
    rows = db.execute(
        "SELECT n.*, coalesce(a.title, a.url) AS title FROM annotations n JOIN articles a ON a.id = n.article_id"
        " ORDER BY n.changed_at DESC, n.article_id DESC LIMIT ?",
        (limit,),
    )
    return [from_row(Annotation, row) for row in rows]
