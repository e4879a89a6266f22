"""An archive with claimed figures: two outlets, three speakers over some weeks, and an edit that corrects a number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.topics import Topic
from crawler.models import Timestamp
from crawler.search.query_ast import expand_terms
from crawler.search.query_parser import parse_query
from schedules.topics.flagger import flag
from tests.support.archives.flagged import WIRE
from tests.support.factories import SOURCE, Archive, article, page, record

QUERY = "korea* OR pyongyang* OR strip OR casualties OR losses"
TOPIC = Topic(
    id="troops", title="Troops and losses", query=QUERY, node=expand_terms(parse_query(QUERY), {}), scope="article"
)
TOPICS_TOML = f'[troops]\ntitle = "Troops and losses"\nquery = "{QUERY}"\nscope = "article"\n'
LOSSES = (
    "North Korean troops who fight on the Russian side have taken 4,000 casualties, two-thirds of them killed,"
    " President Volodymyr Zelensky said in Munich.",
    '"As far as we know, North Korean losses are above four thousand," he added.',
    "Up to 12,000 North Korean soldiers were deployed to the border region last autumn.",
    "That is far more than a January estimate from South Korea's National Intelligence Service (NIS), which said that at"
    " least 300 North Korean soldiers had been killed and another 2,700 wounded.",
    "Zelensky also said that 2,000-3,000 more North Korean troops were being transferred to the front.",
)
"""The facts of a report in February 2025."""
FEBRUARY = datetime(2025, 2, 14, 13, tzinfo=timezone.utc)
NIS_WRONG = "At least 200 North Korean soldiers were killed in a month, South Korea's NIS said."
NIS_RIGHT = NIS_WRONG.replace("200", "300")
"""An edit of the same sentence."""


def strip_report(number: int) -> str:
    """A sentence of the daily reports on one series."""
    return f"The strip's health ministry said on Tuesday that {number:,} people had been killed since the war began."


class FiguresArchive(Archive):
    """Records articles and flags them, as the crawl and the flag job do."""

    def publish(
        self,
        *paragraphs: str,
        at: datetime,
        url: str = "",
        title: str = "Report",
        language: str = "en",
        wire: bool = False,
    ) -> None:
        """Record a version of an article and flag it."""
        source = WIRE if wire else SOURCE
        received = page(
            url or f"{source.home}news/{at:%m%d%H}", "\n".join(paragraphs).encode(), source=source.id, fetched_at=at
        )
        known = Timestamp(at=at - timedelta(minutes=20), offset_minutes=0, provenance="json-ld")
        read = article(*paragraphs, title=title, published=known, language=language)
        self.record_fetch(record(read, received, at=at, source=source))
        self.flag(at + timedelta(minutes=5))

    def flag(self, at: datetime, topic: Topic = TOPIC) -> None:
        """Flag everything new."""
        sync_topics(self.store.db, [topic], now=at)
        for _ in flag(
            self.store.db,
            lambda: active_topics(self.store.db, [topic]),
            now=lambda: at,
            queue_deliveries=lambda *_: None,
            found_by_pattern=lambda *_: True,
        ):
            pass


def empty_archive(folder: Path) -> FiguresArchive:
    """An archive whose topic is known but that has no article yet."""
    archive = FiguresArchive(folder, (SOURCE, WIRE))
    archive.flag(FEBRUARY - timedelta(days=60))
    return archive


@contextmanager
def figures_archive(folder: Path) -> Iterator[FiguresArchive]:
    """The archive; `folder` also gets a topics.toml with its topic."""
    (folder / "topics.toml").write_text(TOPICS_TOML, encoding="utf-8")
    archive = empty_archive(folder)
    january = FEBRUARY - timedelta(days=32)
    url = f"{WIRE.home}news/nis"
    archive.publish(NIS_WRONG, at=january, url=url, wire=True, title="Seoul counts losses")
    archive.publish(NIS_RIGHT, at=january + timedelta(hours=3), url=url, wire=True, title="Seoul counts losses")
    archive.publish(*LOSSES, at=FEBRUARY, title="Losses of North Korean troops in Russia grow")
    for day, number in enumerate((55_104, 55_207, 55_297, 55_432)):
        archive.publish(
            strip_report(number), at=FEBRUARY + timedelta(days=day + 1), title=f"Day {day + 1} of the war in the strip"
        )
    try:
        yield archive
    finally:
        archive.store.close()
