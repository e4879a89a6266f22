"""Check that stories, their articles and the LSH index are consistent."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.archive.maintenance.consistency import RowFault, consistency_faults
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.stories.minhash import unpack_sketch


def story_faults(db: Connection) -> Iterator[RowFault]:
    """Each inconsistency, in one snapshot of the archive."""
    db.execute("BEGIN")  # a crawl may be writing
    try:
        yield from consistency_faults(db, "stories")
        yield from _counts(db)
        yield from _keys(db)
    finally:
        db.execute("ROLLBACK")


def _counts(db: Connection) -> Iterator[RowFault]:
    rows = db.execute(
        "SELECT s.id, s.article_count, count(m.article_id) AS found FROM stories s"
        " LEFT JOIN story_articles m ON m.story_id = s.id GROUP BY s.id HAVING s.article_count <> found"
    )
    for story, article_count, found in rows:
        yield f"stories row {story}", f"article_count is {article_count}, but it has {found} articles"


def _keys(db: Connection) -> Iterator[RowFault]:
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


def _wrong_keys(db: Connection) -> Iterator[RowFault]:
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
