"""An archive of several days with alerts and daily roots."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from crawler.archive.evidence.daily_roots import record_daily_root
from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.topics import Topic
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from schedules.topics.flagger import flag
from tests.support.factories import HOME, Archive, article, page, record

FIRST_DAY = datetime(2026, 11, 1, tzinfo=timezone.utc)
PIER = Topic(id="pier", title="Pier", query="pier AND close", node=expand_terms(parse_query("pier AND close"), {}))
SENTENCES = (
    "The harbour council voted to close the northern pier to cargo ships on day {day}.",
    "Two of its nine members spoke against the closure, for the {number}th time.",
    "Fishing boats may land their catch at the inner steps until further notice, said the mayor of the town.",
)


def at(day: int, hour: float = 12) -> datetime:
    """A time of the n-th day, counted from 1."""
    return FIRST_DAY + timedelta(days=day - 1, hours=hour)


def daily_archive(folder: Path, *, days: int = 4, per_day: int = 3) -> Archive:
    """An archive in which `per_day` articles are stored and flagged each day; the first article is edited each day.

    Each day but the last has its root, recorded as by the job of the next morning.
    """
    archive = Archive(folder)
    flag_pier(archive, at(1, 0))
    for day in range(1, days + 1):
        record_daily_root(archive.store.db, now=at(day, 2))
        for number in range(per_day):
            store_article(archive, "first" if number == 0 else f"{day}-{number}", at(day, 10 + number), day, number)
        flag_pier(archive, at(day, 20))
    return archive


def store_article(archive: Archive, name: str, when: datetime, day: int, number: int = 0) -> None:
    """Store one article as a crawl does."""
    texts = tuple(sentence.format(day=day, number=number) for sentence in SENTENCES)
    body = f"<html><title>{name}</title>{'<p>'.join(texts)}</html>".encode()
    received = page(f"{HOME}/news/{name}", body, fetched_at=when)
    archive.record_fetch(record(article(*texts, title=f"Council closes pier, {name}"), received, at=when))


def flag_pier(archive: Archive, when: datetime) -> None:
    """Create the alerts of the topic "pier", as `scrapy flag` does."""
    db = archive.store.db
    sync_topics(db, [PIER], now=when)
    for _ in flag(
        db,
        lambda: active_topics(db, [PIER]),
        now=lambda: when,
        queue_deliveries=lambda *_: None,
        found_by_pattern=lambda *_: True,
    ):
        pass
