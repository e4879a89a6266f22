"""The state of each source, from sources.toml and the archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.db.open import open_archive
from crawler.archive.monitoring.source_overviews import SourceOverview, source_overviews
from crawler.config.sources import Source
from crawler.sqlite.connection import Connection, transaction
from crawler.sqlite.values import format_utc
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


def only(found: list[SourceOverview]) -> SourceOverview:
    (one,) = found
    return one


def test_without_an_archive_a_source_was_never_polled_and_is_due() -> None:
    state = only(source_overviews([SOURCE], None, now=NOW))
    assert (state.state, state.articles, state.next_due_at) == ("never polled", 0, None)
    assert [seed.url for seed in state.seeds] == [seed.url for seed in SOURCE.seeds]


def test_the_counts_are_those_of_the_last_run(db: Connection) -> None:
    crawled(db)
    state = only(source_overviews([SOURCE], db, now=NOW))
    assert (state.state, state.last_new, state.last_failed) == ("ok", 2, 3)
    assert state.last_run_at == NOW
    assert state.next_due_at == NOW + timedelta(minutes=15)
    assert state.reason == "The host's robots.txt disallows the URL"


def test_articles_and_waiting_links_are_counted(db: Connection) -> None:
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
    state = only(source_overviews([SOURCE], db, now=NOW))
    assert (state.articles, state.waiting, state.newest_at) == (1, 1, NOW)


def test_a_failed_seed_is_the_reason_of_a_failing_source(db: Connection) -> None:
    crawled(db, outcome="failed", error="HTTP 503", failures=4)
    state = only(source_overviews([SOURCE], db, now=NOW))
    assert state.state == "failing"
    assert state.reason == f"its feed failed at the last 4 polls: HTTP 503 ({SOURCE.seeds[0].url})"


def test_a_source_with_an_open_problem_is_not_ok(db: Connection) -> None:
    crawled(db)
    at = format_utc(NOW)
    insert(
        db, "problems", source_id="gazette", kind="silent", what="", since=at, evidence="none new", advice="look",
        opened_at=at,
    )  # fmt: skip
    state = only(source_overviews([SOURCE], db, now=NOW))
    assert (state.state, state.problems, state.reason) == ("silent", ("silent",), "silent: none new")


def test_a_source_is_disabled_or_retired_as_sources_toml_says(db: Connection) -> None:
    crawled(db)
    found = source_overviews([OFF], db, now=NOW)
    assert [(state.id, state.state) for state in found] == [("echo", "disabled"), ("gazette", "retired")]
