"""Pruning removes what is too old, never what an alert refers to, and leaves an archive that verifies."""

from __future__ import annotations

import gzip
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.evidence.daily_roots import record_daily_root
from crawler.archive.maintenance.backup import back_up
from crawler.archive.maintenance.integrity import check_archive, pruned_totals
from crawler.archive.retention.forget import erase_unused_bytes
from crawler.archive.retention.prunable import prunable_totals
from crawler.archive.retention.prune import PruneResult, prune
from crawler.archive.storage.warc_records import read_stored_page
from crawler.config.retention import FOREVER, RetentionPolicy
from crawler.exceptions import PrunedPageError
from tests.support.archives.evidence import at, daily_archive
from tests.support.factories import HOME, Archive, article, link, page, poll, record

LATER = at(200)
DAY = timedelta(days=1)


def policy(
    *, by_topic: Mapping[str, timedelta] | None = None, by_source: Any = None, **kept: timedelta
) -> RetentionPolicy:
    """Everything is kept for ever but what is named."""
    defaults: dict[Any, timedelta] = {kind: kept.get(kind, FOREVER) for kind in ("pages", "texts", "polls", "fetches")}
    return RetentionPolicy(
        defaults=defaults,
        job_runs=kept.get("job_runs", FOREVER),
        runs=kept.get("runs", FOREVER),
        by_source=by_source or {},
        by_topic=by_topic or {},
    )


def edited_archive(folder: Path) -> Archive:
    """Two articles without alerts, each with three versions of consecutive days, and the daily roots of these days."""
    archive = Archive(folder)
    for day in range(1, 4):
        record_daily_root(archive.store.db, now=at(day, 2))
        for number in range(2):
            url = f"{HOME}/news/{number}"
            text = f"Ferries run again on line {number}, quillibrax {day}."
            archive.record_fetch(
                record(
                    article(text, lead=f"Lead {day}."),
                    page(url, f"<p>{text}</p>{'x' * 400 * day}".encode()),
                    at=at(day),
                )
            )
    record_daily_root(archive.store.db, now=at(4, 2))
    return archive


def run(archive: Archive, what: RetentionPolicy, now: datetime = LATER, **options: Any) -> PruneResult:
    return prune(archive.store.db, archive.warc, what, now=now, **options)


def faults(archive: Archive) -> list[str]:
    return [str(one) for one in check_archive(archive.store.db, archive.warc)]


