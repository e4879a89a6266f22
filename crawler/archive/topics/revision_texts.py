"""Stored texts as the matcher takes them: the new ones since a cursor, each with the one that it followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.sqlite.connection import Connection
from crawler.sqlite.values import parse_utc
from crawler.topics.match import MatchableText


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A stored text that is matched, and what it followed."""

    id: int
    article_id: int
    """The article that it belongs to now."""
    recorded_as: int
    """The article that it was stored for; another one where that turned out to be `article_id`."""
    seen_at: datetime
    page_id: int | None
    text: MatchableText
    previous_id: int | None
    is_edit: bool
    """The publisher changed something. False for a first text, where the same page was read again, and where a summary or the
    free part of a page became the whole or the other way round."""


def read_text(row: Any) -> MatchableText:
    """A row of revisions, with its article's source_id, as it is matched."""
    return MatchableText(
        id=row["id"],
        source=row["source_id"],
        language=row["language"],
        section=row["section"],
        title=row["title"] or "",
        lead=row["lead"] or "",
        byline=row["byline"] or "",
        text=row["text"],
    )


_READ = (
    "SELECT r.id, coalesce(a.merged_into, a.id) AS article_id, a.id AS filed_as, r.seen_at, r.status, r.page_id,"
    " a.source_id, r.language, r.section, r.title, r.lead, r.byline, r.text, p.id AS previous_id,"
    " p.page_id AS previous_page_id, p.status AS previous_status FROM revisions r"
    " JOIN articles a ON a.id = r.article_id"
    " LEFT JOIN revisions p ON p.article_id = r.article_id AND p.number = r.number - 1"
)


def revisions_between(db: Connection, start: int, stop: int, batch: int) -> tuple[list[Revision], int]:
    """At most `batch` revisions after `start`, up to `stop`, and the id up to which they are all there are."""
    rows = db.execute(f"{_READ} WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT ?", (start, stop, batch)).fetchall()
    return [_revision(row) for row in rows], (rows[-1]["id"] if len(rows) == batch else stop)


def _revision(row: Any) -> Revision:
    return Revision(
        id=row["id"],
        article_id=row["article_id"],
        recorded_as=row["filed_as"],
        seen_at=parse_utc(row["seen_at"]),
        page_id=row["page_id"],
        text=read_text(row),
        previous_id=row["previous_id"],
        is_edit=row["previous_id"] is not None and _is_edit(row),
    )


def _is_edit(row: Any) -> bool:
    if row["page_id"] is not None and row["page_id"] == row["previous_page_id"]:
        return False
    was_whole = row["previous_page_id"] is not None and row["previous_status"] == "ok"
    is_whole = row["page_id"] is not None and row["status"] == "ok"
    return bool(was_whole == is_whole)


def with_previous(db: Connection, revisions: Sequence[Revision]) -> dict[int, MatchableText]:
    """The texts to be matched: the revisions' own, and those that they followed."""
    texts = {revision.id: revision.text for revision in revisions}
    for revision in revisions:
        if revision.previous_id is not None and revision.previous_id not in texts:
            texts[revision.previous_id] = matchable_text(db, revision.previous_id)
    return texts


def revision_of(db: Connection, revision: int) -> Revision:
    """One revision by its id."""
    return _revision(db.execute(f"{_READ} WHERE r.id = ?", (revision,)).fetchone())


def matchable_text(db: Connection, revision: int) -> MatchableText:
    """The text of one revision."""
    return read_text(db.execute(f"{_READ} WHERE r.id = ?", (revision,)).fetchone())
