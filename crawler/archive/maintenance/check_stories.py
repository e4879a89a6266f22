"""Check that stories, their articles and the LSH index are consistent."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.stories.minhash import unpack_sketch

StoryFault = tuple[str, str]
"""(row, fault)."""
_QUERIES = (
    (
        "SELECT a.id FROM articles a LEFT JOIN story_articles m ON m.article_id = a.id"
        " WHERE a.latest_revision_id IS NOT NULL AND a.merged_into IS NULL AND m.article_id IS NULL",
        "articles",
        "is in no story; `scrapy stories --rebuild` assigns it",
    ),
    (
        "SELECT m.article_id FROM story_articles m JOIN articles a ON a.id = m.article_id WHERE a.merged_into IS NOT NULL",
        "story_articles",
        "belongs to an article that was merged into another",
    ),
    (
        "SELECT s.id FROM stories s LEFT JOIN story_articles m ON m.article_id = s.first_article_id AND m.story_id = s.id"
        " WHERE s.merged_into IS NULL AND s.first_article_id IS NOT NULL AND m.article_id IS NULL",
        "stories",
        "its first article is not in it",
    ),
    (
        "SELECT s.id FROM stories s LEFT JOIN stories t ON t.id = s.merged_into"
        " WHERE s.merged_into IS NOT NULL AND (s.article_count > 0 OR t.merged_into IS NOT NULL)",
        "stories",
        "was merged, but has articles or was merged into a merged story",
    ),
    (
        "SELECT s.article_id FROM story_sketches s LEFT JOIN story_articles m USING (article_id) WHERE m.article_id IS NULL",
        "story_sketches",
        "belongs to an article without a story",
    ),
    (
        "SELECT a.id FROM articles a JOIN revisions r ON r.id = a.latest_revision_id"
        " JOIN story_articles m ON m.article_id = a.id LEFT JOIN story_sketches s ON s.article_id = a.id"
        " WHERE s.article_id IS NULL AND r.status <> 'empty' AND trim(r.text) <> '' AND r.words >= 100",
        "articles",
        "has a text but no sketch; `scrapy stories --rebuild` computes it",
    ),
)


def story_faults(db: Connection) -> Iterator[StoryFault]:
    """Each inconsistency, in one snapshot of the archive."""
    db.execute("BEGIN")  # a crawl may be writing
    try:
        for query, table, fault in _QUERIES:
            for (row,) in db.execute(query):
                yield f"{table} row {row}", fault
        yield from _counts(db)
        yield from _keys(db)
    finally:
        db.execute("ROLLBACK")


def _counts(db: Connection) -> Iterator[StoryFault]:
    rows = db.execute(
        "SELECT s.id, s.article_count, count(m.article_id) AS found FROM stories s"
        " LEFT JOIN story_articles m ON m.story_id = s.id GROUP BY s.id HAVING s.article_count <> found"
    )
    for story, article_count, found in rows:
        yield f"stories row {story}", f"article_count is {article_count}, but it has {found} articles"


def _keys(db: Connection) -> Iterator[StoryFault]:
    """story_keys must contain exactly the keys of story_sketches.

    Two sums of hashes are compared first: looking up each of millions of keys takes ten times as long.
    """
    expected = 0
    for article, packed in db.execute("SELECT article_id, sketch FROM story_sketches"):
        sketch = unpack_sketch(packed)
        if sketch is None:
            yield f"story_sketches row {article}", "has an old version; `scrapy stories --rebuild` computes it again"
        else:
            expected += sum(hash((key, article)) for key in set(sketch.keys))
    indexed = db.cursor()
    indexed.row_factory = None  # plain tuples
    if sum(map(hash, indexed.execute("SELECT key, article_id FROM story_keys"))) != expected:
        yield from _wrong_keys(db)


def _wrong_keys(db: Connection) -> Iterator[StoryFault]:
    indexed = 0
    for article, packed in db.execute("SELECT article_id, sketch FROM story_sketches"):
        sketch = unpack_sketch(packed)
        if sketch is None:
            continue
        found = db.execute(
            f"SELECT count(*) FROM story_keys WHERE article_id = ? AND key IN ({marks(sketch.keys)})",
            (article, *sketch.keys),
        ).fetchone()[0]
        indexed += found
        if found < len(set(sketch.keys)):
            yield f"story_sketches row {article}", f"{len(set(sketch.keys)) - found} of its keys are not in story_keys"
    total = db.execute("SELECT count(*) FROM story_keys").fetchone()[0]
    if total > indexed:
        yield "story_keys", f"{total - indexed} of {total} keys belong to no sketch"
