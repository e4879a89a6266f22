"""Compare rows of several tables with each other: by the queries of `consistency.toml`, and what SQL cannot compute."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import tomli

from crawler.archive.articles.revisions import CURRENT_COLUMNS
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import marks
from crawler.stories.minhash import unpack_sketch

RowFault = tuple[str, str]
"""(row, fault)."""
Compared = Literal["articles", "stories", "alerts", "evidence"]
ROW_REMEDY = "restore it from a backup"


def consistency_faults(db: Connection, subject: Compared) -> Iterator[RowFault]:
    """Each inconsistency of a subject, in one snapshot of the archive."""
    content = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    remedy = "; restore the row from a backup" if subject == "evidence" else ""
    db.execute("BEGIN")  # a crawl may be writing
    try:
        for check in tomli.loads(content)[subject]:
            for row in db.execute(check["sql"]):
                yield f"{check['table']} row {row[0]}", f"{check.get('fault') or row[1]}{remedy}"
        if subject in _FURTHER:
            yield from _FURTHER[subject](db)
    finally:
        db.execute("ROLLBACK")


def _current_columns(db: Connection) -> Iterator[RowFault]:
    """The columns of the current version that `articles` repeats."""
    differ = " OR ".join(f"a.{name} IS NOT r.{name}" for name in CURRENT_COLUMNS)
    columns = ", ".join(f"a.{name} IS NOT r.{name} AS {name}" for name in CURRENT_COLUMNS)
    for row in db.execute(
        f"SELECT a.id, {columns} FROM articles a LEFT JOIN revisions r ON r.id = a.latest_revision_id WHERE {differ}"
    ):
        wrong = ", ".join(name for name in CURRENT_COLUMNS if row[name])
        yield f"articles row {row['id']}", f"{wrong} of the current version: not as in revisions; {ROW_REMEDY}"


def _messages(db: Connection) -> Iterator[RowFault]:
    for row in db.execute(
        "SELECT id, content, content_sha256 FROM outbox WHERE NOT (state IN ('sent', 'dropped') AND length(content) = 0)"
    ):
        if hashlib.sha256(row["content"]).hexdigest() != row["content_sha256"]:
            yield (
                f"outbox row {row['id']}",
                "content does not match content_sha256; drop it with `scrapy outbox --drop`",
            )


def _story_keys(db: Connection) -> Iterator[RowFault]:
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


_FURTHER: Mapping[Compared, Callable[[Connection], Iterator[RowFault]]] = {
    "articles": _current_columns,
    "stories": _story_keys,
    "alerts": _messages,
}