def test_raw_pages_are_removed_by_age_and_the_archive_still_verifies(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    done = run(archive, policy(pages=10 * DAY), now=at(12))
    assert archive.rows("SELECT id, pruned_at IS NOT NULL FROM pages") == [
        (1, 1),
        (2, 1),
        (3, 0),
        (4, 0),
        (5, 0),
        (6, 0),
    ]
    assert (done.counts, done.freed > 0) == ({"pages": 2}, True)
    assert faults(archive) == []
    assert pruned_totals(archive.store.db) == "pruned: 2 raw pages, the last on 2026-11-12"
    assert read_stored_page(archive.store.db, archive.warc, 4).body.startswith(b"<p>Ferries run again on line 1")
    with pytest.raises(PrunedPageError, match="raw page 1 was pruned on 2026-11-12; its hash is kept"):
        read_stored_page(archive.store.db, archive.warc, 1)
    assert run(archive, policy(pages=DAY)).counts == {"pages": 4}
    assert list(archive.warc.iterdir()) == []
    assert faults(archive) == []


def test_texts_of_replaced_versions_are_removed_from_rows_and_index_and_current_ones_stay(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    assert run(archive, policy(texts=10 * DAY), now=at(12, 13)).counts == {"texts": 2}, (
        "a version counts from its replacement on"
    )
    assert run(archive, policy(texts=10 * DAY)).counts == {"texts": 2}
    rows = archive.rows(
        "SELECT number, text = '', lead, text_pruned_at IS NOT NULL FROM revisions WHERE article_id = 1"
    )
    assert rows == [(1, 1, None, 1), (2, 1, None, 1), (3, 0, "Lead 3.", 0)]
    found = archive.rows("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'quillibrax'")
    assert found == [(5,), (6,)]
    assert len(archive.rows("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'council'")) == 6, "titles stay"
    assert faults(archive) == []


def test_nothing_of_pruned_texts_and_pages_is_left_in_any_file_after_erasing(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path / "data")
    run(archive, policy(texts=DAY, pages=190 * DAY), now=at(193, 12))
    erase_unused_bytes(archive.store.db)
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    found = {
        trace: sum(content.count(trace) for content in contents(tmp_path))
        for trace in (b"quillibrax 1", b"quillibrax 2", b"quillibrax 3", b"Lead 2.")
    }
    assert found.pop(b"quillibrax 3") > 0, "the current versions are there"
    assert set(found.values()) == {0}
    assert faults(archive) == []


def contents(folder: Path) -> Iterator[bytes]:
    """Each file, WARC files decompressed."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_a_segmented_text_is_removed_too(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for day, text in ((1, "戦争が始まった"), (2, "戦争が終わった")):
        archive.record_fetch(record(article(text, language="ja"), at=at(day)))
    run(archive, policy(texts=DAY))
    assert archive.rows("SELECT text <> '' FROM revision_segments ORDER BY revision_id") == [(0,), (1,)]
    assert faults(archive) == []


def test_a_version_that_claims_to_be_pruned_but_has_a_text_is_a_fault(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    archive.store.db.execute(
        "UPDATE revisions SET text = 'forged', text_pruned_at = '2026-11-02T00:00:00Z' WHERE id = 1"
    )
    assert any("is marked as pruned, but has a text" in fault for fault in faults(archive))


def test_evidence_of_alerts_is_kept_unless_its_topic_says_for_how_long(tmp_path: Path) -> None:
    archive = daily_archive(tmp_path)
    everything = policy(pages=DAY, texts=DAY)
    run(archive, everything)
    lost = (
        "SELECT count(*) FROM alerts a JOIN revisions r ON r.id IN (a.revision_id, a.previous_revision_id)"
        " JOIN pages p ON p.id = r.page_id WHERE (p.pruned_at IS NOT NULL OR r.text_pruned_at IS NOT NULL)"
        " AND a.created_at >= ?"
    )
    assert archive.value(lost, "") == 0
    assert faults(archive) == []
    run(archive, policy(pages=DAY, texts=DAY, by_topic={"pier": 190 * DAY}), now=at(193))
    assert archive.value(lost, "2026-11-03T12") == 0
    assert archive.value(lost, "") > 0
    assert faults(archive) == []


def test_a_version_is_kept_until_every_topic_has_compared_it_with_the_next_one(tmp_path: Path) -> None:
    archive = daily_archive(tmp_path, days=1, per_day=1)
    for day in (2, 3):
        archive.record_fetch(record(article(f"Ferries, {day}."), page(f"{HOME}/news/ferries"), at=at(day)))
    assert run(archive, policy(texts=DAY)).counts == {}
    archive.store.db.execute("UPDATE topic_versions SET cursor = (SELECT max(id) FROM revisions)")
    assert run(archive, policy(texts=DAY)).counts == {"texts": 1}


def test_polls_and_fetches_that_found_nothing_go_and_those_that_did_stay(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link("/news/one", title="One"), at=at(1)))
    archive.poll(poll(link("/news/one", title="One"), at=at(2)))
    archive.poll(poll(at=at(3), status="failed", error="HTTP 500"))
    archive.record_fetch(record(article(), at=at(1)))
    archive.record_fetch(record(article(), at=at(2)))
    archive.store.db.execute(
        "INSERT INTO job_runs (name, due_at, started_at, late_seconds) VALUES ('flag', ?1, ?1, 0)",
        ("2026-11-01T00:00:00Z",),
    )
    totals = prunable_totals(archive.store.db, policy(polls=30 * DAY, fetches=30 * DAY, job_runs=30 * DAY), LATER, 0)
    assert {key: count for key, (count, _) in totals.rows.items()} == {
        ("gazette", "polls"): 2,
        ("gazette", "fetches"): 1,
        ("", "job runs"): 1,
    }
    done = run(archive, policy(polls=30 * DAY, fetches=30 * DAY, job_runs=30 * DAY))
    assert done.counts == {"polls": 2, "fetches": 1, "job runs": 1}
    assert archive.rows("SELECT id FROM polls") == [(1,)]
    assert archive.rows("SELECT outcome FROM fetches") == [("new",)]
    assert faults(archive) == []


def test_a_source_can_keep_things_longer_than_the_others(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    kept = policy(pages=DAY, by_source={"gazette": {"pages": FOREVER}})
    assert run(archive, kept) == PruneResult(counts={})
    assert prunable_totals(archive.store.db, kept, LATER, 0).rows == {}


def test_a_file_is_written_anew_only_if_enough_of_it_goes(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    what = policy(pages=10 * DAY)
    assert run(archive, what, now=at(12), least_share=0.9).counts == {}
    assert prunable_totals(archive.store.db, what, at(12), 0.9).waiting_pages == 2
    totals = prunable_totals(archive.store.db, what, at(12), 0.1)
    assert totals.rows["gazette", "pages"][0] == 2
    assert run(archive, what, now=at(12), least_share=0.1).counts == {"pages": 2}


def test_the_announced_bytes_are_the_freed_ones(tmp_path: Path) -> None:
    archive = edited_archive(tmp_path)
    announced = prunable_totals(archive.store.db, policy(pages=10 * DAY), at(12), 0).rows["gazette", "pages"][1]
    before = sum(path.stat().st_size for path in archive.warc.iterdir())
    done = run(archive, policy(pages=10 * DAY), now=at(12))
    assert announced == done.freed == before - sum(path.stat().st_size for path in archive.warc.iterdir())


def test_a_kill_at_any_moment_loses_nothing_else_and_the_next_run_finishes(tmp_path: Path) -> None:
    what = policy(pages=10 * DAY + DAY / 2, texts=10 * DAY)
    for moment in (0, 4, 10, 18, 28, 40):
        folder = tmp_path / str(moment)
        archive = edited_archive(folder)
        archive.store.db.close()
        child = os.fork()
        if not child:
            killed = Archive(folder)
            left = [moment]

            def die(frame: Any, event: str, _: Any, left: list[int] = left) -> Any:
                if "retention" in frame.f_code.co_filename or "warc_rewrite" in frame.f_code.co_filename:
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                return None

            sys.settrace(die)
            run(killed, what, now=at(12, 13))
            os._exit(0)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"it ended before call {moment}"
        archive = Archive(folder)
        assert faults(archive) == [], f"killed at call {moment}"
        run(archive, what, now=at(12, 13))
        assert archive.value("SELECT count(*) FROM pages WHERE pruned_at IS NOT NULL") == 2
        assert archive.value("SELECT count(*) FROM revisions WHERE text_pruned_at IS NOT NULL") == 2
        assert archive.value("SELECT count(*) FROM warc_erasures") == 0
        assert faults(archive) == []
        archive.store.close()


def test_old_runs_go_and_the_sums_of_their_requests_stay(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link(), at=at(1)))
    db = archive.store.db
    source = archive.value("SELECT id FROM sources LIMIT 1")
    with archive.store.transaction():
        for run in range(101, 105):
            at_text = f"2026-03-01T00:00:{run - 100:02}Z"
            db.execute("INSERT INTO runs VALUES (?, 'crawl all', ?, ?, 1, 0)", (run, at_text, at_text))
            db.execute(
                "INSERT INTO source_runs (run_id, source_id, started_at, requests, failed, blocked) VALUES (?, ?, ?, 10, 2, 1)",
                (run, source, at_text),
            )
        db.execute("UPDATE polls SET run_id = 101")
        db.execute("DELETE FROM runs WHERE id < 101")
    old = policy(runs=DAY)
    totals = prunable_totals(db, old, LATER, 0.2).rows
    assert totals[source, "source runs"][0] == 3
    assert totals["", "runs"][0] == 2  # a poll belongs to the first one, the last is the latest

    done = prune(db, archive.warc, old, now=LATER)
    assert done.counts == {"runs": 2, "source runs": 3}
    assert archive.rows("SELECT requests, failures FROM pruned_source_runs") == [(30, 9)]
    assert archive.value("SELECT count(*) FROM source_runs") == 1
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert prune(db, archive.warc, old, now=LATER) == PruneResult(counts={})
