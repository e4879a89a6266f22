"""The state of each source, out of the file and the archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.db.open import open_archive
from crawler.config.sources import Source
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc
from schedules.sources.status import SourceState, span_ago, state_reasons, states
from tests.support.factories import NOW, SOURCE

OFF = Source.model_validate(
    {"id": "echo", "name": "Echo", "home": "https://e.example/", "feeds": ["https://e.example/rss"], "enabled": False}
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    opened = open_archive(tmp_path / "archive.db")
    yield opened
    opened.close()


def insert(db: Connection, table: str, **row: object) -> None:
    with transaction(db):
        marks = ", ".join("?" for _ in row)
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


def crawled(db: Connection, **seed: object) -> None:
    at = format_utc(NOW)
    insert(db, "sources", id="gazette", name="G", home="h", timezone="UTC", first_seen_at=at, updated_at=at)
    known = {
        "polled_at": at,
        "http_status": 200,
        "outcome": "new",
        "next_poll_at": format_utc(NOW + timedelta(minutes=15)),
    }
    insert(db, "seeds", source_id="gazette", kind="feed", url=SOURCE.seeds[0].url, **{**known, **seed})
    for number in (1, 2):
        insert(db, "runs", id=number, command="crawl all", started_at=at, pid=1)
        insert(
            db, "source_runs", run_id=number, source_id="gazette", started_at=at, new=number, failed=1, refused=2,
            reasons=json.dumps({"http_404": 1, "robots_disallowed": 2}),
        )  # fmt: skip


def only(found: list[SourceState]) -> SourceState:
    (one,) = found
    return one


def test_without_an_archive_nothing_was_crawled_and_all_is_due() -> None:
    state = only(states([SOURCE], None))
    assert (state.state, state.articles, state.next_due_at) == ("never crawled", 0, None)
    assert [seed.url for seed in state.seeds] == [seed.url for seed in SOURCE.seeds]


def test_the_last_run_counts(db: Connection) -> None:
    crawled(db)
    state = only(states([SOURCE], db))
    assert (state.state, state.last_new, state.last_failed) == ("ok", 2, 3)
    assert state.last_run_at == NOW
    assert state.next_due_at == NOW + timedelta(minutes=15)
    assert state.reason == "The host's robots.txt disallows the URL"


def test_articles_and_waiting_addresses_are_counted(db: Connection) -> None:
    crawled(db)
    insert(db, "queue", key="k", source_id="gazette", url="u", state="waiting", added_at=format_utc(NOW))
    insert(db, "queue", key="k2", source_id="gazette", url="u", state="dropped", added_at=format_utc(NOW))
    insert(db, "articles", id=1, source_id="gazette", key="a", url="u", first_seen_at=format_utc(NOW))
    insert(db, "articles", id=2, source_id="gazette", key="b", url="u", first_seen_at=format_utc(NOW))
    insert(
        db, "revisions", id=1, article_id=1, number=1, seen_at=format_utc(NOW), status="ok", text="t", blocks="p", words=1,
        fingerprint="f", text_sha256="s", extractor="x",
    )  # fmt: skip
    with transaction(db):
        db.execute("UPDATE articles SET latest_revision_id = 1 WHERE id = 1")
    state = only(states([SOURCE], db))
    assert (state.articles, state.waiting, state.newest_at) == (1, 1, NOW)


def test_a_way_that_fails_makes_the_source_failing_and_says_why(db: Connection) -> None:
    crawled(db, outcome="failed", error="HTTP 503", failures=4)
    state = only(states([SOURCE], db))
    assert state.state == "failing"
    assert state_reasons([state]) == [f"gazette: feed {SOURCE.seeds[0].url}: HTTP 503 (4 in a row)"]


def test_a_source_that_is_off_is_off_and_one_that_left_the_file_is_retired(db: Connection) -> None:
    crawled(db)
    found = states([OFF], db)
    assert [(state.id, state.state) for state in found] == [("echo", "off"), ("gazette", "retired")]


def test_machines_get_plain_values(db: Connection) -> None:
    crawled(db)
    reported = json.loads(json.dumps(only(states([SOURCE], db)).as_dict()))
    assert reported["last_run_at"] == format_utc(NOW)
    assert reported["seeds"][0]["http_status"] == 200


@pytest.mark.parametrize(
    ("minutes", "reported"),
    [
        (0, "now"),
        (0.5, "now"),
        (-5, "5 min ago"),
        (-125, "2 h ago"),
        (-3000, "2 d ago"),
        (45, "in 45 min"),
        (61, "in 1 h"),
    ],
)
def test_times_are_told_as_people_tell_them(minutes: float, reported: str) -> None:
    assert span_ago(NOW + timedelta(minutes=minutes), NOW) == reported
    assert span_ago(None, NOW) == "–"
