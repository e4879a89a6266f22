"""An archive for the benchmarks of stories: articles are stored as by a crawl, without pages and without a network."""

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
from pipelines.event_features import make_event_features
from pipelines.minhash import make_sketch

HOME = "https://wire.example"
SOURCE = Source.model_validate({"id": "wire", "name": "Wire", "home": f"{HOME}/", "feeds": [f"{HOME}/rss"]})
T = TypeVar("T")
FILL_GROUP = 20_000
"""Articles per transaction while the archive is filled."""
FILL_CACHE = 1_000_000
"""Kibibytes of page cache while the archive is filled; measurements use the cache size of a crawl."""
_REVISION = (
    "INSERT INTO revisions (id, article_id, number, seen_at, status, title, text, blocks, language, words, fingerprint,"
    " text_sha256, extractor) VALUES (?, ?, 1, ?, 'ok', ?, ?, '', ?, 0, '', '', '')"
)
_PARAGRAPH = re.compile(r"\n\s*\n|\n {2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleArticle:
    """An article to store."""

    text: str
    title: str
    at: datetime
    language: str | None = "en"

    @property
    def article(self) -> Article:
        """The article as the extractor returns it."""
        paragraphs = [" ".join(part.split()) for part in _PARAGRAPH.split(self.text)]
        blocks = tuple(Block(text=part) for part in paragraphs if part)
        return Article(status=Status.OK, title=self.title, blocks=blocks, language=self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """CPU seconds of this thread per article: to sketch it, and to assign it to a story."""

    sketch: float
    place: float
    place_mean: float
    """The mean, which includes groups disturbed by a checkpoint or another process."""


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

    def store_articles(self, articles: Iterable[SampleArticle]) -> list[int]:
        """Store articles as the crawl does. Returns articles.id of each."""
        ids = []
        for group in _groups(articles):
            with self.store.transaction():
                ids += [self._store(sample) for sample in group]
        return ids

    def _store(self, sample: SampleArticle) -> int:
        self._count += 1
        article = sample.article
        url = f"{HOME}/news/report-{self._count}"
        recorded = record_fetch(
            self.store,
            FetchRecord(
                source=SOURCE, url=url, at=sample.at,
                processed=ProcessedPage(
                    article=article, fingerprint=str(self._count), sketch=make_sketch(article),
                    event_features=make_event_features(article),
                ),
            ),
        )  # fmt: skip
        assert recorded.article_id is not None
        return recorded.article_id

    def fill(self, articles: Iterable[tuple[SampleArticle, bytes | None]]) -> None:
        """Store many articles quickly: the same rows, without assigning stories and without full-text search.

        Index keys are inserted in order, a batch at a time, which takes a tenth of the time. Afterwards the archive is opened
        again, when everything is on the disk: filling leaves a gigabyte of cache and unwritten pages, and a crawl does not.
        """
        db = self.store.db
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA foreign_keys = OFF")  # an article and its revision refer to each other
        db.execute(f"PRAGMA cache_size = -{FILL_CACHE}")
        for group in _groups(articles, FILL_GROUP):
            with self.store.transaction():
                self._fill(group)
        self.store.close()
        os.sync()
        self.store = ArchiveStore.open(self.path, self._warc)

    def _fill(self, group: list[tuple[SampleArticle, bytes | None]]) -> None:
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
            "INSERT INTO stories (id, first_article_id, article_count, created_at, latest_at) VALUES (?, ?, 1, ?, ?)",
            [(story + n, first + n, at, at) for n in numbers],
        )
        db.executemany(
            "INSERT INTO story_articles (article_id, story_id, role, resembles, resemblance, reason, joined_at, decided_by)"
            " VALUES (?, ?, 'first', NULL, NULL, NULL, ?, 'text')",
            [(first + n, story + n, at) for n in numbers],
        )
        packed = [(first + n, group[n][1]) for n in numbers if group[n][1]]
        db.executemany("INSERT INTO story_sketches VALUES (?, ?)", packed)
        keys = [(key, article) for article, one in packed for key in _keys(one or b"")]
        db.executemany("INSERT INTO story_keys VALUES (?, ?)", sorted(keys))

    def measure(self, articles: Iterable[SampleArticle]) -> Spent:
        """CPU time to sketch and assign articles, with commits; without storing articles and revisions.

        The median group counts: other processes disturb some groups, and a checkpoint falls into one of sixteen.
        """
        sketching, assigning = [], []
        for group in _groups(articles):
            extracted = [sample.article for sample in group]
            began = time.thread_time()
            packed = [make_sketch(article) for article in extracted]
            sketching.append((time.thread_time() - began) / len(group))
            with self.store.transaction():
                ids = [self._insert(sample) for sample in group]
            began = time.thread_time()
            with self.store.transaction():
                for article_id, sample, one in zip(ids, group, packed, strict=True):
                    assign_story(self.store.db, article_id, one, at=sample.at)
            assigning.append((time.thread_time() - began) / len(group))
        return Spent(sketch=median(sketching), place=median(assigning), place_mean=fmean(assigning))

    def _insert(self, sample: SampleArticle) -> int:
        self._count += 1
        db, at, text = self.store.db, format_utc(sample.at), sample.text
        url = f"{HOME}/news/report-{self._count}"
        cursor = db.execute(
            "INSERT INTO articles (source_id, key, url, first_seen_at, revision_count) VALUES ('wire', ?, ?, ?, 1)",
            (url, url, at),
        )
        article_id = int(cursor.lastrowid or 0)
        cursor = db.execute(_REVISION, (None, article_id, at, sample.title, text, sample.language))
        db.execute("UPDATE articles SET latest_revision_id = ? WHERE id = ?", (cursor.lastrowid, article_id))
        return article_id

    def stories(self) -> dict[int, int]:
        """articles.id -> stories.id."""
        return {
            int(row[0]): int(row[1]) for row in self.store.db.execute("SELECT article_id, story_id FROM story_articles")
        }

    def size_of(self, *tables: str) -> int:
        """Bytes of tables with their indexes: the space that becomes free when they are dropped."""
        db = self.store.db
        db.execute("PRAGMA foreign_keys = OFF")
        db.execute("BEGIN")
        before = db.execute("PRAGMA freelist_count").fetchone()[0]
        for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
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
