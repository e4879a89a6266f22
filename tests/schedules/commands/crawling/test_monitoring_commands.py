"""`scrapy health`, `scrapy gaps` and `scrapy monitor --once`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.sqlite.values import format_utc
from tests.support.cli import scrapy
from tests.support.factories import HOME, Archive, hour, link, poll

SOURCES = f'[gazette]\nname = "The Harbour Gazette"\nhome = "{HOME}/"\nfeeds = ["{HOME}/rss"]\nlanguage = "en"\n'


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """An archive of a source whose feed has a gap and then failed three times."""
    (tmp_path / "sources.toml").write_text(SOURCES)
    archive = Archive(tmp_path)
    archive.poll(poll(link("/news/1"), at=hour(0)))
    archive.poll(poll(link("/news/2"), link("/news/3"), at=hour(1)))
    for at in (2, 3, 4):
        archive.poll(poll(at=hour(at), status="failed", error="HTTP 503"))
    archive.store.close()
    yield tmp_path


def test_health_shows_each_problem_with_its_start_and_advice(data: Path) -> None:
    done = scrapy("health", data=data)
    assert done.returncode == 1
    assert "gazette: unreachable since 2026-03-01 14:00 UTC" in done.stdout
    assert "HTTP 503, 3 polls in a row" in done.stdout
    assert "  try: " in done.stdout
    assert "0 of 1 source OK, 1 failing." in done.stdout


def test_health_lists_each_source_that_is_not_ok_without_an_open_problem(tmp_path: Path) -> None:
    wire = SOURCES.replace("[gazette]", "[wire]").replace(HOME, "https://coastline-wire.example")
    (tmp_path / "sources.toml").write_text(SOURCES + wire)
    archive = Archive(tmp_path)
    archive.poll(poll(link("/news/1"), at=hour(0)))
    archive.poll(poll(at=hour(1), status="failed", error="HTTP 503"))
    archive.store.close()
    done = scrapy("health", data=tmp_path)
    assert done.stdout.splitlines() == [
        f"gazette: its feed failed at the last poll: HTTP 503 ({HOME}/rss)",
        "wire: never polled; `scrapy crawl wire` polls it now, `scrapy monitor` on schedule",
        "Nothing failed long enough to be reported as a problem: 0 of 2 sources OK, 1 failing, 1 never polled.",
    ]
    assert done.returncode == 0, "no problem yet"


def test_health_prints_json(data: Path) -> None:
    (problem,) = json.loads(scrapy("health", "--json", data=data).stdout)
    assert (problem["kind"], problem["since"], problem["resolved_at"]) == ("unreachable", format_utc(hour(2)), None)


def test_health_reports_a_problem_to_cron_once_a_day(data: Path) -> None:
    assert "unreachable" in scrapy("health", "--report", data=data).stdout
    again = scrapy("health", "--report", data=data)
    assert (again.stdout, again.returncode) == ("", 1)
    assert "unreachable" in scrapy("health", data=data).stdout


def test_gaps_shows_each_gap_with_the_estimated_missed_articles(data: Path) -> None:
    done = scrapy("gaps", data=data)
    assert done.returncode == 1
    assert "gazette: 2026-03-01 12:00 to 2026-03-01 13:00 UTC, an unknown number possibly missed: open" in done.stdout
    reported = json.loads(scrapy("gaps", "gazette", "--json", data=data).stdout)
    assert [gap["state"] for gap in reported["gaps"]] == ["open"]
    assert reported["sources"][0]["source"] == "gazette"


def test_gaps_of_an_unknown_source_suggests_a_name(data: Path) -> None:
    done = scrapy("gaps", "gazete", data=data)
    assert done.returncode == 2
    assert "gazette" in done.stderr


@pytest.mark.parametrize("command", ["health", "gaps"])
def test_without_an_archive_the_commands_say_how_to_create_one(command: str, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(SOURCES)
    done = scrapy(command, data=tmp_path)
    assert done.returncode == 3
    assert "scrapy crawl all" in done.stderr


def test_monitor_once_with_a_damaged_archive_is_reported_in_one_line(data: Path) -> None:
    with sqlite3.connect(data / "archive.db") as db:
        db.execute("DROP TABLE job_runs")
    db.close()
    done = scrapy("monitor", "--once", data=data)
    assert done.returncode == 3
    assert "archive.db: cannot be used (no such table: " in done.stderr
    assert "Traceback" not in done.stderr
