"""The archive of the kill benchmarks that flag: generated articles, edits and pickups, flagged by three topics."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from crawler.archive.db.open import open_archive
from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.topics import Topic
from crawler.search.query_parser import parse_query
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc
from schedules.topics.flagger import flag

QUERIES = {"troops": "troops AND (sent OR deployed)", "ferry": "ferry OR ferries", "all": "harbour NOT ferry"}
SENTENCES = (
    "About {n} troops were sent to the pier on Monday.",
    "Some soldiers were deployed to lighthouse {n} by sea, and troops were sent.",
    "The harbour council met {n} times about the ferry.",
    "Ferries will call at pier {n} again.",
    "Nothing of note happened at the harbour on day {n}.",
    "Residents counted {n} gulls.",
)
ALERTS = "SELECT topic_id, revision_id, kind FROM alerts ORDER BY topic_id, revision_id"
Revision = tuple[int, int, str]
"""Article, number of the revision, text."""
Rows = list[tuple[object, ...]]


def topics() -> list[Topic]:
    return [
        Topic(id=name, title=name.capitalize(), query=query, node=parse_query(query)) for name, query in QUERIES.items()
    ]


def revisions(seed: int, *, edited: float, recent: int | None = None) -> Iterator[Revision]:
    """An endless series of new articles and of revisions of earlier ones, the same for the same seed.

    `edited` is the share of revisions of earlier articles; with `recent`, only that many latest articles are edited.
    """
    rng = random.Random(seed)
    numbers: dict[int, int] = {}
    while True:
        oldest = max(1, len(numbers) - recent) if recent is not None else 1
        article = rng.randint(oldest, len(numbers)) if numbers and rng.random() < edited else len(numbers) + 1
        numbers[article] = numbers.get(article, 0) + 1
        some = rng.sample(SENTENCES, rng.randint(2, 4))
        yield article, numbers[article], " ".join(sentence.format(n=rng.randint(2, 9)) for sentence in some)


def create_archive(path: Path, *, now: datetime) -> Connection:
    """A new archive whose topics apply from its first article on."""
    db = open_archive(path)
    db.execute(
        "INSERT INTO sources (id, name, home, timezone, first_seen_at, updated_at) VALUES"
        " ('wire', 'Wire', 'https://wire.example/', 'UTC', ?, ?)",
        (format_utc(now), format_utc(now)),
    )
    sync_topics(db, topics(), now=now)
    return db


def store_revisions(db: Connection, source: Iterator[Revision], count: int, *, now: datetime) -> None:
    """Store the next `count` revisions. Each fifth article is a pickup of the one before it."""
    at = format_utc(now)
    with transaction(db):
        for _ in range(count):
            article, number, text = next(source)
            db.execute(
                "INSERT OR IGNORE INTO articles (id, source_id, key, url, first_seen_at) VALUES (?, 'wire', ?, ?, ?)",
                (article, f"k{article}", f"https://wire.example/{article}", at),
            )
            if number == 1 and article % 5 != 0:
                db.execute(
                    "INSERT INTO stories (id, first_article_id, article_count, created_at, latest_at) VALUES (?, ?, 1, ?, ?)",
                    (article, article, at, at),
                )
            story = article if article % 5 else article - 1
            db.execute(
                "INSERT OR IGNORE INTO story_articles (article_id, story_id, role, joined_at, decided_by)"
                " VALUES (?, ?, 'copy', ?, 'text')",
                (article, story, at),
            )
            db.execute(
                "INSERT INTO revisions (article_id, number, seen_at, status, title, text, blocks, language, words, fingerprint,"
                " text_sha256, extractor) VALUES (?, ?, ?, 'ok', ?, ?, 'p', 'en', 1, '', '', 'benchmark')",
                (article, number, at, f"Notice number {article} ends", text),
            )


def run_flag_job(
    db: Connection,
    *,
    now: datetime,
    batch: int = 500,
    queue_deliveries: Callable[[Connection, int, str, datetime], None] = lambda *_: None,
) -> None:
    """Run the flag job to its end; `batch` is the number of revisions per transaction."""
    all_topics = topics()
    steps = flag(
        db, lambda: active_topics(db, all_topics), now=lambda: now, found_by_pattern=lambda *_: True, batch=batch,
        queue_deliveries=queue_deliveries,
    )  # fmt: skip
    for _ in steps:
        pass


def compare_alerts(killed: Path, undisturbed: Path) -> tuple[int, list[str], list[str], list[str]]:
    """Compare the alerts of two archives: (alerts of the undisturbed one, missing, repeated, unexpected)."""
    ours, theirs = rows(killed, ALERTS), rows(undisturbed, ALERTS)
    missing = [f"alert {row} is missing" for row in sorted(set(theirs) - set(ours), key=str)]
    repeated = [f"alert {row} exists twice" for row, count in Counter(ours).items() if count > 1]
    unexpected = [f"alert {row} is unexpected" for row in sorted(set(ours) - set(theirs), key=str)]
    return len(theirs), missing, repeated, unexpected


def rows(path: Path, query: str) -> Rows:
    """The rows of a query, over a connection of its own."""
    db = open_archive(path)
    try:
        return [tuple(row) for row in db.execute(query)]
    finally:
        db.close()
