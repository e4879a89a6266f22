"""Recorded pages of other programs through our pipelines."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, scrapy

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
    """A WARC file as crawlers write them: url, date, status, HTTP headers, body as it came over the wire."""
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


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    db = sqlite3.connect(data / "archive.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def test_pages_of_anybodys_file_are_filed_at_the_time_they_were_recorded(data: Path) -> None:
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
    assert done.stdout.splitlines()[0] == "2 pages read: 2 new"
    assert "1 left out: of no source in sources.toml" in done.stdout
    assert "1 left out: not an article's page" in done.stdout
    assert rows(data, "SELECT title, seen_at FROM revisions ORDER BY seen_at") == [
        ("Northern pier closes in June", "2026-03-01T10:00:00Z"),
        ("Ferry runs again on Monday", "2026-03-02T10:00:00Z"),
    ]


def alone(data: Path, sql: str) -> list[tuple[Any, ...]]:
    """What archive.db says to who copies that file and nothing beside it."""
    copy = data / "copy"
    copy.mkdir(exist_ok=True)
    shutil.copy(data / "archive.db", copy)
    return rows(copy, sql)


def test_archive_db_alone_holds_what_a_command_has_written(data: Path) -> None:
    file = warc(data / "a.warc", (URL, "2026-03-01T10:00:00Z", 200, HTML, page("Northern pier closes in June")))
    assert scrapy("replay", str(file), data=data).returncode == 0
    assert alone(data, "SELECT title FROM revisions") == [("Northern pier closes in June",)]
    db = sqlite3.connect(data / "archive.db")
    db.execute("UPDATE revisions SET title = 'As an earlier reader read it'")
    db.commit()
    db.close()
    done = scrapy("reextract", "--write", data=data)
    assert "1 revisions written." in done.stdout, done.stdout + done.stderr
    assert alone(data, "SELECT title FROM revisions ORDER BY id DESC LIMIT 1") == [("Northern pier closes in June",)]


def test_two_recordings_of_one_page_are_two_revisions_where_its_text_changed(data: Path) -> None:
    file = warc(
        data / "a.warc",
        (URL, "2026-03-01T10:00:00Z", 200, HTML, page("Northern pier closes in June")),
        (URL, "2026-03-01T12:00:00Z", 200, HTML, page("Northern pier closes in July")),
        (URL, "2026-03-01T14:00:00Z", 200, HTML, page("Northern pier closes in July")),
    )
    scrapy("replay", str(file), data=data)
    assert rows(data, "SELECT number, title FROM revisions ORDER BY number") == [
        (1, "Northern pier closes in June"),
        (2, "Northern pier closes in July"),
    ]


def test_a_page_that_the_recording_does_not_hold_whole_is_left_out(data: Path) -> None:
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
        "1 pages read: 1 new",
        "3 left out: cut off when it was recorded",
        "1 left out: cut off: the file ends within it",
    ]
    assert rows(data, "SELECT url FROM articles") == [(URL,)]


def test_pages_of_no_source_are_filed_where_they_are_told_to_be(data: Path) -> None:
    other = "https://other.example/2026/03/01/some-other-story-of-today"
    file = warc(data / "a.warc", (other, "2026-03-01T10:00:00Z", 200, HTML, page("Some other story of today")))
    assert scrapy("replay", str(file), data=data).returncode == 1
    assert scrapy("replay", str(file), "--source", "gazette", data=data).returncode == 0
    assert rows(data, "SELECT source_id, url FROM articles") == [("gazette", other)]


def test_ctrl_c_ends_a_replay_with_one_line_and_loses_nothing(data: Path) -> None:
    body = page("Northern pier closes in June")
    file = warc(data / "a.warc", *((f"{URL}-{n}", "2026-03-01T10:00:00Z", 200, HTML, body) for n in range(600)))
    running = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "replay", str(file)],
        cwd=ROOT, env={**os.environ, "WIREWATCH_DATA_DIR": str(data)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 -- pytest may run with it ignored
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end and not stored(data):
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    printed, errors = running.communicate(timeout=60)
    assert (running.returncode, printed, errors.strip()) == (130, "", "Interrupted. Everything stored so far is kept.")
    before = stored(data)
    assert 0 < before < 600
    assert f"{before} left out: in the archive already" in scrapy("replay", str(file), data=data).stdout
    assert stored(data) == 600


def stored(data: Path) -> int:
    try:
        return int(rows(data, "SELECT count(*) FROM articles")[0][0])
    except sqlite3.OperationalError:  # it is being made
        return 0


def test_what_cannot_be_replayed_is_said_in_one_line(data: Path) -> None:
    missing = scrapy("replay", str(data / "nothing.warc"), data=data)
    assert (missing.returncode, missing.stderr.count("\n")) == (2, 1)
    assert "nothing.warc: No such file or directory; name a WARC file" in missing.stderr
    (data / "no.warc").write_bytes(b"this is a letter\x1b[2J\x07")
    letter = scrapy("replay", str(data / "no.warc"), data=data)
    assert letter.returncode == 1
    assert "no.warc: no WARC record" in letter.stderr
    assert len(letter.stderr.splitlines()) == 1
    assert "\x1b" not in letter.stderr, "bytes of the file must not steer the terminal"
    unknown = scrapy("replay", str(data / "no.warc"), "--source", "gazete", data=data)
    assert unknown.returncode == 2
    assert "did you mean 'gazette'?" in unknown.stderr
