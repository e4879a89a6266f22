"""An archive from before becomes one of now when it is first opened."""

from __future__ import annotations

from pathlib import Path

from samples import Archive, article, filing, page

from crawler.archive import schema, search_schema
from crawler.archive.connection import open_archive, run_script, transaction
from crawler.words import segment


def test_the_words_of_an_archive_from_before_are_folded_when_it_is_opened(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    texts = ("Die Straße ist gesperrt.", "सेना आगे बढ़ी।", "北朝鮮の兵士が配備された。", "Lock nine is closed.")
    for number, text in enumerate(texts):
        archive.file(filing(article(text), page(f"https://harbour-gazette.example/news/{number}")))
    db = archive.store.db
    now = "SELECT id, title, lead, byline, text FROM revisions_search ORDER BY id"
    expected = archive.rows(now)
    with transaction(db):
        run_script(db, search_schema.NO_SEARCH + schema.SEARCH)
        for row in db.execute("SELECT id, title, lead, byline, text FROM revisions WHERE id = 3"):
            parts = [segment(part) if part else part for part in tuple(row)[1:]]
            db.execute("INSERT INTO revision_segments VALUES (?, ?, ?, ?, ?)", (row["id"], *parts))
        db.execute("INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild')")
        db.execute("DELETE FROM _sqlite_migrations WHERE name = 'folding'")
    db.close()

    opened = open_archive(archive.db_path)
    assert [tuple(row) for row in opened.execute(now)] == expected
    assert [row[0] for row in opened.execute("SELECT revision_id FROM revision_segments ORDER BY 1")] == [1, 3]

    def found(query: str) -> list[int]:
        return [
            row[0] for row in opened.execute("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?", (query,))
        ]

    assert found("strasse") == [1]
    assert found("सेना") == [2]
    assert found("सोना") == []
    assert found(f'"{segment("兵士")}"') == [3]
    assert found("lock") == [4]
    opened.execute("INSERT INTO revisions_fts (revisions_fts, rank) VALUES ('integrity-check', 1)")
    opened.close()
