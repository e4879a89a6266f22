"""`scrapy replay`: store the pages of WARC files in the archive."""

from __future__ import annotations

import gzip
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import archive_rows, scrapy
from tests.support.stopped_commands import stopped_command

SOURCES = """
[gazette]
name = "The Harbour Gazette"
home = "https://harbour-gazette.example/"
feeds = ["https://harbour-gazette.example/rss"]
timezone = "Europe/Kyiv"
"""
TEXT = (
    "The harbour council voted on Tuesday evening to close the northern pier to cargo ships from June on.",
    "Two of its nine members spoke against the closure, which dockers had asked for since the spring storms.",
)


def page(title: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in TEXT)
    return f"<html lang=en><head><title>{title}</title></head><body><div><h1>{title}</h1><div class=text>{body}</div></div></body></html>".encode()


def warc(path: Path, *records: tuple[str, str, int, dict[str, str], bytes]) -> Path:
    """Write a WARC file. A record: URL, date, status, HTTP headers, and the body as it was transferred."""
    written = b""
    for number, (url, date, status, headers, body) in enumerate(records):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        http = f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number:032}>\r\nWARC-Date: {date}\r\n"
            f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
        )
        record = head.encode() + http + b"\r\n\r\n"
        written += gzip.compress(record) if path.suffix == ".gz" else record
    path.write_bytes(written)
    return path


HTML = {"Content-Type": "text/html; charset=utf-8"}
URL = "https://harbour-gazette.example/2026/03/01/northern-pier-closes-in-june"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "sources.toml").write_text(SOURCES)
    return tmp_path


