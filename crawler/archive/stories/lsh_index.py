"""LSH index of MinHash sketches: find the articles whose texts may be the same report, at a cost independent of the archive.

Thousands of pages of one template share keys, so each step has a limit: the newest articles of each key, of these the ones
that share most keys, of these the ones with the most similar marks. Their texts are read and compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.stories.minhash import MinHashSketch, resemblance, unpack_sketch

PER_KEY = 24
"""Articles looked up under one key, newest first. With a million articles, real reports share a key with 1.1 others; only
templates share more. An exact copy of an old page is always found, because equal texts share a key of their own."""
SHORTLIST = 16
"""Articles whose marks are compared: those with most common keys."""
PER_STORY = 2
"""Articles of one story that are read: the most similar one, and a second in case the facts of the first contradict."""
COMPARE_AT_MOST = 6
"""Articles that are read in total, at 1 to 5 ms each."""
FLOOR = 0.2
"""Estimated resemblance from which a candidate is read: the lowest that is assigned, 0.32, less two standard deviations.
Texts with two common sentences of eight have 0.14; one in ten of them is read in vain."""

_NEWEST = f"SELECT * FROM (SELECT article_id FROM story_keys WHERE key = ? ORDER BY article_id DESC LIMIT {PER_KEY})"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopy:
    """An article that may be the same report."""

    article_id: int
    story_id: int
    estimate: float
    """Resemblance, estimated from the marks."""


def add_sketch(db: Connection, article_id: int, packed: bytes | None) -> bool:
    """Index an article by its sketch, replacing an earlier one. False if the sketch is unchanged."""
    before = stored_sketch(db, article_id)
    if before is not None and before == packed:
        return False
    if before is not None:
        remove_sketch(db, article_id)
    sketch = unpack_sketch(packed) if packed else None
    if sketch is not None:
        db.execute("INSERT INTO story_sketches VALUES (?, ?)", (article_id, packed))
        db.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", [(key, article_id) for key in sketch.keys])
    return True


def stored_sketch(db: Connection, article_id: int) -> bytes | None:
    """The packed sketch of an article; None if it has none."""
    row = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (article_id,)).fetchone()
    return row[0] if row is not None else None


def remove_sketch(db: Connection, article_id: int) -> None:
    """Remove an article from the index."""
    packed = stored_sketch(db, article_id)
    if packed is None:
        return
    sketch = unpack_sketch(packed)
    if sketch is not None:
        db.executemany(
            "DELETE FROM story_keys WHERE key = ? AND article_id = ?", [(key, article_id) for key in sketch.keys]
        )
    else:  # a sketch of another version cannot be unpacked
        db.execute("DELETE FROM story_keys WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM story_sketches WHERE article_id = ?", (article_id,))


def candidates(db: Connection, sketch: MinHashSketch, *, but: int, most: int = COMPARE_AT_MOST) -> list[NearCopy]:
    """At most `most` articles other than `but` whose texts may be copies, the most similar first."""
    rows = db.execute(" UNION ALL ".join([_NEWEST] * len(sketch.keys)), sketch.keys)
    shared = Counter(row[0] for row in rows)
    shared.pop(but, None)
    if not shared:
        return []
    shortlist = sorted(shared, key=lambda article: (-shared[article], -article))[:SHORTLIST]
    return _best(db, _estimates(db, sketch, shortlist), most)


def _estimates(db: Connection, sketch: MinHashSketch, shortlist: list[int]) -> dict[int, float]:
    """Article ID -> estimated resemblance, from FLOOR."""
    rows = db.execute(
        f"SELECT article_id, sketch FROM story_sketches WHERE article_id IN ({marks(shortlist)})",
        shortlist,
    )
    found = {}
    for article_id, packed in rows:
        other = unpack_sketch(packed)
        if other is not None:
            estimate = resemblance(sketch.marks, other.marks) if sketch.marks else float(not other.marks)
            if estimate >= FLOOR:
                found[article_id] = estimate
    return found


def _best(db: Connection, estimates: dict[int, float], most: int) -> list[NearCopy]:
    of_story: Counter[int] = Counter()
    best: list[NearCopy] = []
    for article_id in sorted(estimates, key=lambda one: (-estimates[one], one)):
        row = db.execute("SELECT story_id FROM story_articles WHERE article_id = ?", (article_id,)).fetchone()
        if row is not None and len(best) < most:
            of_story[row[0]] += 1
            if of_story[row[0]] <= PER_STORY:
                best.append(NearCopy(article_id=article_id, story_id=row[0], estimate=estimates[article_id]))
    return best
