"""The index of sketches: which articles may tell what a new text tells. What it costs does not grow with the archive.

A template's pages share keys by the thousand, so every step has a limit: of each key the newest articles, of these the
ones that share most keys, of these the ones whose marks are most alike. Whoever is left is read and compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from crawler.sqlite.connection import Connection
from crawler.stories.minhash import MinHashSketch, resemblance, unpack_sketch

PER_KEY = 24
"""Articles looked at under one key, newest first. Real reports share a key with 1.1 others at a million articles; only
templates have more. A copy of a template's old page is found where it is exact: all copies of a text have a key of it."""
SHORTLIST = 16
"""Articles whose marks are compared: those that share most keys."""
PER_STORY = 2
"""Articles of one story that are read: the one most alike, and another where that one's facts contradict."""
COMPARE_AT_MOST = 6
"""Articles that are read in all, at 1 to 5 ms each."""
FLOOR = 0.2
"""Estimated resemblance from which a candidate is read: the lowest that joins, 0.32, less two standard deviations. Texts
that share two sentences of eight have 0.14, and one in ten of them is read for nothing."""


_NEWEST = f"SELECT * FROM (SELECT article_id FROM story_keys WHERE key = ? ORDER BY article_id DESC LIMIT {PER_KEY})"


@dataclass(frozen=True, slots=True, kw_only=True)
class NearCopy:
    """An article that may tell the same story."""

    article_id: int
    story_id: int
    estimate: float
    """Of the resemblance, from the marks."""


def add_sketch(db: Connection, article_id: int, packed: bytes | None) -> bool:
    """File an article under its sketch, in the place of an earlier one. False where it had the same already."""
    before = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (article_id,)).fetchone()
    if before is not None and before[0] == packed:
        return False
    if before is not None:
        remove_sketch(db, article_id)
    sketch = unpack_sketch(packed) if packed else None
    if sketch is not None:
        db.execute("INSERT INTO story_sketches VALUES (?, ?)", (article_id, packed))
        db.executemany("INSERT OR IGNORE INTO story_keys VALUES (?, ?)", [(key, article_id) for key in sketch.keys])
    return True


def remove_sketch(db: Connection, article_id: int) -> None:
    """Take an article out of the index."""
    row = db.execute("SELECT sketch FROM story_sketches WHERE article_id = ?", (article_id,)).fetchone()
    if row is None:
        return
    sketch = unpack_sketch(row[0])
    if sketch is not None:
        db.executemany(
            "DELETE FROM story_keys WHERE key = ? AND article_id = ?", [(key, article_id) for key in sketch.keys]
        )
    else:  # of another version: its layout is not known any more
        db.execute("DELETE FROM story_keys WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM story_sketches WHERE article_id = ?", (article_id,))


def candidates(db: Connection, sketch: MinHashSketch, *, but: int, most: int = COMPARE_AT_MOST) -> list[NearCopy]:
    """At most so many articles other than `but` whose texts may be copies, the most alike first."""
    rows = db.execute(" UNION ALL ".join([_NEWEST] * len(sketch.keys)), sketch.keys)
    shared = Counter(row[0] for row in rows)
    shared.pop(but, None)
    if not shared:
        return []
    shortlist = sorted(shared, key=lambda article: (-shared[article], -article))[:SHORTLIST]
    return _best(db, _alike(db, sketch, shortlist), most)


def _alike(db: Connection, sketch: MinHashSketch, shortlist: list[int]) -> dict[int, float]:
    """Article -> estimated resemblance, of those that may be worth reading."""
    rows = db.execute(
        f"SELECT article_id, sketch FROM story_sketches WHERE article_id IN ({','.join('?' * len(shortlist))})",
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


def _best(db: Connection, alike: dict[int, float], most: int) -> list[NearCopy]:
    of_story: Counter[int] = Counter()
    best: list[NearCopy] = []
    for article_id in sorted(alike, key=lambda one: (-alike[one], one)):
        row = db.execute("SELECT story_id FROM story_articles WHERE article_id = ?", (article_id,)).fetchone()
        if row is not None and len(best) < most:
            of_story[row[0]] += 1
            if of_story[row[0]] <= PER_STORY:
                best.append(NearCopy(article_id=article_id, story_id=row[0], estimate=alike[article_id]))
    return best
