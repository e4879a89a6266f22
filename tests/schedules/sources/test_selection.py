"""Which sources, URLs and rechecks are due, also after the clock of this machine ran ahead and was corrected."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from crawler.archive.crawl.due import sources_with_work
from crawler.archive.crawl.hosts import record_retry_after, retry_afters
from crawler.archive.crawl.queue import due_rechecks, seed_states, waiting
from crawler.http.robotstxt import StoredRobots, is_fresh
from crawler.models import RetryAfter
from schedules.sources.selection import due_sources
from spiders.responses import validators
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, hour, link, page, poll, record

POLL_INTERVAL = timedelta(minutes=15)
AHEAD = 30 * 24
"""Hours by which the clock was ahead."""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def is_due(archive: Archive, now: datetime) -> bool:
    return due_sources([SOURCE], archive.store.db, now=now) == [SOURCE]


def test_a_source_is_due_when_its_seed_is(archive: Archive) -> None:
    assert is_due(archive, NOW)
    archive.poll(poll(poll_interval=POLL_INTERVAL))
    assert not is_due(archive, hour(0.1))
    assert is_due(archive, hour(2))


def test_a_seed_that_was_polled_in_the_future_is_due_now(archive: Archive) -> None:
    archive.poll(poll(poll_interval=POLL_INTERVAL, at=hour(AHEAD)))
    assert is_due(archive, hour(1))
    (state,) = seed_states(archive.store.db, "gazette").values()
    assert state.is_due(hour(1))
    archive.poll(poll(poll_interval=POLL_INTERVAL, at=hour(1)))
    assert not is_due(archive, hour(1.1)), "the next poll corrects the time"


def test_after_a_poll_with_the_corrected_clock_a_coverage_interval_does_not_end_before_it_begins(
    archive: Archive,
) -> None:
    archive.poll(poll(link(), poll_interval=POLL_INTERVAL, at=hour(AHEAD)))
    archive.poll(poll(link(), poll_interval=POLL_INTERVAL, at=hour(1)))
    assert archive.rows("SELECT from_at, until_at FROM coverage") == [("2026-03-01T13:00:00Z", "2026-03-01T13:00:00Z")]


def test_a_url_whose_next_try_is_too_far_in_the_future_is_tried_now(archive: Archive) -> None:
    archive.poll(poll(link()))
    key = archive.value("SELECT key FROM queue")
    archive.record_fetch(
        record(link=link(), queue_key=key, status="failed", reason="no response in time", at=hour(AHEAD))
    )
    assert sources_with_work(archive.store.db, now=hour(1)) == {"gazette"}
    assert [entry.key for entry in waiting(archive.store.db, "gazette", now=hour(1), limit=9)] == [key]
    archive.record_fetch(record(link=link(), queue_key=key, status="failed", reason="no response in time", at=hour(1)))
    assert sources_with_work(archive.store.db, now=hour(1.1)) == set()
    assert waiting(archive.store.db, "gazette", now=hour(1.1), limit=9) == []


def test_an_article_that_was_fetched_in_the_future_is_rechecked_as_often_as_others(archive: Archive) -> None:
    archive.record_fetch(record(article(), at=hour(AHEAD)))
    seen = []
    for at in range(AHEAD):
        if due_rechecks(archive.store.db, "gazette", now=hour(at), limit=9):
            assert sources_with_work(archive.store.db, now=hour(at)) == {"gazette"}
            archive.record_fetch(record(article(), page(body=b"%d" % at), at=hour(at), run_id=None))
            seen.append(at)
    assert len(seen) == 6


def test_a_revision_that_is_fetched_with_the_corrected_clock_is_the_latest(archive: Archive) -> None:
    archive.record_fetch(record(article(), at=hour(AHEAD)))
    edited = record(article("Ten members voted."), page(body=b"2"), at=hour(1), run_id=1)
    assert archive.record_fetch(edited).outcome == "revised"


def test_a_retry_after_that_was_recorded_in_the_future_is_ignored(archive: Archive) -> None:
    with archive.store.transaction():
        record_retry_after(
            archive.store, "gazette.example", RetryAfter(until=hour(AHEAD + 1), reason="HTTP 429"), hour(AHEAD)
        )
    assert retry_afters(archive.store.db, now=hour(1)) == {}
    current = RetryAfter(until=hour(2), reason="HTTP 503")
    with archive.store.transaction():
        record_retry_after(archive.store, "gazette.example", current, hour(1))
    assert retry_afters(archive.store.db, now=hour(1)) == {"gazette.example": current}


def test_validators_and_robots_txt_that_were_stored_in_the_future_are_not_used(archive: Archive) -> None:
    archive.poll(poll(link(), poll_interval=POLL_INTERVAL, at=hour(AHEAD), etag='"v1"'))
    state = seed_states(archive.store.db, "gazette")[f"{HOME}/rss"]
    assert validators(state, now=hour(AHEAD + 1), full_after=timedelta(days=1)) == {"If-None-Match": '"v1"'}
    assert validators(state, now=hour(1), full_after=timedelta(days=1)) == {}
    assert not is_fresh(StoredRobots(http_status=200, body=b"", fetched_at=hour(AHEAD)), hour(1))
    assert is_fresh(StoredRobots(http_status=200, body=b"", fetched_at=NOW.astimezone(timezone.utc)), hour(1))
