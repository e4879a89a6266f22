"""Searches and filtered lists that people saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.rows import from_row
from crawler.sqlite.values import clean_text, format_utc


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """A page with its query string, under a name."""

    id: int
    name: str
    path: str
    query: str


def save_search(db: Connection, name: str, path: str, query: str, *, now: datetime) -> None:
    """Save a search; it replaces one of the same name."""
    with transaction(db):
        db.execute(
            "INSERT INTO saved_searches (name, path, query, saved_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
            " path = excluded.path, query = excluded.query, saved_at = excluded.saved_at",
            (clean_text(name), path, clean_text(query), format_utc(now)),
        )


def delete_search(db: Connection, search_id: int) -> None:
    """Delete a saved search, if it exists."""
    with transaction(db):
        db.execute("DELETE FROM saved_searches WHERE id = ?", (search_id,))


def saved_searches(db: Connection) -> list[SavedSearch]:
    """All saved searches by name."""
    rows = db.execute("SELECT id, name, path, query FROM saved_searches ORDER BY name COLLATE NOCASE, id")
    return [from_row(SavedSearch, row) for row in rows]
