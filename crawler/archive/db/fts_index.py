"""Write revisions into the full-text index; scripts written without spaces are segmented first. Merge its segments."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.sqlite.connection import Connection, transaction
from crawler.text.tokenizer import is_indexed_as_written, to_index_form

Fields = tuple[str | None, str | None, str | None, str]
"""Title, lead, byline, text."""
MERGE_PAGES = 500
"""Pages of 4 KB that one step of a merge writes: the write lock is held for some milliseconds."""


def store_index_form(db: Connection, revision_id: int, fields: Fields) -> None:
    """Store the form in which a revision is indexed in `revision_segments`, if it differs from the text."""
    if not all(is_indexed_as_written(field) for field in fields if field):
        forms = [to_index_form(field) if field else field for field in fields]
        db.execute("INSERT INTO revision_segments VALUES (?, ?, ?, ?, ?)", (revision_id, *forms))


def index_revisions(db: Connection, revision_ids: Iterable[int]) -> None:
    """Add stored revisions to the full-text index; IDs of revisions that do not exist are ignored."""
    db.executemany(
        "INSERT INTO revisions_fts (rowid, title, lead, byline, text) SELECT * FROM revisions_search WHERE id = ?",
        [(revision_id,) for revision_id in sorted(revision_ids)],
    )


def remove_from_index(db: Connection, revision_id: int) -> None:
    """Remove a revision from the full-text index. Call it before its text changes: the index stores no copy of it."""
    db.execute(
        "INSERT INTO revisions_fts (revisions_fts, rowid, title, lead, byline, text)"
        " SELECT 'delete', * FROM revisions_search WHERE id = ?",
        (revision_id,),
    )


def merge_index_segments(db: Connection) -> None:
    """Merge the segments that were added to the full-text index, in small transactions, so that a search reads few.

    Unlike FTS5's `optimize`, it does not write the whole index anew (sqlite.org/fts5.html, "The 'merge' Command").
    """
    changes = MERGE_PAGES
    while changes >= 2:  # fewer: there was nothing to merge
        before = db.total_changes
        with transaction(db):
            db.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('merge', ?)", (MERGE_PAGES,))
        changes = db.total_changes - before
