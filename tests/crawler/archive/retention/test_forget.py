"""An article that is removed leaves nothing in any file, does not come back, and takes nothing else with it."""

from __future__ import annotations

import os
import random
import signal
import sys
import zlib
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.db.open import open_existing
from crawler.archive.db.seals import seal_row
from crawler.archive.delivery.outbox import sha256
from crawler.archive.maintenance.backup import back_up
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.retention.forget import finish_removals, forget, planned_removal
from crawler.archive.storage.warc_records import read_stored_page
from crawler.exceptions import NotFoundError
from crawler.models import FetchStatus
from crawler.reasons import ReasonCode
from crawler.sqlite.values import format_utc
from tests.support.archives.evidence import daily_archive
from tests.support.archives.figures import FEBRUARY, LOSSES, empty_archive
from tests.support.archives.flagged import flagged_archive
from tests.support.factories import HOME, NOW, Archive, article, feed_text, hour, link, page, poll, record

SECRET_URL = f"{HOME}/news/zebrafinch-lane"
TITLE = "Resident of Zebrafinch Lane named in the inquiry"
SECRET = "Quillibrax of 14 Zebrafinch Lane was seen at the pier on Tuesday."
TRACES = (b"quillibrax", b"zebrafinch")
REMOVED_AT = hour(100)


def filled(folder: Path) -> Archive:
    """Five articles of one outlet, the third of which is the one to be removed: two versions, a feed entry, a mail."""
    archive = Archive(folder)
    entry = link("/news/zebrafinch-lane", title=TITLE, summary=SECRET)
    archive.poll(poll(link("/news/other", title="Other"), entry, at=NOW))
    for number in range(5):
        url = SECRET_URL if number == 2 else f"{HOME}/news/{number}"
        for version in range(2):
            text = f"{SECRET} Version {version}." if number == 2 else f"Ferries run again on line {number}, {version}."
            body = f"<html>{url} {text} {'x' * 3000}</html>".encode()
            read = article(text, title=TITLE if number == 2 else f"Ferries on line {number}")
            archive.record_fetch(record(read, page(url, body), at=hour(number + version / 2)))
    mail = EmailMessage()
    mail.set_content(f"{TITLE}\n\n{SECRET}", cte="base64")
    archive.store.db.execute(
        "INSERT INTO outbox (digest_id, recipient, period, subject, message_id, content, content_sha256, state, created_at,"
        " sent_at) VALUES ('daily', 'desk@example.org', '2026-03-01T07:30', 'One story', 'a@b', ?, ?, 'sent', ?, ?)",
        (mail.as_bytes(), sha256(mail.as_bytes()), format_utc(NOW), format_utc(NOW)),
    )
    seal_row(archive.store.db, "outbox", 1)
    archive.store.db.execute(
        "INSERT INTO job_runs (name, due_at, started_at, late_seconds, message) VALUES ('crawl', ?1, ?1, 0, ?2)",
        (format_utc(NOW), f"{SECRET_URL}: HTTP 500"),
    )
    return archive


def remove(archive: Archive, named: int | str = SECRET_URL) -> None:
    db = archive.store.db
    forget(db, named, reason="request of the person", now=REMOVED_AT)
    finish_removals(db, archive.warc, now=REMOVED_AT)


