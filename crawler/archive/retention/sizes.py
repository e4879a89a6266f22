"""Measure what each source takes in archive.db and in WARC files, and how much it grows in a year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from crawler.sqlite.connection import Connection, file_of
from crawler.sqlite.values import format_utc, parse_utc

ROW_OVERHEAD = 12
"""Bytes of a row besides its values: its ID, its header and its place in the page (sqlite.org/fileformat2.html)."""


def row_bytes(db: Connection, table: str, alias: str = "") -> str:
    """SQL expression for the bytes of one row, without indexes."""
    prefix = f"{alias}." if alias else ""
    names = [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]
    return f"({ROW_OVERHEAD} + {' + '.join(f'coalesce(octet_length({prefix}{name}), 0)' for name in names)})"


SizeKind = Literal["texts", "index", "links", "polls", "fetches", "other", "raw pages"]
SIZE_KINDS: tuple[SizeKind, ...] = get_args(SizeKind)
WINDOW = timedelta(days=28)
"""The growth of this time is extrapolated to a year."""
LEAST_WINDOW = timedelta(days=1)
"""A younger archive gives no estimate: the first crawl of a source stores a part of its past."""
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSize:
    """What one source takes."""

    source: str
    articles: int
    sizes: Mapping[SizeKind, int]
    """Bytes. "index" is the full-text index; "other" are indexes of tables, articles, stories and alerts. Both are the
    source's share of the whole, by the length of its rows."""
    a_year: int | None
    """Bytes that a year adds if it goes on as in the last weeks; None: too new to tell."""

    @property
    def total(self) -> int:
        return sum(self.sizes.values())


@dataclass(slots=True)
class _Measured:
    sizes: Counter[tuple[str, SizeKind]] = field(default_factory=Counter)
    recent: Counter[tuple[str, SizeKind]] = field(default_factory=Counter)

    def total(self, *kinds: SizeKind) -> int:
        return sum(size for (_, kind), size in self.sizes.items() if kind in kinds)


def source_sizes(db: Connection, now: datetime) -> list[SourceSize]:
    """The sizes of all sources that stored something, the largest first. Their sum is the size of archive.db and WARC."""
    since = now - WINDOW
    found = _measure(db, since)
    used = Path(file_of(db)).stat().st_size - _free_bytes(db)
    index = _index_bytes(db)
    rows = found.total("texts", "links", "polls", "fetches")
    texts = found.total("texts")
    articles = dict(tuple(row) for row in db.execute("SELECT source_id, count(*) FROM articles GROUP BY 1"))
    starts = dict(tuple(row) for row in db.execute("SELECT id, first_seen_at FROM sources"))
    sizes = []
    for source in {source for source, _ in found.sizes}:
        of_rows = sum(found.sizes[source, kind] for kind in ("texts", "links", "polls", "fetches"))
        own: dict[SizeKind, int] = {
            **{kind: found.sizes[source, kind] for kind in ("texts", "links", "polls", "fetches", "raw pages")},
            "index": round(index * found.sizes[source, "texts"] / texts) if texts else 0,
            "other": round(max(used - rows - index, 0) * of_rows / rows) if rows else 0,
        }
        recent = {kind: found.recent[source, kind] for kind in ("texts", "links", "polls", "fetches")}
        grown = sum(recent.values()) / of_rows * (sum(own.values()) - own["raw pages"] - own["index"]) if of_rows else 0
        grown += own["index"] * recent["texts"] / own["texts"] if own["texts"] else 0
        window = min(WINDOW, now - parse_utc(starts[source]))
        sizes.append(
            SourceSize(
                source=source,
                articles=articles.get(source, 0),
                sizes=own,
                a_year=round((grown + found.recent[source, "raw pages"]) * (YEAR / window))
                if window >= LEAST_WINDOW
                else None,
            )
        )
    return sorted(sizes, key=lambda one: (-one.total, one.source))


def _measure(db: Connection, since: datetime) -> _Measured:
    found = _Measured()
    queries: tuple[tuple[SizeKind, str, str, str, str], ...] = (
        (
            "texts",
            "revisions x JOIN articles a ON a.id = x.article_id",
            "a.source_id",
            "x.seen_at",
            row_bytes(db, "revisions", "x"),
        ),
        (
            "texts",
            "revision_segments x JOIN revisions r ON r.id = x.revision_id JOIN articles a ON a.id = r.article_id",
            "a.source_id",
            "r.seen_at",
            row_bytes(db, "revision_segments", "x"),
        ),
        ("links", "links x", "x.source_id", "x.first_seen_at", row_bytes(db, "links", "x")),
        ("polls", "polls x JOIN seeds s ON s.id = x.seed_id", "s.source_id", "x.at", row_bytes(db, "polls", "x")),
        ("fetches", "fetches x", "x.source_id", "x.at", row_bytes(db, "fetches", "x")),
        ("raw pages", "pages x", "x.source_id", "x.fetched_at", "coalesce(x.warc_length, 0)"),
    )
    for kind, tables, source, at, size in queries:
        rows = db.execute(
            f"SELECT {source}, sum({size}), sum(iif({at} >= ?, {size}, 0)) FROM {tables} GROUP BY 1",
            (format_utc(since),),
        )
        for name, total, recent in rows:
            found.sizes[name, kind] += total
            found.recent[name, kind] += recent
    return found


def _index_bytes(db: Connection) -> int:
    """Bytes of the full-text index, with the parts in which FTS5 stores it."""
    sizes = (
        db.execute(f"SELECT coalesce(sum({column}), 0) FROM revisions_fts_{part}").fetchone()[0]
        for part, column in (("data", "length(block) + 8"), ("docsize", "length(sz) + 8"), ("idx", "length(term) + 12"))
    )
    return sum(sizes)


def _free_bytes(db: Connection) -> int:
    """Bytes of archive.db that are free for new rows."""
    pages, size = db.execute("PRAGMA freelist_count").fetchone()[0], db.execute("PRAGMA page_size").fetchone()[0]
    return int(pages * size)
