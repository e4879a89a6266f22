"""Stored robots.txt files: what is kept, and for how long."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.crawl.hosts import (
    MAX_ROBOTS_BYTES,
    ROBOTS_KEPT_FOR,
    ROBOTS_PER_DOMAIN,
    record_robots,
    stored_robots,
)
from crawler.http.robotstxt import MAX_BYTES, STALE_AFTER, parse_robots
from crawler.models import StoredRobots
from tests.support.factories import NOW, Archive, hour

RULES = b"User-agent: *\nDisallow: /private\n"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def keep(archive: Archive, origin: str, body: bytes = RULES, *, hours: float = 0, status: int | None = 200) -> None:
    with archive.store.transaction() as store:
        record_robots(store, origin, StoredRobots(http_status=status, body=body, fetched_at=hour(hours)))


@pytest.mark.parametrize(("status", "body"), [(200, RULES), (404, b""), (None, b""), (200, b"\xff\xfe\x00")])
def test_a_stored_robots_txt_is_read_as_it_was_received(archive: Archive, status: int | None, body: bytes) -> None:
    keep(archive, "https://gazette.example", body, status=status)
    expected = StoredRobots(http_status=status, body=body, fetched_at=NOW)
    assert stored_robots(archive.store.db, "https://gazette.example") == expected


def test_a_long_robots_txt_is_stored_compressed_up_to_the_length_that_is_parsed(archive: Archive) -> None:
    keep(archive, "https://gazette.example", RULES + b"Disallow: /a\n" * 200_000)
    stored = stored_robots(archive.store.db, "https://gazette.example")
    assert stored is not None
    assert len(stored.body) == MAX_ROBOTS_BYTES == MAX_BYTES + 1
    assert archive.value("SELECT length(body) FROM robots") < 20_000
    assert parse_robots(stored.body).refusal("https://gazette.example/private/1") is not None


def test_a_domain_with_any_number_of_subdomains_keeps_only_the_newest(archive: Archive) -> None:
    incompressible = random.Random(16).randbytes(100_000)
    keep(archive, "https://other.example")
    for number in range(60):
        keep(archive, f"https://s{number}.gazette.example", incompressible, hours=number / 60)
    keep(archive, "https://s3.gazette.example", hours=-1)  # just received, although the clock was set back
    kept = [origin for (origin,) in archive.rows("SELECT origin FROM robots WHERE domain = 'gazette.example'")]
    newest = [f"https://s{number}.gazette.example" for number in range(61 - ROBOTS_PER_DOMAIN, 60)]
    assert sorted(kept) == sorted([*newest, "https://s3.gazette.example"])
    assert stored_robots(archive.store.db, "https://other.example") is not None


def test_a_robots_txt_that_is_not_used_for_a_month_is_deleted(archive: Archive) -> None:
    assert ROBOTS_KEPT_FOR >= STALE_AFTER
    keep(archive, "https://gone.example")
    keep(archive, "https://recent.example", hours=24)
    keep(archive, "https://gazette.example", hours=(ROBOTS_KEPT_FOR + timedelta(hours=1)) / timedelta(hours=1))
    assert archive.rows("SELECT origin FROM robots ORDER BY origin") == [
        ("https://gazette.example",),
        ("https://recent.example",),
    ]


def test_a_damaged_robots_txt_is_fetched_again(archive: Archive) -> None:
    keep(archive, "https://gazette.example")
    archive.store.db.execute("UPDATE robots SET body = x'00ff'")
    assert stored_robots(archive.store.db, "https://gazette.example") is None
