"""Write revisions into the full-text index; scripts written without spaces are segmented first."""

from __future__ import annotations

from crawler.sqlite.connection import Connection
from crawler.text.tokenizer import is_indexed_as_written, to_index_form

Fields = tuple[str | None, str | None, str | None, str]
"""Title, lead, byline, text."""


def index_revision_text(db: Connection, revision_id: int, fields: Fields) -> Fields:
    """Return the fields in the form in which they are indexed; if it differs, store it in `revision_segments`."""
    if all(is_indexed_as_written(field) for field in fields if field):
        return fields
    fields = tuple(to_index_form(field) if field else field for field in fields)  # type: ignore[assignment]  # same length
    db.execute("INSERT INTO revision_segments VALUES (?, ?, ?, ?, ?)", (revision_id, *fields))
    return fields
