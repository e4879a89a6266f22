"""The writer thread: completed jobs are stored, and a failed job does not affect others."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path

import pytest

from crawler.archive.articles.record_fetch import FetchRecord, record_fetch
from crawler.archive.crawl.runs import begin_run
from crawler.archive.db.open import open_archive, open_reader
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.storage.store import ArchiveStore
from crawler.archive.storage.writer_thread import Writer
from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import SqliteError, transaction
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, page, record


@pytest.fixture
def writer(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Writer(tmp_path / "archive.db", tmp_path / "warc")
    made.submit(begin_run, "test", [SOURCE], configured=None, at=NOW).result()
    yield made
    made.close()


def story(number: int) -> FetchRecord:
    return record(article(f"Story number {number}."), page(f"{HOME}/news/story-{number}"))


def test_a_reader_sees_the_rows_of_a_completed_future(writer: Writer, tmp_path: Path) -> None:
    reader = open_reader(tmp_path / "archive.db")
    for number in range(20):
        recorded = writer.submit(record_fetch, story(number)).result()
        assert reader.execute("SELECT 1 FROM revisions WHERE id = ?", (recorded.revision_id,)).fetchone()


def test_a_failed_job_rolls_back_only_its_own_changes(writer: Writer, tmp_path: Path) -> None:
    gate = threading.Event()

    def spoiled(store: ArchiveStore) -> None:
        record_fetch(store, story(99))
        raise ValueError("after the page was appended")

    blocked = writer.submit(lambda _: gate.wait())
    jobs = [writer.submit(record_fetch, story(1)), writer.submit(spoiled), writer.submit(record_fetch, story(2))]
    gate.set()
    blocked.result()
    assert jobs[0].result().outcome == jobs[2].result().outcome == "new"
    with pytest.raises(ValueError, match="after the page"):
        jobs[1].result()
    db = open_archive(tmp_path / "archive.db")
    assert [str(finding) for finding in check_archive(db, tmp_path / "warc")] == []
    assert db.execute("SELECT count(*) FROM pages").fetchone()[0] == 2
    found = "SELECT count(*) FROM revisions_fts WHERE revisions_fts MATCH ?"
    assert [db.execute(found, (query,)).fetchone()[0] for query in ("story", '"story number 99"')] == [2, 0]


def test_a_failed_job_that_opened_a_new_file_loses_no_earlier_page(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.archive.storage.warc_files.MAX_WARC", 1_500)
    gate = threading.Event()

    def spoiled(store: ArchiveStore) -> None:
        for number in range(50, 60):
            record_fetch(store, story(number))
        raise ValueError("in another file by now")

    blocked = writer.submit(lambda _: gate.wait())
    jobs = [writer.submit(record_fetch, story(1)), writer.submit(spoiled), writer.submit(record_fetch, story(2))]
    gate.set()
    blocked.result()
    assert jobs[0].result().outcome == jobs[2].result().outcome == "new"
    assert isinstance(jobs[1].exception(), ValueError)
    for number in range(3, 9):
        writer.submit(record_fetch, story(number)).result()
    db = open_archive(tmp_path / "archive.db")
    assert [str(finding) for finding in check_archive(db, tmp_path / "warc")] == []
    assert db.execute("SELECT count(*) FROM warc_files").fetchone()[0] > 1


def test_cancelling_the_wait_for_a_job_does_not_stop_the_writer(writer: Writer) -> None:
    gate, begun = threading.Event(), threading.Event()
    done: list[str] = []

    def slow(_: ArchiveStore) -> None:
        begun.set()
        gate.wait()
        done.append("slow")

    async def crawl() -> None:
        running = asyncio.ensure_future(writer.do(slow))
        await asyncio.to_thread(begun.wait)
        called_off = asyncio.ensure_future(writer.do(lambda _: done.append("called off")))
        await asyncio.sleep(0)
        running.cancel()
        called_off.cancel()
        await asyncio.wait([running, called_off])

    asyncio.run(crawl())
    gate.set()
    assert writer.submit(record_fetch, story(1)).result(timeout=30).outcome == "new"
    assert done == ["slow"]


def test_two_writers_append_to_the_same_file_in_turn(writer: Writer, tmp_path: Path) -> None:
    other = Writer(tmp_path / "archive.db", tmp_path / "warc")
    jobs = [(writer, other)[number % 2].submit(record_fetch, story(number)) for number in range(40)]
    assert {job.result().outcome for job in jobs} == {"new"}
    other.close()
    db = open_archive(tmp_path / "archive.db")
    assert [str(finding) for finding in check_archive(db, tmp_path / "warc")] == []


def test_a_closed_writer_raises_an_error(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "archive.db", tmp_path / "warc")
    writer.close()
    with pytest.raises(ArchiveError, match="closed"):
        writer.submit(record_fetch, story(1)).result()


def test_an_archive_that_cannot_be_opened_is_reported_immediately(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"this is no database, it is a letter" * 100)
    with pytest.raises(ArchiveError, match="not a readable archive"):
        Writer(tmp_path / "archive.db", tmp_path / "warc")


def test_a_damaged_name_in_the_schema_is_reported_in_one_line(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    archive.store.close()
    content = archive.db_path.read_bytes()
    assert b"links_source" in content
    archive.db_path.write_bytes(content.replace(b"links_source", b"links\xce\xce\xce\xce\xce\xcece"))
    with pytest.raises(ArchiveError, match=r"not a readable archive \(.*\); restore a backup"):
        Writer(archive.db_path, archive.warc)


def test_a_file_without_write_permission_is_reported_as_an_archive_error(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store.db.execute("PRAGMA query_only = ON")
    with pytest.raises(ArchiveError, match=r"archive\.db: cannot be written .attempt to write a readonly database"):
        archive.record_fetch(story(1))
    with pytest.raises(ArchiveError, match=r"archive\.db"), transaction(archive.store.db):
        archive.store.db.execute("DELETE FROM runs")


def test_a_damaged_file_is_reported_as_an_archive_error(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.store.db.execute("DROP TABLE fetches")
    with pytest.raises(ArchiveError, match=r"archive\.db: cannot be used .no such table: "):
        archive.record_fetch(story(1))


def test_an_error_in_our_sql_is_not_reported_as_an_archive_error(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with pytest.raises(SqliteError), archive.store.transaction(), archive.store.savepoint():
        archive.store.db.execute("DELETE FROM runs WHERE")


def test_jobs_that_may_linger_are_committed_together(tmp_path: Path) -> None:
    def committed_revisions(_: object = None) -> int:
        with contextlib.closing(open_reader(tmp_path / "archive.db")) as reader:
            return int(reader.execute("SELECT count(*) FROM revisions").fetchone()[0])

    async def two_jobs() -> int:
        first = asyncio.ensure_future(writer.do_in_group(record_fetch, story(1)))
        second = asyncio.ensure_future(writer.do_in_group(committed_revisions))
        await asyncio.sleep(0)
        writer.submit(begin_run, "urgent", [SOURCE], configured=None, at=NOW)
        await first
        return await second

    with Writer(tmp_path / "archive.db", tmp_path / "warc", linger=60) as writer:
        writer.submit(begin_run, "test", [SOURCE], configured=None, at=NOW).result()
        assert asyncio.run(two_jobs()) == 0  # the second job ran before the first was committed
        assert committed_revisions() == 1


def test_a_job_that_somebody_waits_for_does_not_linger(tmp_path: Path) -> None:
    with Writer(tmp_path / "archive.db", tmp_path / "warc", linger=60) as writer:
        writer.submit(begin_run, "test", [SOURCE], configured=None, at=NOW).result(timeout=30)
