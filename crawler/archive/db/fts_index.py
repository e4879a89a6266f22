"""Write revisions into the full-text index; scripts written without spaces are segmented first. Merge its segments."""

from __future__ import annotations

from crawler.sqlite.connection import Connection, transaction
from crawler.text.tokenizer import is_indexed_as_written, to_index_form

Fields = tuple[str | None, str | None, str | None, str]
"""Title, lead, byline, text."""
MERGE_PAGES = 500
"""Pages of 4 KB that one step of a merge writes: the write lock is held for some milliseconds."""


def index_revision_text(db: Connection, revision_id: int, fields: Fields) -> Fields:
    """Return the fields in the form in which they are indexed; if it differs, store it in `revision_segments`."""
    if all(is_indexed_as_written(field) for field in fields if field):
        return fields
    fields = tuple(to_index_form(field) if field else field for field in fields)  # type: ignore[assignment]  # same length
    db.execute("INSERT INTO revision_segments VALUES (?, ?, ?, ?, ?)", (revision_id, *fields))
    return fields


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
