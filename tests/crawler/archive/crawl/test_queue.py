"""Queries for waiting links and due rechecks."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.archive.crawl.due import sources_with_work
from crawler.archive.crawl.queue import due_rechecks
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
