"""An archive for benchmarks of stories: articles go in as they do from a crawl, without pages and without a network."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from statistics import fmean, median
from types import TracebackType
from typing import TypeVar

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.runs import begin_run
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.writer_thread import MAX_GROUP
from crawler.archive.stories.assignment import assign_story
from crawler.config.sources import Source
from crawler.items import FetchRecord, ProcessedPage
from crawler.models import Article, Block, Status
from crawler.sqlite.values import format_utc
from crawler.stories.minhash import unpack_sketch
from pipelines.minhash import make_sketch

HOME = "https://wire.example"
SOURCE = Source.model_validate({"id": "wire", "name": "Wire", "home": f"{HOME}/", "feeds": [f"{HOME}/rss"]})
T = TypeVar("T")
FILL_GROUP = 20_000
"""Articles in one transaction where only the end counts."""
FILL_CACHE = 1_000_000
"""Kibibytes of page cache while the archive is filled; what is measured has the cache of a crawl."""
_REVISION = (
    "INSERT INTO revisions (id, article_id, number, seen_at, status, title, text, blocks, language, words, fingerprint,"
    " text_sha256, extractor) VALUES (?, ?, 1, ?, 'ok', ?, ?, '', ?, 0, '', '', '')"
)
_PARAGRAPH = re.compile(r"\n\s*\n|\n {2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article to be filed."""

    text: str
    title: str
    at: datetime
    language: str | None = "en"

    @property
    def article(self) -> Article:
        """As a reader would give it."""
        paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(self.text)]
        blocks = tuple(Block(text=part) for part in paragraphs if part)
        return Article(status=Status.OK, title=self.title, blocks=blocks, language=self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU seconds of this thread for an article."""

    sketch: float
    place: float
    place_mean: float
    """With the groups on which a checkpoint or another process fell."""


class Archive:
    """A real archive file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "archive.db"
        self._warc = folder / "warc"
        self.store = ArchiveStore.open(self.path, self._warc)
        with self.store.transaction():
            begin_run(
                self.store, "benchmark", [SOURCE], configured=None, at=datetime.fromisoformat("2026-03-01T00:00+00:00")
            )
        self._count = 0

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.store.close()

    def file(self, articles: Iterable[Told]) -> list[int]:
        """File them as the crawl does; gives back articles.id of each."""
        ids = []
        for group in _groups(articles):
            with self.store.transaction():
                ids += [self._file(reported) for reported in group]
        return ids

    def _file(self, reported: Told) -> int:
        self._count += 1
        article = reported.article
        url = f"{HOME}/news/report-{self._count}"
        recorded = record_fetch(
            self.store,
            FetchRecord(
                source=SOURCE, url=url, at=reported.at,
                processed=ProcessedPage(article=article, fingerprint=str(self._count), sketch=make_sketch(article)),
            ),
        )  # fmt: skip
        assert recorded.article_id is not None
        return recorded.article_id

    def fill(self, articles: Iterable[tuple[Told, bytes | None]]) -> None:
        """The rows that filing them would leave, without looking for copies and without full-text search.

        Keys go in sorted, a batch at a time: the same tree in a tenth of the time. Afterwards the archive is opened anew,
        when all is on the disk: filling leaves a gigabyte of cache and of unwritten pages, which no crawl has beside it.
        """
        db = self.store.db
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")  # an article and its revision name each other
        db.execute(f"PRAGMA cache_size = -{FILL_CACHE}")
        for group in _groups(articles, FILL_GROUP):
            with self.store.transaction():
                self._fill(group)
        self.store.close()
        os.sync()
        self.store = ArchiveStore.open(self.path, self._warc)

    def _fill(self, group: list[tuple[Told, bytes | None]]) -> None:
        db = self.store.db
        first, revision, story = (
            db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0]
            for table in ("articles", "revisions", "stories")
        )
        self._count += len(group)
        at = format_utc(group[0][0].at)
        numbers = range(len(group))
        urls = [f"{HOME}/news/report-{first + n}-filling" for n in numbers]
        db.executemany(
            "INSERT INTO articles (id, source_id, key, url, first_seen_at, latest_revision_id, revision_count)"
            " VALUES (?, 'wire', ?, ?, ?, ?, 1)",
            [(first + n, urls[n], urls[n], at, revision + n) for n in numbers],
        )
        db.executemany(
            _REVISION, [(revision + n, first + n, at, group[n][0].title, group[n][0].text, "en") for n in numbers]
        )
        db.executemany(
            "INSERT INTO stories VALUES (?, ?, 1, ?, ?, NULL)", [(story + n, first + n, at, at) for n in numbers]
        )
        db.executemany(
            "INSERT INTO story_articles VALUES (?, ?, 'first', NULL, NULL, NULL, ?, 'text')",
            [(first + n, story + n, at) for n in numbers],
        )
        packed = [(first + n, group[n][1]) for n in numbers if group[n][1]]
        db.executemany("INSERT INTO story_sketches VALUES (?, ?)", packed)
        keys = [(key, article) for article, one in packed for key in _keys(one or b"")]
        db.executemany("INSERT INTO story_keys VALUES (?, ?)", sorted(keys))

    def measure(self, articles: Iterable[Told]) -> Spent:
        """What sketching and placing take, commits included; the rows of articles and revisions are not counted.

        The median group counts: another process on the machine disturbs some, a checkpoint falls on one in sixteen.
        """
        sketching, placing = [], []
        for group in _groups(articles):
            read = [reported.article for reported in group]
            began = time.thread_time()
            packed = [make_sketch(article) for article in read]
            sketching.append((time.thread_time() - began) / len(group))
            with self.store.transaction():
                ids = [self._insert(reported) for reported in group]
            began = time.thread_time()
            with self.store.transaction():
                for article_id, reported, one in zip(ids, group, packed, strict=True):
                    assign_story(self.store.db, article_id, one, at=reported.at)
            placing.append((time.thread_time() - began) / len(group))
        return Spent(sketch=median(sketching), place=median(placing), place_mean=fmean(placing))

    def _insert(self, reported: Told) -> int:
        self._count += 1
        db, at, text = self.store.db, format_utc(reported.at), reported.text
        url = f"{HOME}/news/report-{self._count}"
        cursor = db.execute(
            "INSERT INTO articles (source_id, key, url, first_seen_at, revision_count) VALUES ('wire', ?, ?, ?, 1)",
            (url, url, at),
        )
        article_id = int(cursor.lastrowid or 0)
        cursor = db.execute(_REVISION, (None, article_id, at, reported.title, text, reported.language))
        db.execute("UPDATE articles SET latest_revision_id = ? WHERE id = ?", (cursor.lastrowid, article_id))
        return article_id

    def stories(self) -> dict[int, int]:
        """articles.id -> stories.id."""
        return {
            int(row[0]): int(row[1]) for row in self.store.db.execute("SELECT article_id, story_id FROM story_articles")
        }

    def size_of(self, *tables: str) -> int:
        """Bytes of tables with their indexes: what would be free without them."""
        db = self.store.db
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN")
        before = db.execute("PRAGMA freelist_count").fetchone()[0]
        for view in ("story_list", "story_pickups"):
            db.execute(f"DROP VIEW {view}")
        for table in tables:
            db.execute(f"DROP TABLE {table}")
        freed = db.execute("PRAGMA freelist_count").fetchone()[0] - before
        db.execute("ROLLBACK")
        db.execute("PRAGMA foreign_keys = ON")
        return int(freed * db.execute("PRAGMA page_size").fetchone()[0])


def _keys(packed: bytes) -> Sequence[int]:
    found = unpack_sketch(packed)
    return found.keys if found is not None else ()


def _groups(items: Iterable[T], size: int = MAX_GROUP) -> Iterator[list[T]]:
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