def test_pages_of_a_warc_file_are_stored_with_the_time_of_their_records(data: Path) -> None:
    packed = {**HTML, "Content-Encoding": "gzip"}
    chunked = {**HTML, "Transfer-Encoding": "chunked"}
    body = page("Ferry runs again on Monday")
    file = warc(
        data / "news.warc.gz",
        (URL, "2026-03-01T10:00:00Z", 200, packed, gzip.compress(page("Northern pier closes in June"))),
        ("https://www.harbour-gazette.example/2026/03/02/ferry-runs-again-on-monday?utm_source=x", "2026-03-02T10:00:00.123Z",
         200, chunked, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)),
        ("https://other.example/2026/03/01/some-other-story-of-today", "2026-03-01T10:00:00Z", 200, HTML, page("Other")),
        ("https://harbour-gazette.example/", "2026-03-01T10:00:00Z", 200, HTML, page("The Harbour Gazette")),
        ("https://harbour-gazette.example/logo.png", "2026-03-01T10:00:00Z", 200, {"Content-Type": "image/png"}, b"\x89PNG"),
        ("https://harbour-gazette.example/2026/01/01/gone", "2026-03-01T10:00:00Z", 404, HTML, b"not here"),
    )  # fmt: skip
    done = scrapy("replay", str(file), data=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "2 pages processed: 2 new"
    assert "1 left out: no source in sources.toml has this domain" in done.stdout
    assert "1 left out: URL and title are not those of an article" in done.stdout
    assert archive_rows(data, "SELECT title, seen_at FROM revisions ORDER BY seen_at") == [
        ("Northern pier closes in June", "2026-03-01T10:00:00Z"),
        ("Ferry runs again on Monday", "2026-03-02T10:00:00Z"),
    ]


def rows_of_copied_file(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on a copy of archive.db, without its -wal and -shm files."""
    copy = data / "copy"
    copy.mkdir(exist_ok=True)
    shutil.copy(data / "archive.db", copy)
    return archive_rows(copy, sql)


def test_a_copy_of_archive_db_has_everything_that_a_command_stored(data: Path) -> None:
    file = warc(data / "a.warc", (URL, "2026-03-01T10:00:00Z", 200, HTML, page("Northern pier closes in June")))
    assert scrapy("replay", str(file), data=data).returncode == 0
    assert rows_of_copied_file(data, "SELECT title FROM revisions") == [("Northern pier closes in June",)]
    db = sqlite3.connect(data / "archive.db")
    db.execute("UPDATE revisions SET title = 'Extracted by an earlier version'")
    db.commit()
    db.close()
    done = scrapy("reextract", "--write", data=data)
    assert "1 version stored." in done.stdout, done.stdout + done.stderr
    assert rows_of_copied_file(data, "SELECT title FROM revisions ORDER BY id DESC LIMIT 1") == [
        ("Northern pier closes in June",)
    ]


def test_a_recorded_page_whose_text_changed_is_a_new_revision(data: Path) -> None:
    file = warc(
        data / "a.warc",
        (URL, "2026-03-01T10:00:00Z", 200, HTML, page("Northern pier closes in June")),
        (URL, "2026-03-01T12:00:00Z", 200, HTML, page("Northern pier closes in July")),
        (URL, "2026-03-01T14:00:00Z", 200, HTML, page("Northern pier closes in July")),
    )
    scrapy("replay", str(file), data=data)
    assert archive_rows(data, "SELECT number, title FROM revisions ORDER BY number") == [
        (1, "Northern pier closes in June"),
        (2, "Northern pier closes in July"),
    ]


def test_a_page_that_is_incomplete_in_the_warc_file_is_left_out(data: Path) -> None:
    whole = page("Northern pier closes in June")
    other = "https://harbour-gazette.example/2026/03/01/ferries-run-again-after-the-storm"
    packed = gzip.compress(page("Ferries run again after the storm"))
    records: list[tuple[str, str, int, dict[str, str], bytes]] = [
        (URL, "2026-03-01T10:00:00Z", 200, HTML, whole),
        (f"{other}-1", "2026-03-01T10:00:00Z", 200, {**HTML, "Content-Length": str(len(whole))}, whole[:300]),
        (f"{other}-2", "2026-03-01T10:00:00Z", 200, {**HTML, "Content-Encoding": "gzip"}, packed[:200]),
        (f"{other}-3", "2026-03-01T10:00:00Z", 200, HTML, whole),
    ]
    file = warc(data / "a.warc", *records)
    recorded = file.read_bytes().replace(b"-3\r\n", b"-3\r\nWARC-Truncated: length\r\n")
    file.write_bytes(recorded)
    last = warc(data / "b.warc.gz", (f"{other}-4", "2026-03-01T10:00:00Z", 200, HTML, whole))
    last.write_bytes(last.read_bytes()[:-60])
    done = scrapy("replay", str(file), str(last), data=data)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "1 page processed: 1 new",
        "3 left out: cut off when it was recorded",
        "1 left out: cut off: the file ends within it",
    ]
    assert archive_rows(data, "SELECT url FROM articles") == [(URL,)]


def test_pages_of_an_unknown_host_are_stored_for_the_source_that_is_given(data: Path) -> None:
    other = "https://other.example/2026/03/01/some-other-story-of-today"
    file = warc(data / "a.warc", (other, "2026-03-01T10:00:00Z", 200, HTML, page("Some other story of today")))
    assert scrapy("replay", str(file), data=data).returncode == 1
    assert scrapy("replay", str(file), "--source", "gazette", data=data).returncode == 0
    assert archive_rows(data, "SELECT source_id, url FROM articles") == [("gazette", other)]


def test_ctrl_c_ends_a_replay_with_one_line_and_stored_pages_are_kept(data: Path) -> None:
    body = page("Northern pier closes in June")
    file = warc(data / "a.warc", *((f"{URL}-{n}", "2026-03-01T10:00:00Z", 200, HTML, body) for n in range(90)))
    stopped = stopped_command(
        "replay", str(file), data=data, number=signal.SIGINT, call=20,  # of the second sixteen pages; at most three times sixteen wait
        function="crawler.archive.articles.recorded_pages.record_fetch",
    )  # fmt: skip
    printed, errors = stopped.stdout, stopped.stderr
    assert (stopped.returncode, printed, errors.strip()) == (130, "", "Interrupted. Everything stored so far is kept.")
    before = article_count(data)
    assert 0 < before < 90
    assert f"{before} left out: already in the archive" in scrapy("replay", str(file), data=data).stdout
    assert article_count(data) == 90


def article_count(data: Path) -> int:
    return int(archive_rows(data, "SELECT count(*) FROM articles")[0][0])


def test_a_file_that_cannot_be_replayed_is_reported_in_one_line(data: Path) -> None:
    missing = scrapy("replay", str(data / "nothing.warc"), data=data)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "nothing.warc: No such file or directory; expected a WARC file" in missing.stderr
    (data / "no.warc").write_bytes(b"this is a letter\x1b[2J\x07")
    letter = scrapy("replay", str(data / "no.warc"), data=data)
    assert letter.returncode == 1
    assert "no.warc: not a WARC file" in letter.stderr
    assert len(letter.stderr.splitlines()) == 1
    assert "\x1b" not in letter.stderr, "bytes of the file must not steer the terminal"
    unknown = scrapy("replay", str(data / "no.warc"), "--source", "gazete", data=data)
    assert unknown.returncode == 2
    assert "did you mean 'gazette'?" in unknown.stderr


def test_a_removed_article_is_left_out_of_a_replay(data: Path) -> None:
    recorded = warc(
        data / "one.warc.gz", (URL, "2026-03-01T10:00:00Z", 200, HTML, page("Northern pier closes in June"))
    )
    assert scrapy("replay", str(recorded), data=data).returncode == 0
    assert scrapy("archive", "forget", URL, data=data).returncode == 0
    later = warc(data / "two.warc.gz", (URL, "2026-03-02T10:00:00Z", 200, HTML, page("Northern pier closes in July")))
    assert "1 left out: removed with `scrapy archive forget`" in scrapy("replay", str(later), data=data).stdout
    assert archive_rows(data, "SELECT count(*) FROM articles") == [(0,)]
