"""Read stored texts for the matcher: the new ones since a cursor with the texts before them, and those of a backtest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import from_row, marks
from crawler.sqlite.values import format_utc_or_none, parse_utc
from crawler.topics.match import MATCHED_COLUMNS, MatchableText

FIRST_REVISION = "(SELECT min(+id) FROM revisions WHERE seen_at >= :since)"
"""SQL of the ID of the first revision seen since a time. The sign + leads to the index of `seen_at`: without it SQLite reads
the table from its first row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A revision to be matched, with what it replaced."""

    id: int
    article_id: int
    """The article that it belongs to now."""
    recorded_as: int
    """The article that it was stored for; another one if that was merged into `article_id`."""
    seen_at: datetime
    published_at: datetime | None
    found_at: datetime
    """When the article was first seen."""
    page_id: int | None
    text: MatchableText
    previous_id: int | None
    is_edit: bool
    """The publisher changed the article. False for a first revision, for a re-extraction of the same page, and if a
    summary or teaser was replaced by the whole text or the other way round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionHeadline:
    """How a revision is listed."""

    article_id: int
    title: str
    """The URL if the revision has no title."""
    source: str
    url: str
    at: datetime
    """Published; first seen if the page gives no time."""


def matchable(row: Any) -> MatchableText:
    """A row of `revisions` with its article's source_id, for the matcher."""
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


_REVISIONS = (
    "SELECT r.id, coalesce(a.merged_into, a.id) AS article_id, a.id AS recorded_as, r.seen_at, r.status, r.page_id,"
    " r.published_at, a.first_seen_at, a.source_id, r.language, r.section, r.title, r.lead, r.byline, r.text,"
    " p.id AS previous_id, p.page_id AS previous_page_id, p.status AS previous_status FROM revisions r"
    " JOIN articles a ON a.id = r.article_id"
    " LEFT JOIN revisions p ON p.article_id = r.article_id AND p.number = r.number - 1 AND p.text_pruned_at IS NULL"
)


def revisions_between(db: Connection, start: int, stop: int, batch: int) -> tuple[list[Revision], int]:
    """At most `batch` revisions after `start` up to `stop`, and the ID up to which they are complete."""
    rows = db.execute(f"{_REVISIONS} WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT ?", (start, stop, batch))
    found = [_revision(row) for row in rows]
    return found, (found[-1].id if len(found) == batch else stop)


def revision_of(db: Connection, revision: int) -> Revision:
    return _revision(db.execute(f"{_REVISIONS} WHERE r.id = ?", (revision,)).fetchone())


def matchable_text(db: Connection, revision: int) -> MatchableText:
    """The text of one revision."""
    return matchable(db.execute(f"{_REVISIONS} WHERE r.id = ?", (revision,)).fetchone())


def with_previous(db: Connection, revisions: Sequence[Revision]) -> dict[int, MatchableText]:
    """Revision ID -> text, of the revisions and of those before them."""
    texts = {revision.id: revision.text for revision in revisions}
    for revision in revisions:
        if revision.previous_id is not None and revision.previous_id not in texts:
            texts[revision.previous_id] = matchable_text(db, revision.previous_id)
    return texts


def search_revisions(db: Connection, fts: str, *, since: datetime | None, newest_only: bool = False) -> list[int]:
    """IDs of the revisions that an FTS5 query finds, oldest first; with `newest_only` only current versions."""
    conditions = ["f.revisions_fts MATCH :fts"]
    if since is not None:
        # The ID of the first one limits the part of the index that is read.
        conditions.append(f"f.rowid >= {FIRST_REVISION} AND r.seen_at >= :since")
    if newest_only:
        conditions.append("a.latest_revision_id = r.id")
    rows = db.execute(
        "SELECT f.rowid FROM revisions_fts f JOIN revisions r ON r.id = f.rowid JOIN articles a ON a.id = r.article_id"
        f" WHERE {' AND '.join(conditions)} ORDER BY f.rowid",
        {"fts": fts, "since": format_utc_or_none(since)},
    )
    return [row[0] for row in rows]


def texts_by_id(db: Connection, ids: Sequence[int]) -> list[MatchableText]:
    """The texts of some revisions, in order of ID."""
    rows = db.execute(
        "SELECT r.*, a.source_id FROM revisions r JOIN articles a ON a.id = r.article_id"
        f" WHERE r.id IN ({marks(ids)}) ORDER BY r.id",
        tuple(ids),
    )
    return [matchable(row) for row in rows]


def matched_sentences(db: Connection, version: int, texts: Sequence[MatchableText]) -> list[MatchableText]:
    """The texts, reduced to the sentences in which a version of a topic found them; unchanged if it did not match them."""
    rows = db.execute(
        "SELECT m.revision_id, s.field, group_concat(s.sentence, char(10, 10)) AS text FROM matches m"
        " JOIN match_sentences s ON s.match_id = m.id WHERE m.topic_version_id = ? AND s.change <> 'removed'"
        f" AND m.revision_id IN ({marks(texts)}) GROUP BY m.revision_id, s.field",
        (version, *(text.id for text in texts)),
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row["revision_id"], dict.fromkeys(MATCHED_COLUMNS, ""))[row["field"]] = row["text"]
    return [replace(text, **found.get(text.id, {})) for text in texts]


def revision_headline(db: Connection, revision: int) -> RevisionHeadline:
    row = db.execute(
        "SELECT coalesce(a.merged_into, a.id) AS article_id, coalesce(nullif(r.title, ''), a.url) AS title,"
        " s.name AS source, a.url, coalesce(r.published_at, a.first_seen_at) AS at"
        " FROM revisions r JOIN articles a ON a.id = r.article_id"
        " JOIN sources s ON s.id = a.source_id WHERE r.id = ?",
        (revision,),
    ).fetchone()
    return from_row(RevisionHeadline, row)


def _revision(row: Any) -> Revision:
    return from_row(
        Revision,
        row,
        found_at=parse_utc(row["first_seen_at"]),
        text=matchable(row),
        is_edit=row["previous_id"] is not None and _is_edit(row),
    )


def _is_edit(row: Any) -> bool:
    if row["page_id"] is not None and row["page_id"] == row["previous_page_id"]:
        return False
    was_whole = row["previous_page_id"] is not None and row["previous_status"] == "ok"
    is_whole = row["page_id"] is not None and row["status"] == "ok"
    return bool(was_whole == is_whole)
