"""Whether stories, their articles and the index of sketches say the same of one another."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.sqlite.connection import Connection
from crawler.stories.minhash import unpack_sketch

WrongStory = tuple[str, str]
"""Where, and what."""
_QUERIES = (
    (
        "SELECT a.id FROM articles a LEFT JOIN story_articles m ON m.article_id = a.id"
        " WHERE a.latest_revision_id IS NOT NULL AND a.merged_into IS NULL AND m.article_id IS NULL",
        "articles",
        "is in no story; `scrapy stories --rebuild` lays it to one",
    ),
    (
        "SELECT m.article_id FROM story_articles m JOIN articles a ON a.id = m.article_id WHERE a.merged_into IS NOT NULL",
        "story_articles",
        "is of an article that became another one",
    ),
    (
        "SELECT s.id FROM stories s LEFT JOIN story_articles m ON m.article_id = s.first_article_id AND m.story_id = s.id"
        " WHERE s.merged_into IS NULL AND m.article_id IS NULL",
        "stories",
        "names a first article that is not in it",
    ),
    (
        "SELECT s.id FROM stories s LEFT JOIN stories t ON t.id = s.merged_into"
        " WHERE s.merged_into IS NOT NULL AND (s.article_count > 0 OR t.merged_into IS NOT NULL)",
        "stories",
        "was merged into another one, but has articles, or that one was merged too",
    ),
    (
        "SELECT s.article_id FROM story_sketches s LEFT JOIN story_articles m USING (article_id) WHERE m.article_id IS NULL",
        "story_sketches",
        "is of an article without a story",
    ),
    (
        "SELECT a.id FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
        " JOIN story_articles m ON m.article_id = a.id LEFT JOIN story_sketches s ON s.article_id = a.id"
        " WHERE s.article_id IS NULL AND r.status <> 'empty' AND trim(r.text) <> '' AND r.words >= 100",
        "articles",
        "has a text, but no sketch by which copies are found; `scrapy stories --rebuild` makes it",
    ),
)


def wrong_stories(db: Connection) -> Iterator[WrongStory]:
    """Everything that contradicts itself."""
    db.execute("BEGIN")  # one moment of the archive: a crawl may be writing
    try:
        for query, table, what in _QUERIES:
            for (row,) in db.execute(query):
                yield f"{table} row {row}", what
        yield from _counts(db)
        yield from _keys(db)
    finally:
        db.execute("ROLLBACK")


def _counts(db: Connection) -> Iterator[WrongStory]:
    rows = db.execute(
        "SELECT s.id, s.article_count, count(m.article_id) AS has FROM stories s"
        " LEFT JOIN story_articles m ON m.story_id = s.id GROUP BY s.id HAVING s.article_count <> has"
    )
    for story, said, has in rows:
        yield f"stories row {story}", f"says {said} carriers, has {has}"


def _keys(db: Connection) -> Iterator[WrongStory]:
    """The index against the sketches that it is made of: each key is there, and no more than these are."""
    indexed = 0
    for article, packed in db.execute("SELECT article_id, sketch FROM story_sketches"):
        sketch = unpack_sketch(packed)
        if sketch is None:
            yield f"story_sketches row {article}", "is of an older kind; `scrapy stories --rebuild` makes it anew"
            continue
        marks = ",".join("?" * len(sketch.keys))
        found = db.execute(
            f"SELECT count(*) FROM story_keys WHERE article_id = ? AND key IN ({marks})", (article, *sketch.keys)
        ).fetchone()[0]
        indexed += found
        if found < len(set(sketch.keys)):
            yield f"story_sketches row {article}", f"{len(set(sketch.keys)) - found} of its keys are not in story_keys"
    total = db.execute("SELECT count(*) FROM story_keys").fetchone()[0]
    if total > indexed:
        yield "story_keys", f"{total - indexed} of {total} keys are in no sketch"
