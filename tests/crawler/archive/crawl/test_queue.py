"""Queries for waiting links and due rechecks."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.due import sources_with_work
from crawler.archive.crawl.polls import record_poll
from crawler.archive.crawl.queue import due_rechecks
from crawler.config.sources import Source
from crawler.models import Link, ResponseStatus, Timestamp
from crawler.sqlite.values import format_utc
from tests.support.factories import HOME, SOURCE, Archive, article, feed_text, hour, link, page, poll, record


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_source_has_work_when_a_recheck_of_one_of_its_articles_is_due(archive: Archive) -> None:
    archive.record_fetch(record(article()))
    db = archive.store.db
    assert sources_with_work(db, now=hour(0)) == set()
    assert sources_with_work(db, now=hour(1000)) == {SOURCE.id}
    archive.record_fetch(record(None, page(status=410), at=hour(1)))
    assert sources_with_work(db, now=hour(1)) == set()


def test_a_source_has_work_while_one_of_its_links_waits(archive: Archive) -> None:
    archive.poll(poll(link("/news/ferries-run-again")))
    assert sources_with_work(archive.store.db, now=hour(0)) == {SOURCE.id}


def test_the_recheck_that_is_due_longest_comes_first(archive: Archive) -> None:
    for number in (2, 1, 3):
        archive.record_fetch(
            record(article(f"Report {number}."), page(f"{HOME}/news/report-{number}"), at=hour(number))
        )
    due = due_rechecks(archive.store.db, SOURCE.id, now=hour(1000), limit=2)
    assert [recheck.url for recheck in due] == [f"{HOME}/news/report-1", f"{HOME}/news/report-2"]
    assert due_rechecks(archive.store.db, SOURCE.id, now=hour(0), limit=2) == []


def test_an_article_whose_page_already_waits_is_requested_once(archive: Archive) -> None:
    archive.poll(poll(link("/news/ferries-run-again")))
    key = archive.value("SELECT key FROM queue")
    archive.record_fetch(
        feed_text(article("Ferries run again."), queue_key=key, link=link("/news/ferries-run-again"), link_id=1)
    )
    db = archive.store.db
    assert archive.rows("SELECT state, article_id FROM queue") == [("waiting", 1)]
    assert due_rechecks(db, SOURCE.id, now=hour(1000), limit=2) == []
    db.execute("UPDATE queue SET next_try_at = ?", (format_utc(hour(1001)),))
    assert sources_with_work(db, now=hour(1000)) == set()
    db.execute("UPDATE queue SET state = 'dropped'")
    assert len(due_rechecks(db, SOURCE.id, now=hour(1000), limit=2)) == 1


def test_the_query_for_due_rechecks_reads_only_due_articles(archive: Archive) -> None:
    db = archive.store.db
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    due_rechecks(db, SOURCE.id, now=hour(1), limit=10)
    sources_with_work(db, now=hour(1))
    db.set_trace_callback(None)
    steps = [row["detail"] for sql in asked for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]
    articles = [step for step in steps if " articles " in step]
    assert articles
    assert all("next_check_at<?" in step or "next_check_at>?" in step for step in articles), articles


STRANGER = Source.model_validate(
    {"id": "stranger", "name": "Stranger", "home": "https://other.example/", "feeds": ["https://other.example/rss"]}
)


@pytest.fixture
def two_sources(tmp_path: Path) -> Archive:
    return Archive(tmp_path, (SOURCE, STRANGER))


PATHS = [f"/news/report-{number}" for number in range(4)]
STRANGE_LINKS = st.builds(
    Link,
    url=st.one_of(st.sampled_from([HOME + path for path in PATHS]), st.just("https://other.example/a")),
    via=st.just("https://other.example/rss"),
    title=st.none() | st.text(max_size=9),
    guid=st.none() | st.sampled_from(["1", HOME]),
    published=st.none() | st.builds(Timestamp, at=st.sampled_from([hour(-9_000), hour(0), hour(9_000)]), provenance=st.just("feed")),
)  # fmt: skip


class Undone(Exception):  # noqa: N818 -- ends a transaction that is not to be committed
    pass


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(STRANGE_LINKS, max_size=5, unique_by=lambda one: one.url),
    st.sampled_from([ResponseStatus.REFUSED, ResponseStatus.FAILED]),
    st.integers(0, 6),
    st.sampled_from([None, -90_000, 90_000]),
    st.sampled_from(["url", "both"]),
)
def test_links_dates_and_failures_of_one_source_change_nothing_for_another(
    two_sources: Archive, links: list[Link], status: ResponseStatus, fetches: int, ahead: int | None, identity: str
) -> None:
    own = poll(
        *(link(path, guid=f"guid of {path}", title=path) for path in PATHS),
        source=SOURCE.model_copy(update={"identity": identity}),
    )
    strange = poll(*links, source=STRANGER, seed_url="https://other.example/rss", ahead_seconds=ahead)
    seen = []
    for first in (replace(strange, links=()), strange):
        with contextlib.suppress(Undone), two_sources.store.transaction():
            outcome = record_poll(two_sources.store, first)
            for entry in outcome.fresh * fetches:
                fetch = record(source=STRANGER, url=entry.url, status=status, queue_key=entry.key, reason="no")
                record_fetch(two_sources.store, fetch)
            fresh = record_poll(two_sources.store, own).fresh
            seen.append([[entry.url for entry in fresh], *map(two_sources.rows, STATE_OF_GAZETTE)])
            raise Undone
    assert seen[0] == seen[1]


STATE_OF_GAZETTE = (
    "SELECT key, url, state, attempts, next_try_at FROM queue WHERE source_id = 'gazette' ORDER BY key",
    "SELECT polls.outcome, items, known, oldest_at, newest_at FROM polls JOIN seeds ON seeds.id = seed_id"
    " WHERE source_id = 'gazette'",
    "SELECT next_poll_at, failures, error FROM seeds WHERE source_id = 'gazette'",
)
