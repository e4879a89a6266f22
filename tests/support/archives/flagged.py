"""An archive with alerts: an article that matches a topic, its copy at another outlet, and an edit of the article."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.sources import Source
from crawler.config.topics import Topic
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from schedules.topics.flagger import flag
from tests.support.factories import SOURCE, Archive, article, hour, page, record

WIRE = Source.model_validate(
    {
        "id": "wire",
        "name": "Coastline Wire",
        "home": "https://coastline-wire.example/",
        "feeds": ["https://coastline-wire.example/rss"],
    }
)
LEAD = "The harbour council voted on Tuesday to close the northern pier to cargo ships from 1 June."
REST = (
    "Two of its nine members spoke against the closure, which the fire brigade had asked for after two accidents.",
    "Fishing boats may go on landing their catch at the inner steps until the end of the season, said the mayor.",
    "A ferry company said that it had not been informed, and that it would ask for its fees of the year to be paid back.",
)
EDITED = LEAD.replace("1 June", "14 July")


@dataclass(frozen=True)
class Flagged:
    """The archive, its alerts in order, and a time after all of them."""

    db: Any
    alerts: list[int]
    now: datetime


@contextmanager
def flagged_archive(folder: Path) -> Iterator[Flagged]:
    """The archive, with fetches recorded as in a crawl and alerts created as by `scrapy flag`."""
    archive = Archive(folder, (SOURCE, WIRE))
    db = archive.store.db
    topic = Topic(id="pier", title="Pier", query="pier AND close", node=expand_terms(parse_query("pier AND close"), {}))

    def flag_all(at: float) -> None:
        sync_topics(db, [topic], now=hour(at))
        for _ in flag(
            db,
            lambda: active_topics(db, [topic]),
            now=lambda: hour(at),
            queue_deliveries=lambda *_: None,
            found_by_pattern=lambda *_: True,
        ):
            pass

    flag_all(0)
    for at, source, paragraphs in (
        (1.0, SOURCE, (LEAD, *REST)),
        (2.0, WIRE, (LEAD, *REST)),
        (3.0, SOURCE, (EDITED, *REST)),
    ):
        body = "\n".join(paragraphs).encode()
        received = page(f"{source.home}news/pier", body, source=source.id, fetched_at=hour(at))
        archive.record_fetch(record(article(*paragraphs), received, at=hour(at), source=source))
        flag_all(at)
    alerts = [row[0] for row in archive.rows("SELECT id FROM alerts ORDER BY id")]
    try:
        yield Flagged(db, alerts, hour(4))
    finally:
        archive.store.close()
