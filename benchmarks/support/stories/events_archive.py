"""An archive for the benchmark of events: texts go in as they do from a crawl; background news are indexed only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import median

from benchmarks.support.stories.archive import Archive, SampleArticle
from benchmarks.support.stories.synthetic import START, recombined
from crawler.archive.events.assignment import assign_event
from crawler.archive.storage.writer_thread import MAX_GROUP
from crawler.sqlite.values import format_utc
from pipelines.event_features import make_event_features

ARTICLES_PER_DAY = 2_000
"""Of a large archive: some 60 outlets. The articles that can be of one event are then 6,000 live and 12,000 in a backfill."""
SENTENCES = 10
"""Of a background article: some 180 words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfEvents:
    """CPU seconds of this thread for an article."""

    features: float
    assign: float
    least: float
    """Both, of the group that other processes disturbed least."""


class EventArchive(Archive):
    """A real archive file in a folder, with events."""

    def __enter__(self) -> EventArchive:
        return self

    def groups(self) -> dict[int, str]:
        """articles.id -> its event, or its story if that stands alone."""
        rows = self.store.db.execute(
            "SELECT m.article_id, coalesce('event ' || e.event_id, 'story ' || m.story_id)"
            " FROM story_articles m LEFT JOIN event_stories e ON e.story_id = m.story_id"
        )
        return {int(row[0]): str(row[1]) for row in rows}

    def joins(self) -> Iterator[tuple[int, int, float, str]]:
        """(article, the article it was most similar to, similarity, reason) of each story that joined by its text."""
        rows = self.store.db.execute(
            "SELECT s.first_article_id, o.first_article_id, e.similarity, e.why FROM event_stories e"
            " JOIN stories s ON s.id = e.story_id JOIN stories o ON o.id = e.resembles ORDER BY e.similarity DESC"
        )
        yield from (tuple(row) for row in rows)

    def index(self, articles: Iterable[SampleArticle]) -> CostOfEvents:
        """Assign articles to events; stories, texts and full-text search are left out, and their time is not counted.

        The median group counts, because another process on the machine disturbs some; `least` is that of the fastest group.
        """
        making, assigning = [], []
        rest = iter(articles)
        while group := list(islice(rest, MAX_GROUP)):
            read = [reported.article for reported in group]
            began = time.thread_time()
            features = [make_event_features(article) for article in read]
            making.append((time.thread_time() - began) / len(group))
            with self.store.transaction():
                ids = [self._insert_story(reported) for reported in group]
            began = time.thread_time()
            with self.store.transaction():
                for article_id, one, reported in zip(ids, features, group, strict=True):
                    assign_event(self.store.db, article_id, one, at=reported.at)
            assigning.append((time.thread_time() - began) / len(group))
        return CostOfEvents(features=median(making), assign=median(assigning), least=min(making) + min(assigning))

    def _insert_story(self, reported: SampleArticle) -> int:
        db, at = self.store.db, format_utc(reported.at)
        article_id = self._insert(reported)
        story = db.execute(
            "INSERT INTO stories (first_article_id, article_count, created_at, latest_at) VALUES (?, 1, ?, ?)",
            (article_id, at, at),
        ).lastrowid
        db.execute(
            "INSERT INTO story_articles (article_id, story_id, role, joined_at, decided_by) VALUES (?, ?, 'first', ?, 'text')",
            (article_id, story, at),
        )
        return article_id

    def index_size(self) -> int:
        """Bytes of the tables of events."""
        return self.size_of("event_stories", "events", "event_features", "event_keys", "event_term_counts")


def background(first: int, last: int, pool: Sequence[str]) -> Iterator[SampleArticle]:
    """News of many days: recombined sentences, one in twenty an edited copy of an earlier one."""
    for number in range(first, last):
        made = recombined(number, pool, SENTENCES)
        at = START + timedelta(days=number / ARTICLES_PER_DAY)
        yield SampleArticle(text=made.text, title=made.text.split(". ")[0][:90], at=at)
