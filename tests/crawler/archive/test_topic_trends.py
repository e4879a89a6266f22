"""Spikes and silences read from the archive: alerts, coverage and the versions of topics."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from crawler.archive.topics.trends import topic_trends
from crawler.sqlite.values import format_utc
from tests.support.archives.flagged import flagged_archive

DAY = timedelta(days=1)


def test_a_topic_that_was_reported_every_day_is_silent_if_its_source_was_watched(tmp_path: Path) -> None:
    with flagged_archive(tmp_path) as found:
        db, now = found.db, found.now + 40 * DAY
        columns = [row["name"] for row in db.execute("PRAGMA table_info(revisions)") if row["name"] != "id"]
        kept = ", ".join(name for name in columns if name not in ("number", "seen_at", "published_at"))
        for number in range(60):  # three a day until two weeks ago
            at = format_utc(now - 14 * DAY - number * DAY / 3)
            db.execute(
                f"INSERT INTO revisions (number, seen_at, published_at, {kept})"
                f" SELECT ?, ?, ?, {kept} FROM revisions WHERE id = 1",
                (number + 100, at, at),
            )
            db.execute(
                "INSERT INTO alerts (topic_id, topic_version_id, kind, article_id, revision_id, created_at)"
                " SELECT 'pier', topic_version_id, 'new', 1, (SELECT max(id) FROM revisions), ? FROM alerts WHERE id = 1",
                (at,),
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
