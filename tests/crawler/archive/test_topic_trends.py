"""Spikes and silences read from the archive: alerts, coverage and the versions of topics."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawler.archive.topics.trends import topic_trends
from crawler.sqlite.connection import Connection
from crawler.sqlite.rows import insert_row
from crawler.sqlite.values import format_utc
from tests.support.archives.flagged import flagged_archive

DAY = timedelta(days=1)


def copied(db: Connection, table: str, **values: object) -> int:
    """Insert a copy of row 1 with other values; returns its ID."""
    row = dict(db.execute(f"SELECT * FROM {table} WHERE id = 1").fetchone()) | values
    del row["id"]
    return insert_row(db, table, row)


def test_a_topic_that_was_reported_every_day_is_silent_if_its_source_was_watched(tmp_path: Path) -> None:
    with flagged_archive(tmp_path) as found:
        db, now = found.db, found.now + 40 * DAY
        for number in range(60):  # three a day until two weeks ago; each second article has no time of its own
            at = format_utc(now - 14 * DAY - number * DAY / 3)
            article = copied(db, "articles", key=f"report {number}", published_at=at if number % 2 else None)
            copied(
                db,
                "alerts",
                article_id=article,
                revision_id=copied(db, "revisions", number=number + 100),
                created_at=at,
            )
        assert topic_trends(db, now=now) == [], "no coverage: nobody watched"
        db.execute(
            "INSERT INTO coverage (source_id, seed_id, from_at, until_at, state)"
            " SELECT source_id, id, ?, ?, 'complete' FROM seeds WHERE source_id = 'gazette'",
            (format_utc(now - 60 * DAY), format_utc(now)),
        )
        (silence,) = topic_trends(db, now=now)
        assert str(silence).startswith("Silence in Pier: no new report since ")
        assert topic_trends(db, ["another"], now=now) == []
        db.execute("UPDATE coverage SET until_at = ?", (format_utc(now - 14 * DAY),))
        assert topic_trends(db, now=now) == []
