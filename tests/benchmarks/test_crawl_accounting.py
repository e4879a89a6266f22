"""The crawl benchmarks count lost, repeated and unaccounted pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2 as sqlite3

from benchmarks.crawl import Round, account, figures
from benchmarks.kill.crawl import committed, missing_and_double
from benchmarks.support.timing import Cost
from crawler.archive.schema.initial import INITIAL

AT = "2026-11-23T13:00:00Z"
URL = "http://127.30.0.1:1/story/a.html"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[tuple[Path, Any]]:
    db = sqlite3.connect(tmp_path / "archive.db", isolation_level=None)
    db.executescript(INITIAL)
    yield tmp_path / "archive.db", db
    db.close()


def article(db: Any, number: int, url: str, *, revisions: int = 1) -> None:
    for version in range(1, revisions + 1):
        db.execute(
            "INSERT INTO revisions"
            " (article_id, number, seen_at, status, text, blocks, words, fingerprint, text_sha256, extractor)"
            " VALUES (?, ?, ?, 'ok', 'x', 'p', 1, 'f', 's', '1')",
            (number, version, AT),
        )
    latest = db.execute("SELECT max(id) FROM revisions").fetchone()[0] if revisions else None
    db.execute(
        "INSERT INTO articles (id, source_id, key, url, first_seen_at, latest_revision_id) VALUES (?, 'o', ?, ?, ?, ?)",
        (number, f"key{number}", url, AT, latest),
    )
    db.execute("INSERT INTO article_urls VALUES (?, ?, ?, 'link', ?, '')", (f"key{number}", url, number, AT))


def fetch(db: Any, outcome: str, reason: str | None) -> None:
    db.execute(
        "INSERT INTO fetches (source_id, url, at, outcome, reason) VALUES ('o', ?, ?, ?, ?)", (URL, AT, outcome, reason)
    )


def test_an_article_with_a_text_counts_as_stored(archive: tuple[Path, Any]) -> None:
    path, db = archive
    article(db, 1, URL)
    assert account(path, [URL]) == (Counter(stored=1), ())


def test_an_article_without_a_text_is_unaccounted_for(archive: tuple[Path, Any]) -> None:
    path, db = archive
    article(db, 1, URL, revisions=0)
    assert account(path, [URL])[1] == (URL,)


@pytest.mark.parametrize(
    ("outcome", "reason", "named"),
    [("empty", None, True), ("failed", "timed out", True), ("failed", None, False), ("new", None, False)],
)
def test_a_failed_page_is_accounted_for_only_with_a_reason(
    archive: tuple[Path, Any], outcome: str, reason: str | None, named: bool
) -> None:
    path, db = archive
    fetch(db, outcome, reason)
    assert account(path, [URL])[1] == (() if named else (URL,))


def test_a_page_that_waits_in_the_queue_is_unaccounted_for(archive: tuple[Path, Any]) -> None:
    path, db = archive
    db.execute("INSERT INTO queue (key, source_id, url, state, added_at) VALUES ('k', 'o', ?, 'waiting', ?)", (URL, AT))
    assert account(path, [URL])[1] == (URL,)


def test_a_page_that_is_not_in_the_archive_is_unaccounted_for(archive: tuple[Path, Any]) -> None:
    assert account(archive[0], [URL]) == (Counter(unaccounted=1), (URL,))


def test_the_kill_benchmark_finds_a_lost_page_a_second_article_and_a_second_revision(archive: tuple[Path, Any]) -> None:
    path, db = archive
    article(db, 1, URL)
    assert missing_and_double(path.parent, [URL]) == ([], [])
    assert missing_and_double(path.parent, [URL, "http://127.30.0.1:1/lost"])[0] == ["http://127.30.0.1:1/lost"]
    article(db, 2, URL, revisions=2)
    twice = missing_and_double(path.parent, [URL])[1]
    assert len(twice) == 3  # the URL, the article, and more articles than pages


def test_the_kill_benchmark_finds_a_changed_row(archive: tuple[Path, Any]) -> None:
    path, db = archive
    article(db, 1, URL)
    before = committed(path.parent)
    assert len(before) == 1 and before <= committed(path.parent)
    db.execute("UPDATE revisions SET text_sha256 = 'other'")
    assert before - committed(path.parent) == before


def test_ratios_are_calculated_from_medians_and_unaccounted_pages_are_the_maximum() -> None:
    def done(who: str, wall: float, cpu: float, lost: int = 0) -> Round:
        cost = Cost(wall=wall, cpu=cpu, peak_mb=100, status=0)
        return Round(who=who, cost=cost, articles=100, unaccounted=("x",) * lost, outcomes=Counter())

    rounds = [
        done("ours", 2, 3),
        done("naive", 5, 5),
        done("ours", 2, 3, lost=2),
        done("naive", 5, 5),
        done("fetch", 1, 1),
    ]
    result = figures(rounds)
    assert result["fetch_only_ratio"] == 0.2
    assert (result["throughput_ratio"], result["cpu_ratio"], result["unaccounted_pages"]) == (2.5, 0.6, 2)
