"""A replay stores each page once: after kill -9, at a second replay, and when a page is tried again."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import random
import re
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest

from crawler.archive.crawl.runs import mirror_sources
from crawler.archive.db.open import open_reader
from crawler.archive.storage.writer_thread import Writer
from crawler.exceptions import WorkerError
from crawler.models import Page
from crawler.reasons import ReasonCode
from schedules.crawl.recordings import read_units
from schedules.crawl.reextract import Reextracted, Reextraction
from schedules.crawl.replay import Replay, Replayed
from tests.support.cli import scrapy
from tests.support.factories import HOME, SOURCE
from tests.support.servers.loopback import Site, html, xml
from tests.support.stopped_commands import stopped_command

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

P = ParamSpec("P")
R = TypeVar("R")
LATER = datetime(2026, 11, 1, tzinfo=timezone.utc)
SOURCES = f"""
[gazette]
name = "The Harbour Gazette"
home = "{HOME}/"
feeds = ["{HOME}/rss"]
language = "en"
"""
TEXT = (
    "The harbour council voted on Tuesday evening to close the northern pier to cargo ships from June on.",
    "Two of its nine members spoke against the closure, which dockers had asked for since the spring storms.",
)


def story(title: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in (*TEXT, f"This is report {title}."))
    return f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>".encode()


def response(url: str, date: str, body: bytes, *headers: str) -> bytes:
    named = "".join(f"{header}\r\n" for header in ("Content-Type: text/html; charset=utf-8", *headers))
    http = f"HTTP/1.1 200 OK\r\n{named}\r\n".encode() + body
    identity = hashlib.md5(f"{url} {date}".encode()).hexdigest()
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{identity}>\r\nWARC-Date: {date}\r\n"
        f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


NOON = "2026-03-01T12:00:00Z"


def recorded(folder: Path, record: bytes) -> list[Page]:
    """The pages in a file with one record."""
    (folder / "one.warc.gz").write_bytes(record)
    return [
        page for unit in read_units(folder / "one.warc.gz", settings="", earlier=lambda _: None) for page in unit.pages
    ]


def url(number: int) -> str:
    return f"{HOME}/2026/03/01/northern-pier-report-number-{number}"


def write_recording(path: Path, count: int, *, edited: int = 0) -> Path:
    """A WARC file with one record per article, and later versions of the first `edited`."""
    records = [response(url(n), "2026-03-01T10:00:00Z", story(f"Report number {n} of the pier")) for n in range(count)]
    records += [
        response(url(n), "2026-03-01T12:00:00Z", story(f"Edited report {n} of the pier")) for n in range(edited)
    ]
    path.write_bytes(b"".join(records))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "sources.toml").write_text(SOURCES)
    return folder


def rows(data: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(data / "archive.db")) as db:
        return db.execute(sql).fetchall()


def digest(data: Path) -> dict[str, str]:
    """A hash of all rows of each table."""
    with contextlib.closing(sqlite3.connect(data / "archive.db")) as db:
        names = [
            row[0]
            for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        ]
        return {
            name: hashlib.sha256(repr(db.execute(f"SELECT * FROM {name}").fetchall()).encode()).hexdigest()
            for name in names
        }


class Parser:
    """Runs tasks in this process, and fails for the URLs that a test names."""

    def __init__(self, failing: set[str] | None = None) -> None:
        self.failing = failing or set()
        self.pages: list[str] = []
        self.in_flight = 8

    def labelled(self, _: str) -> Parser:
        return self

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        page = args[0]
        assert isinstance(page, Page)
        self.pages.append(page.url)
        await asyncio.sleep(0)
        if page.url in self.failing:
            raise WorkerError("parser", "took longer than 15 s and was stopped", ReasonCode.PARSE_TIMEOUT)
        return function(*args, **kwargs)


def replay(data: Path, *files: Path, parser: Parser | None = None, **known: Any) -> Replayed:
    with (
        Writer(data / "archive.db", data / "warc") as writer,
        contextlib.closing(open_reader(data / "archive.db")) as reader,
    ):
        writer.submit(mirror_sources, [SOURCE], configured=None, at=LATER).result()
        parts: dict[str, Any] = {"sources": [SOURCE], "now": LATER, **known}
        return asyncio.run(Replay(reader=reader, writer=writer, workers=parser or Parser(), **parts).run(files))


def reextract(data: Path, *, parser: Parser | None = None, write: bool = True) -> Reextracted:
    with (
        Writer(data / "archive.db", data / "warc") if write else contextlib.nullcontext() as writer,
        contextlib.closing(open_reader(data / "archive.db")) as reader,
    ):
        parts: dict[str, Any] = {"sources": {SOURCE.id: SOURCE}, "warc_dir": data / "warc", "now": LATER}
        return asyncio.run(Reextraction(reader=reader, writer=writer, workers=parser or Parser(), **parts).run())


def test_a_second_replay_of_a_file_reads_nothing_and_changes_nothing(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 18, edited=2)
    assert replay(data, file).outcomes == {"new": 18, "revised": 2}
    before = digest(data)
    again = Parser()
    result = replay(data, file, parser=again)
    assert (result.outcomes.total(), result.skipped["already in the archive"], again.pages) == (0, 20, [])
    assert digest(data) == before
    assert rows(data, "SELECT DISTINCT fetch_count FROM articles ORDER BY 1") == [(1,), (2,)]


def test_the_command_changes_nothing_at_a_second_replay(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 20)
    assert scrapy("replay", str(file), data=data).stdout == "20 pages processed: 20 new\n"
    before = digest(data)
    again = scrapy("replay", str(file), data=data)
    assert again.stdout == "0 pages processed\n20 left out: already in the archive\n"
    assert again.returncode == 0
    assert digest(data) == before


@pytest.mark.parametrize(
    ("date", "at"),
    [
        ("2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01T10:00Z", "2026-03-01T10:00:00+00:00"),
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("20260301100000", "2026-03-01T10:00:00+00:00"),
    ],
)
def test_a_record_may_have_a_date_of_any_precision(tmp_path: Path, date: str, at: str) -> None:
    assert [page.fetched_at.isoformat() for page in recorded(tmp_path, response(url(0), date, story("A")))] == [at]


def test_a_recorded_body_is_decoded_in_all_the_ways_that_recorders_store_it(tmp_path: Path) -> None:
    body, packed = story("A"), zstd.compress(story("A"))
    for stored, *headers in (
        (packed, "Content-Encoding: zstd"),
        (zstd.compress(gzip.compress(body)), "Content-Encoding: gzip", "Content-Encoding: zstd"),
        (b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed), "Content-Encoding: zstd", "Transfer-Encoding: chunked"),
        (body, "Content-Encoding: br", "Transfer-Encoding: chunked"),
    ):
        assert [page.body for page in recorded(tmp_path, response(url(0), NOON, stored, *headers))] == [body]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (zstd.compress(b"WARC/1.1\r\n"), "compressed with zstd; unpack it with `zstd -d`"),
        (b"\x5d\x2a\x4d\x18\x04\0\0\0dict" + zstd.compress(b"WARC/1.1\r\n"), "compressed with zstd; unpack it"),
        (
            gzip.compress(2 * gzip.decompress(response(HOME, "2026-03-01", b"x"))),
            "one gzip stream, not one for each record",
        ),
        (response(HOME, "soon", b"x"), ""),
    ],
)
def test_the_message_on_a_file_that_is_compressed_as_a_whole_says_what_to_run(
    tmp_path: Path, content: bytes, advice: str
) -> None:
    (tmp_path / "x.warc").write_bytes(content)
    (unit,) = read_units(tmp_path / "x.warc", settings="", earlier=lambda _: None)
    assert advice in (unit.damage or "")
    assert unit.left_out == ({} if advice else {"invalid WARC-Date": 1})


def test_a_page_that_two_files_hold_is_stored_once(data: Path) -> None:
    write_recording(data / "a.warc.gz", 20)
    (data / "b.warc.gz").write_bytes(
        (data / "a.warc.gz").read_bytes() + response(url(99), "2026-03-01T10:00:00Z", story("Last"))
    )
    replay(data, data / "a.warc.gz")
    result = replay(data, data / "b.warc.gz", data / "a.warc.gz")
    assert result.outcomes == {"new": 1}
    assert rows(data, "SELECT count(*), sum(fetch_count) FROM articles") == [(21, 21)]


def test_a_file_that_grew_is_read_from_where_it_ended(data: Path) -> None:
    whole = write_recording(data / "whole.warc.gz", 60).read_bytes()
    file = data / "a.warc.gz"
    file.write_bytes(whole[: len(whole) * 2 // 3])  # in the middle of a record
    first = replay(data, file)
    assert first.damaged or first.skipped["cut off: the file ends within it"]
    file.write_bytes(whole)
    parser = Parser()
    second = replay(data, file, parser=parser)
    assert (first.outcomes + second.outcomes)["new"] == 60
    assert len(parser.pages) == second.outcomes["new"] < 30


def test_a_damaged_file_that_was_repaired_is_read_again(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 40)
    whole = file.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    file.write_bytes(damaged)
    first = replay(data, file)
    assert first.outcomes["new"] == 39
    assert re.search(
        r"damaged record at byte \d+ \(.*\); the records before it and from byte \d+ on were", first.damaged[0]
    )
    file.write_bytes(whole)
    second = replay(data, file)
    assert (first.outcomes + second.outcomes)["new"] == 40
    assert rows(data, "SELECT count(*), sum(fetch_count) FROM articles") == [(40, 40)]


def test_other_settings_read_the_file_again(data: Path) -> None:
    home = response(f"{HOME}/about", "2026-03-01T10:00:00Z", story("About the paper"))
    other = response(
        "https://other.example/2026/03/01/a-story-of-elsewhere-today", "2026-03-01T10:00:00Z", story("Elsewhere today")
    )
    file = data / "a.warc.gz"
    file.write_bytes(home + other)
    assert replay(data, file).outcomes == {}
    assert replay(data, file, every_page=True).outcomes == {"new": 1}
    assert replay(data, file, forced=SOURCE).outcomes == {"new": 1}
    assert rows(data, "SELECT count(*) FROM fetches") == [(2,)]


def test_old_recordings_plan_no_recheck_and_recent_ones_only_in_the_future(data: Path) -> None:
    file = data / "a.warc.gz"
    file.write_bytes(
        response(url(1), "2026-03-01T10:00:00Z", story("An old report of the pier"))
        + response(url(2), "2026-10-30T00:00:00Z", story("A recent report of the pier"))
    )
    replay(data, file)
    assert rows(data, "SELECT url, next_check_at FROM articles ORDER BY id") == [
        (url(1), None),
        (url(2), "2026-11-02T00:00:00Z"),  # three days old
    ]


def test_an_old_recording_of_a_known_article_leaves_its_present_state(data: Path) -> None:
    new, old = data / "new.warc.gz", data / "old.warc.gz"
    new.write_bytes(response(url(1), "2026-03-02T10:00:00Z", story("The new headline of the pier")))
    old.write_bytes(response(url(1), "2026-03-01T10:00:00Z", story("The old headline of the pier")))
    replay(data, new)
    state = "SELECT title, last_fetched_at, last_full_fetch_at, body_sha256, gone_at FROM articles"
    before = rows(data, state)
    assert replay(data, old).outcomes == {"unchanged": 1}
    assert rows(data, state) == before
    assert rows(data, "SELECT fetch_count FROM articles") == [(2,)]


STATE = {
    "articles": "SELECT * FROM articles ORDER BY id",
    "revisions": "SELECT * FROM revisions ORDER BY id",
    "bylines": "SELECT * FROM bylines",
    "urls": "SELECT * FROM article_urls",
    "stories": "SELECT * FROM story_articles",
    "fetches": "SELECT * FROM fetches ORDER BY id",
    "pages": "SELECT id, source_id, article_id, url, final_url, fetched_at, http_status, sha256, bytes FROM pages ORDER BY id",
    "search": "SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'pier' ORDER BY rowid",
}


def state(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    # The time of the replay itself is not part of the state: next_check_at is null for old recordings.
    return {name: rows(data, sql) for name, sql in STATE.items()}


def stored(data: Path) -> int:
    return int(rows(data, "SELECT count(*) FROM fetches")[0][0])


def killed_at(call: int, function: str, *words: str, data: Path) -> None:
    """Run a command that is killed at this call of a function, in the middle of a transaction."""
    done = stopped_command(*words, data=data, function=function, call=call)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_replay_that_is_killed_and_started_again_gives_the_same_archive(tmp_path: Path) -> None:
    file = write_recording(tmp_path / "a.warc.gz", 50, edited=10)
    folders = [tmp_path / name for name in ("killed", "whole")]
    for folder in folders:
        folder.mkdir()
        (folder / "sources.toml").write_text(SOURCES)
    killed, whole = folders
    function = "crawler.archive.articles.recorded_pages.record_fetch"
    killed_at(
        55, function, "replay", str(file), data=killed
    )  # pages are stored by sixteens; at most three sixteens wait
    kept = stored(killed)
    assert 0 < kept < 55
    killed_at(5, function, "replay", str(file), data=killed)
    assert stored(killed) == kept
    assert scrapy("replay", str(file), data=killed).returncode == 0
    assert scrapy("replay", str(file), data=whole).stdout == "60 pages processed: 50 new, 10 revised\n"
    assert state(killed) == state(whole)
    assert scrapy("archive", "check", data=killed).returncode == 0
    before = digest(killed)
    scrapy("replay", str(file), data=killed)
    assert digest(killed) == before


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as made:
        yield made


PATHS = (
    "/a",
    "/news",
    "/2026",
    "/x.php?id=7",
    "/about-us",
    "/story/pier-closes-in-june-after-long-debate",
    "/video/9",
    "/tag/harbour",
)
"""URLs that hardly look like articles: what a feed lists is one all the same."""


def test_a_replay_of_our_own_file_gives_the_articles_that_the_crawl_stored(tmp_path: Path, site: Site) -> None:
    items = "".join(f"<item><title>Report {n}</title><link>{path}</link></item>" for n, path in enumerate(PATHS))
    site["/rss"] = xml(f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>')
    for number, path in enumerate(PATHS):
        site[path] = html(story(f"Report number {number} of the northern pier").decode())
    crawled, replayed = tmp_path / "crawled", tmp_path / "replayed"
    for folder in (crawled, replayed):
        folder.mkdir()
        (folder / "sources.toml").write_text(
            f'[gazette]\nname = "Gazette"\nhome = "{site.base}/"\nfeeds = ["{site.base}/rss"]\ndelay = 0.0\nallow_private = true\n'
        )
    assert scrapy("crawl", "gazette", data=crawled).returncode == 0
    done = scrapy("replay", *map(str, sorted((crawled / "warc").glob("*.warc.gz"))), data=replayed)
    assert done.stdout == f"{len(PATHS)} pages processed: {len(PATHS)} new\n", done.stdout + done.stderr
    query = "SELECT url, source_id, title, text FROM articles_latest ORDER BY url"
    assert len(rows(crawled, query)) == len(PATHS)
    assert rows(replayed, query) == rows(crawled, query)
    before = digest(crawled)
    into_itself = scrapy("replay", *map(str, sorted((crawled / "warc").glob("*.warc.gz"))), data=crawled)
    assert f"{len(PATHS)} left out: already in the archive" in into_itself.stdout
    assert {name: value for name, value in digest(crawled).items() if name != "completed_tasks"} == {
        name: value for name, value in before.items() if name != "completed_tasks"
    }


def test_a_replay_tries_a_page_again_whose_parser_failed(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 40)
    assert replay(data, file, parser=Parser({url(20)})).outcomes == {"new": 39, "failed": 1}
    before = digest(data)
    still = Parser({url(20)})
    assert replay(data, file, parser=still).outcomes == {"failed": 1}
    assert still.pages == [url(20)]
    assert digest(data) == before
    again = Parser()
    assert replay(data, file, parser=again).outcomes == {"new": 1}
    assert again.pages == [url(20)]
    assert rows(data, f"SELECT title FROM articles_latest WHERE url = '{url(20)}'") == [
        ("Report number 20 of the pier",)
    ]
    assert replay(data, file).outcomes == {}
    assert rows(data, "SELECT count(*) FROM pages") == [(40,)]


def test_a_failed_edit_is_read_by_the_next_replay(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 3, edited=1)
    edited = data / "edited.warc.gz"
    edited.write_bytes(response(url(1), "2026-03-01T14:00:00Z", story("The second edit of the pier")))
    replay(data, file)
    assert replay(data, edited, parser=Parser({url(1)})).outcomes == {"failed": 1}
    assert replay(data, edited).outcomes == {"revised": 1}
    assert rows(data, "SELECT revision_count FROM articles WHERE id = 2") == [(2,)]


def test_a_reextraction_reads_pages_whose_parser_failed(data: Path) -> None:
    file = write_recording(data / "a.warc.gz", 40, edited=2)
    replay(data, file, parser=Parser({url(1), url(20)}))
    assert rows(data, "SELECT count(*) FROM articles") == [(38,)]
    before = digest(data)
    assert reextract(data, write=False).recovered == 3  # the edit of the second article is one of them
    assert reextract(data, parser=Parser({url(1), url(20)})).recovered == 0
    assert {name for name, value in digest(data).items() if value != before[name]} == {"completed_tasks"}
    assert reextract(data).recovered == 3
    assert rows(data, "SELECT count(*), max(revision_count) FROM articles") == [(40, 2)]
    assert rows(data, f"SELECT title FROM articles_latest WHERE url = '{url(1)}'") == [("Edited report 1 of the pier",)]


def test_a_second_reextraction_reads_nothing_and_changes_nothing(data: Path) -> None:
    replay(data, write_recording(data / "a.warc.gz", 34))
    with contextlib.closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("UPDATE revisions SET title = 'As an earlier extractor read it' WHERE id % 2 = 0")
        db.commit()
    first = reextract(data)
    assert (first.read, first.written, first.fields["title"]) == (34, 17, 17)
    before = digest(data)
    parser = Parser()
    second = reextract(data, parser=parser)
    assert (second.read, second.done_before, second.written, parser.pages) == (0, 34, 0, [])
    assert digest(data) == before


def test_an_interrupted_reextraction_continues_where_it_stopped(data: Path) -> None:
    replay(data, write_recording(data / "a.warc.gz", 120))
    with contextlib.closing(sqlite3.connect(data / "archive.db")) as db:
        db.execute("UPDATE revisions SET title = 'As an earlier extractor read it'")
        db.commit()
    killed_at(
        100, "schedules.crawl.reextract.write", "reextract", "--write", data=data
    )  # at most three units of 32 wait
    done = rows(data, "SELECT count(*) FROM revisions")[0][0] - 120
    assert 0 < done < 120
    result = reextract(data)
    assert (result.written, result.done_before) == (120 - done, done)
    assert rows(data, "SELECT count(*), min(number), max(number) FROM revisions WHERE title LIKE 'Report%'") == [
        (120, 2, 2)
    ]


@pytest.mark.parametrize("is_packed", [True, False])
def test_a_file_that_is_cut_anywhere_is_reported_and_read_completely_when_it_is_whole(
    tmp_path: Path, is_packed: bool
) -> None:
    whole = write_recording(tmp_path / "whole.warc.gz", 20).read_bytes()
    if not is_packed:
        whole = gzip.decompress(whole)
    file = tmp_path / "a.warc"
    ledger: dict[str, Any] = {}
    for cut in random.Random(1).sample(range(1, len(whole)), 60):
        ledger.clear()
        file.write_bytes(whole[:cut])
        first = list(read_units(file, settings="", earlier=ledger.get))
        ends = {unit.end for unit in first}
        assert cut in ends or first[-1].damage or first[-1].left_out or first[-1].is_last, cut
        for unit in first:
            if unit.end > unit.start:
                ledger[unit.key] = {"end": unit.end, "sha256": unit.sha256, "pages": len(unit.pages)}
        file.write_bytes(whole)
        second = list(read_units(file, settings="", earlier=ledger.get))
        read = {page.url for unit in (*first, *second) for page in unit.pages}
        assert read == {url(number) for number in range(20)}, cut
        assert second[-1].damage is None, cut