def traces(folder: Path) -> list[str]:
    """Each file, and each decompressed WARC record, that contains a trace of the article."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        parts = [data]
        while path.name.endswith(".warc.gz") and data:
            unzip = zlib.decompressobj(31)
            parts.append(unzip.decompress(data))
            data = unzip.unused_data
        found += [path.name for part in parts if any(trace in part.lower() for trace in TRACES)]
    return found


def faults(archive: Archive) -> list[str]:
    return [str(one) for one in check_archive(archive.store.db, archive.warc)]


def test_nothing_of_a_removed_article_is_left_in_any_file_or_in_later_backups(tmp_path: Path) -> None:
    archive = filled(tmp_path / "data")
    assert traces(tmp_path / "data")
    remove(archive)
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    assert traces(tmp_path) == []
    assert faults(archive) == []


def test_the_other_articles_stay_as_they_were_with_readable_raw_pages(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    others = "SELECT * FROM revisions WHERE article_id <> 3 ORDER BY id"
    before = archive.rows(others)
    bodies = {one: read_stored_page(archive.store.db, archive.warc, one).body for one in (1, 2, 3, 4, 7, 8, 9, 10)}
    remove(archive, 3)
    assert archive.rows(others) == before
    assert {one: read_stored_page(archive.store.db, archive.warc, one).body for one in bodies} == bodies
    assert archive.rows("SELECT id FROM articles ORDER BY id") == [(1,), (2,), (4,), (5,)]


def test_a_removed_article_does_not_come_back_with_later_polls_and_fetches(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    remove(archive)
    result = archive.poll(
        poll(link("/news/zebrafinch-lane", title=TITLE), link("/news/new", title="New"), at=hour(101))
    )
    assert [entry.url for entry in result.fresh] == [f"{HOME}/news/new"]
    assert archive.value("SELECT left_out FROM polls ORDER BY id DESC") == '{"forgotten":1}'
    fetched = archive.record_fetch(record(article(SECRET, title=TITLE), page(SECRET_URL), at=hour(102)))
    assert (fetched.outcome, fetched.reason and fetched.reason.code) == (FetchStatus.REFUSED, ReasonCode.FORGOTTEN)
    by_other_url = page(f"{HOME}/amp-redirect", final_url=SECRET_URL)
    assert archive.record_fetch(record(article(SECRET), by_other_url, at=hour(103))).article_id is None
    assert (
        archive.record_fetch(feed_text(article(SECRET), page(f"{HOME}/amp-redirect"), at=hour(104))).article_id is None
    )
    assert traces(tmp_path) == []


def test_ids_of_removed_rows_are_not_used_again(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    remove(archive, 5)
    archive.record_fetch(record(article("Another text."), page(f"{HOME}/news/9"), at=hour(101)))
    assert archive.rows("SELECT max(id) FROM articles") == [(6,)]
    assert archive.value("SELECT max(id) FROM revisions") == 11
    assert faults(archive) == []


def test_the_tombstone_has_hashes_and_the_reason_but_no_address(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    remove(archive)
    assert archive.rows("SELECT article_id, source_id, reason, finished_at IS NOT NULL FROM forgotten") == [
        (3, "gazette", "request of the person", 1)
    ]
    assert archive.rows("SELECT kind, row_id FROM tombstones") == [
        ("page", 5),
        ("page", 6),
        ("revision", 5),
        ("revision", 6),
    ]
    assert len(archive.value("SELECT key_sha256 FROM forgotten_keys")) == 64


def test_daily_roots_can_still_be_verified_after_a_removal(tmp_path: Path) -> None:
    archive = daily_archive(tmp_path)
    removed_at = NOW + timedelta(days=365)
    forget(archive.store.db, 1, reason=None, now=removed_at)
    finish_removals(archive.store.db, archive.warc, now=removed_at)
    assert archive.value("SELECT count(*) FROM alerts WHERE article_id = 1") == 0
    assert faults(archive) == []


def test_alerts_of_a_removed_article_go_and_copies_of_it_at_other_outlets_stay(tmp_path: Path) -> None:
    with flagged_archive(tmp_path) as flagged:
        forget(flagged.db, 1, reason=None, now=flagged.now)
        finish_removals(flagged.db, tmp_path / "warc", now=flagged.now)
        for table in ("story_articles", "story_sketches"):
            assert [row[0] for row in flagged.db.execute(f"SELECT article_id FROM {table}")] == [2]
        assert flagged.db.execute("SELECT count(*) FROM alerts").fetchone()[0] == 0
        assert [row[0] for row in flagged.db.execute("SELECT kind FROM matches")] == ["pickup"]
        assert [row[0] for row in flagged.db.execute("SELECT role FROM story_articles")] == ["first"]
        assert [str(one) for one in check_archive(flagged.db, tmp_path / "warc")] == []


def test_an_article_with_claimed_figures_is_removed_with_them(tmp_path: Path) -> None:
    archive = empty_archive(tmp_path)
    archive.publish(*LOSSES, at=FEBRUARY)
    assert archive.value("SELECT count(*) FROM figures") > 0
    forget(archive.store.db, 1, reason=None, now=FEBRUARY)
    finish_removals(archive.store.db, archive.warc, now=FEBRUARY)
    assert archive.value("SELECT count(*) FROM figures") == 0
    assert faults(archive) == []


def test_a_message_that_waits_is_dropped_and_its_other_alerts_are_delivered_later(tmp_path: Path) -> None:
    with flagged_archive(tmp_path) as flagged:
        db: Any = flagged.db
        seal = (
            "INSERT INTO alerts SELECT 9, topic_id, topic_version_id, kind, 2, 2, NULL, NULL, NULL, 0, created_at, ''"
        )
        db.execute(f"{seal} FROM alerts WHERE id = ?", (flagged.alerts[0],))
        db.execute(
            "INSERT INTO outbox (id, digest_id, recipient, period, subject, message_id, content, content_sha256, state,"
            " created_at) VALUES (1, 'daily', 'a@b', '2026-03-01T07:30', 's', 'm', x'41', '', 'waiting', ?)",
            (format_utc(NOW),),
        )
        db.executemany(
            "INSERT INTO deliveries VALUES (?, 'daily', 'a@b', ?, 1, '')",
            [(flagged.alerts[0], format_utc(NOW)), (9, format_utc(NOW))],
        )
        forget(db, 1, reason=None, now=flagged.now)
        assert [tuple(row) for row in db.execute("SELECT state, length(content) FROM outbox")] == [("dropped", 0)]
        assert [tuple(row) for row in db.execute("SELECT alert_id, outbox_id FROM deliveries")] == [(9, None)]


def test_a_url_that_is_only_queued_can_be_removed_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.poll(poll(link("/news/zebrafinch-lane", title=TITLE), at=NOW))
    remove(archive)
    assert archive.rows("SELECT * FROM queue") == archive.rows("SELECT * FROM links") == []
    assert traces(tmp_path) == []
    with pytest.raises(NotFoundError, match="no such article"):
        forget(archive.store.db, f"{HOME}/never-seen", reason=None, now=NOW)
    with pytest.raises(NotFoundError, match="was removed on 2026-03-05 already"):
        planned_removal(archive.store.db, SECRET_URL)


def test_a_crawl_continues_in_a_new_file_while_records_are_removed(tmp_path: Path) -> None:
    archive = filled(tmp_path)
    other = open_existing(archive.db_path)
    forget(other, SECRET_URL, reason=None, now=REMOVED_AT)
    archive.record_fetch(record(article("During."), page(f"{HOME}/news/during"), at=hour(101)))
    finish_removals(other, archive.warc, now=REMOVED_AT + timedelta(hours=1))
    archive.record_fetch(record(article("After."), page(f"{HOME}/news/after"), at=hour(102)))
    assert traces(tmp_path) == []
    assert faults(archive) == []


def test_a_removal_that_is_killed_at_any_moment_can_be_finished_and_loses_nothing_else(tmp_path: Path) -> None:
    total = killed_after(tmp_path / "whole", None)
    assert total > 300
    rng = random.Random(20261130)
    for moment in sorted(rng.sample(range(1, total), 16)):
        folder = tmp_path / f"killed-{moment}"
        killed_after(folder, moment)
        archive = Archive(folder)
        assert archive.value("SELECT count(*) FROM revisions WHERE article_id <> 3") == 8, moment
        if archive.rows("SELECT 1 FROM forgotten") == []:
            assert archive.value("SELECT count(*) FROM revisions") == 10, moment
            forget(archive.store.db, SECRET_URL, reason=None, now=REMOVED_AT)
        finish_removals(archive.store.db, archive.warc, now=REMOVED_AT)
        assert faults(archive) == [], moment
        assert traces(folder) == [], moment
        archive.store.close()


def killed_after(folder: Path, moment: int | None) -> int:
    """Remove the article in a child process that kills itself at that line of our code; returns the lines without a kill."""
    filled(folder).store.close()
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def trace(frame: Any, event: str, _: Any) -> Any:
            nonlocal count
            if (
                "/crawler/archive/" not in frame.f_code.co_filename
                and "/crawler/sqlite/" not in frame.f_code.co_filename
            ):
                return None
            count += event == "line"
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace

        try:
            db = open_existing(folder / "archive.db")
            sys.settrace(trace)
            forget(db, SECRET_URL, reason=None, now=REMOVED_AT)
            finish_removals(db, folder / "warc", now=REMOVED_AT)
            sys.settrace(None)
            os.write(write_end, str(count).encode())
        finally:
            os._exit(0)
    os.close(write_end)
    lines = os.read(read_end, 20)
    os.close(read_end)
    os.waitpid(child, 0)
    return int(lines or b"0")
