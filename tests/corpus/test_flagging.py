"""The shipped topics on real texts: flagging, backtest and full-text search find the same articles."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.topics.versions import active_topics, sync_topics
from crawler.config.topics import Topic, load_topics
from schedules.topics.backtest import backtest
from schedules.topics.flagger import flag
from tests.support.corpus import corpus_or_skip
from tests.support.factories import Archive, article, hour, page, record

ROOT = Path(__file__).parents[2]
COUNT = 400
"""Texts of each set."""


def no_pattern(*_: str) -> bool:
    raise AssertionError("no shipped topic has a pattern")


def texts() -> list[str]:
    golds = [corpus_or_skip("articles") / name / "gold.jsonl" for name in ("fundus", "scrapinghub", "trafilatura")]
    found = [
        json.loads(line).get("text") or "" for gold in golds for line in gold.read_text(encoding="utf-8").splitlines()
    ]
    with gzip.open(corpus_or_skip("topics/muc.jsonl.gz"), "rt", encoding="utf-8") as lines:
        found += [json.loads(line)["text"] for _, line in zip(range(COUNT), lines, strict=False)]
    with gzip.open(corpus_or_skip("near_duplicates/reuters.jsonl.gz"), "rt", encoding="utf-8") as lines:
        found += [json.loads(line)["body"] for _, line in zip(range(COUNT), lines, strict=False)]
    return [text for text in found if text.strip()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    made = Archive(tmp_path_factory.mktemp("archive"))
    with made.store.transaction():
        from crawler.archive.articles.record_fetch import record_fetch

        for number, text in enumerate(texts()):
            paragraphs = [paragraph.strip() for paragraph in text.split("\n") if paragraph.strip()]
            read = article(*paragraphs, title=f"Report {number}", language=None)
            fetched = page(f"https://harbour-gazette.example/{number}", fetched_at=hour(0))
            record_fetch(made.store, record(read, fetched, at=hour(0)))
    return made


def test_live_flagging_backtest_and_search_agree_on_every_topic_and_scope(archive: Archive) -> None:
    shipped = load_topics(ROOT / "data" / "starter" / "topics.toml").topics
    topics: list[Topic] = [
        replace(topic, id=f"{topic.id}-{scope}", scope=scope)  # type: ignore[arg-type]  # one of the three
        for topic in shipped
        for scope in ("sentence", "paragraph", "article")
    ]
    db = archive.store.db
    sync_topics(db, topics, now=hour(1))
    list(
        flag(
            db,
            lambda: active_topics(db, topics),
            now=lambda: hour(1),
            found_by_pattern=no_pattern,
            queue_deliveries=lambda *_: None,
        )
    )
    live = set(archive.rows("SELECT topic_id, revision_id FROM matches"))
    tried = {
        (topic.id, match.text)
        for topic in topics
        for match in backtest(db, topic, since=None, found_by_pattern=no_pattern)
    }
    assert live == tried
    assert len(live) > 300
    for topic in topics:
        searched = {
            row[0]
            for row in db.execute(
                "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH ?", (topic.fts_of_articles,)
            )
        }
        found = {revision for topic_id, revision in live if topic_id == topic.id}
        plain = topic.scope == "article" and not topic.case_sensitive and topic.min_sentences == 1
        assert found == searched if plain else found <= searched, topic.id
