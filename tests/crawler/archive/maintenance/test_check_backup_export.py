"""`check` finds damage, `backup` copies consistently, `export` writes what other programs can read."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.archive.articles.record_fetch import record_fetch
from crawler.archive.crawl.runs import begin_run
from crawler.archive.db.fts_index import merge_index_segments
from crawler.archive.db.open import open_archive, open_reader
from crawler.archive.db.seals import seal_row
from crawler.archive.maintenance.backup import back_up
from crawler.archive.maintenance.check_scope import CHECK_PARTS, next_scope, state_after
from crawler.archive.maintenance.export import lines
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.storage.warc_records import read_stored_page
from crawler.archive.storage.writer_thread import Writer
from crawler.config.sources import Source
from crawler.exceptions import WirewatchError
from crawler.sqlite.connection import connect
from tests.support.cli import scrapy
from tests.support.factories import HOME, NOW, SOURCE, Archive, article, feed_text, hour, page, record

LANTERN = Source.model_validate(
    {"id": "lantern", "name": "Lantern", "home": "https://lantern.example/", "feeds": ["https://lantern.example/f"]}
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    made = Archive(tmp_path, (SOURCE, LANTERN))
    made.record_fetch(record(article(), page(f"{HOME}/news/one")))
    made.record_fetch(
        record(article("Ferries run again.", title="=cmd|' /C calc'!A0"), page(f"{HOME}/news/two"), at=hour(1))
    )
    made.record_fetch(
        record(article("Ferries run again, twice.", title="Ferries"), page(f"{HOME}/news/two", b"2"), at=hour(2))
    )
    return made


def damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table, as a bad disk might."""
    with contextlib.closing(open_archive(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(bytes(range(1, 201)))


def findings(archive: Archive) -> list[str]:
    return [str(finding) for finding in check_archive(archive.store.db, archive.warc)]


def test_a_healthy_archive_has_no_findings(archive: Archive) -> None:
    assert findings(archive) == []


def test_a_changed_text_is_found(archive: Archive) -> None:
    archive.store.db.execute("UPDATE revisions SET text = replace(text, 'Ferries', 'Berries') WHERE id = 2")
    found = findings(archive)
    assert "revisions row 2: text does not match text_sha256; restore it from a backup" in found
    assert any(line.startswith(INDEX_DIFFERS) for line in found)


INDEX_DIFFERS = "revisions_fts: the full-text index does not match the revisions"


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO revisions_fts (revisions_fts, rowid, title, lead, byline, text) SELECT 'delete', * FROM revisions_search"
        " WHERE id = 2",
        "INSERT INTO revisions_fts (rowid, text) VALUES (99, 'of no revision')",
        "INSERT INTO revisions_fts (rowid, text) VALUES (2, 'twice')",
        "UPDATE revisions_fts_data SET block = zeroblob(length(block)) WHERE id > 10",
        "DELETE FROM revisions_fts_data WHERE id > 10",
        "DELETE FROM revisions_fts_docsize WHERE id = 2",
    ],
)
def test_an_index_that_does_not_match_the_texts_is_found(archive: Archive, damage: str) -> None:
    archive.store.db.execute(damage)
    assert any(line.startswith(INDEX_DIFFERS) for line in findings(archive))


def test_a_check_neither_blocks_writers_nor_waits_for_them(archive: Archive) -> None:
    other = open_archive(archive.db_path)
    other.execute("BEGIN IMMEDIATE")
    archive.store.db.execute("PRAGMA busy_timeout = 0")
    assert findings(archive) == []
    other.execute("ROLLBACK")
    assert [path.name for path in archive.db_path.parent.iterdir() if path.name.startswith("check-")] == []
    assert "probe" not in [row["name"] for row in archive.store.db.execute("PRAGMA database_list")]


def test_an_index_that_cannot_be_copied_for_lack_of_disk_space_is_reported(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))
    assert [line.rpartition(": ")[0] for line in findings(archive)] == [
        "revisions_fts: not checked, too little disk space"
    ]


def test_one_flipped_bit_in_a_raw_page_is_found(archive: Archive) -> None:
    name, offset, length = archive.rows(
        "SELECT name, warc_offset, warc_length FROM pages JOIN warc_files w ON w.id = warc_file_id WHERE pages.id = 2"
    )[0]
    path = archive.warc / name
    data = bytearray(path.read_bytes())
    data[offset + length // 2] ^= 1
    path.write_bytes(data)
    assert [line.split(":")[0] for line in findings(archive)] == ["pages row 2"]


def test_a_missing_file_of_raw_pages_is_found(archive: Archive) -> None:
    next(archive.warc.iterdir()).unlink()
    assert any("the file is missing; restore it from a backup" in line for line in findings(archive))


def test_a_reference_to_a_missing_row_is_found(archive: Archive) -> None:
    archive.store.db.execute("PRAGMA foreign_keys = OFF")
    archive.store.db.execute("DELETE FROM pages WHERE id = 1")
    assert "revisions row 1: references a row of pages that does not exist" in findings(archive)


@pytest.mark.parametrize("table", ["links", "fetches", "articles", "revisions", "pages", "revisions_fts_data"])
def test_a_damaged_table_is_a_finding_and_the_check_continues(table: str, archive: Archive) -> None:
    damage(archive.db_path, table)
    db = open_archive(archive.db_path)
    found = [str(finding) for finding in check_archive(db, archive.warc)]
    assert any("archive.db: " in line and "restore a backup" in line for line in found), found


def test_every_command_reports_a_damaged_archive_in_one_line(archive: Archive) -> None:
    damage(archive.db_path, "articles")
    damage(archive.db_path, "fetches")
    (archive.db_path.parent / "sources.toml").write_text(
        f'[{SOURCE.id}]\nname = "{SOURCE.name}"\nhome = "{SOURCE.home}"\nfeeds = ["{SOURCE.home}rss"]\n',
        encoding="utf-8",
    )
    for command, status in (("check", {1, 3}), ("health", {3}), ("sources", {3})):
        words = ("archive", "check") if command == "check" else (command,)
        done = scrapy(*words, data=archive.db_path.parent)
        assert done.returncode in status, (command, done)
        assert "Traceback" not in done.stderr
        assert "database disk image is malformed" in done.stdout + done.stderr


def test_check_finds_no_faults_in_a_read_only_archive(archive: Archive) -> None:
    archive.store.db.execute("PRAGMA query_only = ON")
    (finding,) = check_archive(archive.store.db, archive.warc)
    assert not finding.is_fault
    assert str(finding).startswith("revisions_fts: not checked")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ("UPDATE revisions SET seen_at = '2025-01-01T00:00:00Z' WHERE id = 2", "revisions row 2: seen_at is 2025-01-01"),
        ("UPDATE revisions SET page_id = 1 WHERE id = 2", "revisions row 2: belongs to article 2, but its raw page 1 to article 1"),
        ("UPDATE revisions SET page_id = 3 WHERE id = 2", "revisions row 2: names raw page 3 of article 2, but fetches row 2"),
        ("UPDATE pages SET fetched_at = '2025-01-01T00:00:00Z' WHERE id = 1", "pages row 1: fetched_at is 2025-01-01"),
        ("UPDATE pages SET url = 'https://other.example/' WHERE id = 1", "pages row 1: url is https://other.example/, but the WARC record has"),
        ("UPDATE pages SET final_url = 'https://other.example/' WHERE id = 1", "pages row 1: final_url is https://other.example/, but the WARC"),
        ("UPDATE pages SET http_status = 404 WHERE id = 1", "pages row 1: http_status is 404, but the WARC record has 200"),
        ("UPDATE pages SET source_id = 'lantern' WHERE id = 1", "pages row 1: source_id is lantern, but the WARC record has gazette"),
        ("UPDATE articles SET url = 'https://other.example/' WHERE id = 1", "articles row 1: url is https://other.example/, where it was never seen"),
        ("UPDATE bylines SET name = 'Otto Falk' WHERE revision_id = 1", "revisions row 1: the names in bylines are 'Otto Falk', but byline is 'Mara Voss'"),
        ("DELETE FROM bylines WHERE revision_id = 1", "revisions row 1: the names in bylines are ''"),
        (
            "UPDATE fetches SET at = '2025-01-01T00:00:00Z' WHERE id = 1; UPDATE revisions SET seen_at = '2025-01-01T00:00:00Z'"
            " WHERE id = 1; UPDATE pages SET fetched_at = '2025-01-01T00:00:00Z' WHERE id = 1",
            "pages row 1: fetched_at is 2025-01-01T00:00:00Z, but the WARC record has 2026-03-01T12:00:00Z",
        ),
    ],
)  # fmt: skip
def test_a_text_that_was_moved_to_another_day_page_or_author_is_found(
    archive: Archive, change: str, finding: str
) -> None:
    for statement in change.split("; "):
        archive.store.db.execute(statement)
    found = findings(archive)
    assert any(line.startswith(finding) for line in found), found
    assert all("from a backup" in line for line in found)


def test_unusual_fetches_are_not_faults(archive: Archive) -> None:
    """Two articles that are merged, the same bytes again, a text from the feed, a URL that no header can hold."""
    archive.record_fetch(feed_text(article("Of the feed."), page(f"{HOME}/news/feed"), at=hour(4)))
    archive.record_fetch(record(article(), page(f"{HOME}/news/one"), at=hour(5)))
    archive.record_fetch(
        record(
            article("One and two.", canonical_url=f"{HOME}/news/one"),
            page(f"{HOME}/news/two", b"3", final_url=f"{HOME}/news/one"), at=hour(6),
        )
    )  # fmt: skip
    archive.record_fetch(record(article("Odd."), page(f"{HOME}/news/hafen\u00fcbersicht?a=b\u2028c", b"4"), at=hour(7)))
    assert archive.value("SELECT count(*) FROM articles WHERE merged_into IS NOT NULL") == 1
    assert findings(archive) == []


def test_leftovers_of_a_crash_are_not_faults_and_are_overwritten(archive: Archive) -> None:
    path = next(archive.warc.iterdir())
    with path.open("ab") as file:
        file.write(b"half a record")
    assert findings(archive) == []
    archive.record_fetch(record(article("New."), page(f"{HOME}/news/three"), at=hour(3)))
    assert findings(archive) == []


def test_a_backup_is_a_complete_archive(archive: Archive, tmp_path: Path) -> None:
    reader = open_reader(archive.db_path)
    done = back_up(reader, archive.warc, tmp_path / "copy")
    archive.record_fetch(record(article("Later."), page(f"{HOME}/news/later"), at=hour(3)))
    assert (done.articles, done.revisions, done.pages) == (2, 3, 3)
    copy = open_reader(tmp_path / "copy" / "archive.db")
    assert copy.execute("SELECT count(*) FROM articles").fetchone()[0] == 2
    assert read_stored_page(copy, tmp_path / "copy" / "warc", 3).body == b"2"


def test_a_public_copy_does_not_contain_recipients(archive: Archive, tmp_path: Path) -> None:
    archive.store.db.execute(
        "INSERT INTO digest_recipients (digest_id, recipient, done_until) VALUES ('morning', 'reader@desk.example', '2026-03-01')"
    )
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "private")
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "public", public=True)
    assert b"reader@desk.example" in (tmp_path / "private" / "archive.db").read_bytes()
    assert b"reader@desk.example" not in (tmp_path / "public" / "archive.db").read_bytes()
    copy = open_reader(tmp_path / "public" / "archive.db")
    assert copy.execute("SELECT count(*) FROM articles").fetchone()[0] == 2


SECRETS = ("informant@ngo.example", "informant kyiv", "night-desk", "s3cret", "editor:", "10.0.0.3", "PRIVATE_CHANNEL")
"""A recipient, a mistyped recipient, a digest, a password, its user, a proxy, a channel."""


def test_a_public_copy_contains_no_recipient_digest_password_proxy_or_path(archive: Archive, tmp_path: Path) -> None:
    """In every text column that Wirewatch fills, also in future tables."""
    data = archive.db_path.parent
    reported = (
        f"{data}/digests.toml: table [night-desk], key recipients: 'informant kyiv@ngo.example' is no mail address;"
        " informant@ngo.example: refused; channel:PRIVATE_CHANNEL"
    )
    seed = "https://editor:s3cret@harbour-gazette.example/rss"
    error = f"{seed}: {data}/archive.db: could not open a tunnel with proxy 10.0.0.3:3128"
    with archive.store.transaction() as store:
        db = store.db
        db.execute(
            "INSERT INTO digest_recipients (digest_id, recipient, done_until) VALUES ('night-desk', 'informant@ngo.example', '2026-03-01')"
        )
        db.execute("INSERT INTO digest_schedules VALUES ('night-desk', 'at once')")
        db.execute(
            "INSERT INTO outbox (digest_id, recipient, period, subject, message_id, content, content_sha256, state, created_at)"
            " VALUES ('night-desk', 'informant@ngo.example', 'p', 's', 'm', CAST('informant@ngo.example' AS BLOB), '', 'sent', '2026-03-01')"
        )
        db.execute(
            "INSERT INTO job_runs (name, due_at, started_at, late_seconds, exit_status, message)"
            " VALUES ('digest', '2026-03-01', '2026-03-01', 0, 2, ?)", (reported,),
        )  # fmt: skip
        db.execute("UPDATE seeds SET url = ?, error = ? WHERE source_id = 'gazette'", (seed, error))
        db.execute("UPDATE fetches SET reason = ?", (error,))
        db.execute(
            "INSERT INTO problems (source_id, kind, what, since, evidence, advice, opened_at)"
            " VALUES ('gazette', 'unreachable', ?, '', ?, ?, '')", (seed, error, error),
        )  # fmt: skip
        seal_row(db, "problems", 1)
        for number in (1, 2, 3):
            seal_row(db, "fetches", number)
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "private")
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "public", public=True)
    private, public = ((tmp_path / name / "archive.db").read_bytes() for name in ("private", "public"))
    for secret in (*SECRETS, str(data), str(Path.home())):
        assert secret.encode() not in public, secret
    assert all(secret.encode() in private for secret in (*SECRETS, str(data)))
    copy = open_reader(tmp_path / "public" / "archive.db")
    assert (
        copy.execute("SELECT url FROM seeds WHERE source_id = 'gazette'").fetchone()[0]
        == "https://harbour-gazette.example/rss"
    )
    assert [
        str(one) for one in check_archive(connect(tmp_path / "public" / "archive.db"), tmp_path / "public" / "warc")
    ] == []


def test_a_public_copy_contains_what_outlets_published_unchanged(archive: Archive, tmp_path: Path) -> None:
    said = (
        f"Write to https://desk:word@harbour-gazette.example or {archive.db_path.parent}, said informant@ngo.example."
    )
    archive.record_fetch(record(article(said, title=said), page(f"{HOME}/news/four"), at=hour(4)))
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "public", public=True)
    copy = open_reader(tmp_path / "public" / "archive.db")
    assert tuple(copy.execute("SELECT title, text FROM revisions ORDER BY id DESC LIMIT 1").fetchone()) == (said, said)


def test_a_backup_never_overwrites(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(WirewatchError, match="already exists"):
        back_up(open_reader(archive.db_path), archive.warc, tmp_path / "copy")


def test_an_export_of_articles_has_one_line_each_with_the_current_text(archive: Archive) -> None:
    rows = [json.loads(line) for line in lines(archive.store.db, what="articles", form="ndjson")]
    assert [(row["title"], row["revision_count"]) for row in rows] == [
        ("Council closes northern pier", 1),
        ("Ferries", 2),
    ]


def test_an_export_of_revisions_has_every_version(archive: Archive) -> None:
    rows = [json.loads(line) for line in lines(archive.store.db, what="revisions", form="ndjson", since=hour(1))]
    assert [(row["article_id"], row["number"]) for row in rows] == [(2, 1), (2, 2)]


def test_a_headline_that_looks_like_a_formula_is_quoted(archive: Archive) -> None:
    exported = list(lines(archive.store.db, what="revisions", form="csv"))
    assert exported[0].startswith("article_id,revision_id,number,")
    assert ",'=cmd|" in exported[2]


def test_an_export_of_another_source_is_empty(archive: Archive) -> None:
    assert list(lines(archive.store.db, what="articles", form="ndjson", sources=["nobody"])) == []


def test_a_backup_under_load_is_consistent(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "archive.db", tmp_path / "warc")
    writer.submit(begin_run, "test", [SOURCE], configured=None, at=NOW).result()
    over = threading.Event()

    def load() -> None:
        number = 0
        while not over.is_set():
            number += 1
            writer.submit(record_fetch, record(article(f"Story {number}."), page(f"{HOME}/news/{number}"))).result()

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for number in range(5):
            done = back_up(open_reader(tmp_path / "archive.db"), tmp_path / "warc", tmp_path / f"copy{number}")
            assert done.articles == done.revisions == done.pages
    finally:
        over.set()
        thread.join()
        writer.close()
    for number in range(5):
        copy = open_archive(tmp_path / f"copy{number}" / "archive.db")
        assert [str(finding) for finding in check_archive(copy, tmp_path / f"copy{number}" / "warc")] == []


def flip_to_invalid_utf8(archive: Archive, table: str, column: str, row: int) -> None:
    """Replace a text by bytes that are not UTF-8, as a flipped bit may."""
    archive.store.db.execute("PRAGMA foreign_keys = OFF")
    archive.store.db.execute(f"UPDATE {table} SET {column} = CAST(x'46e97272696573' AS TEXT) WHERE id = ?", (row,))


def test_every_text_that_is_not_utf8_is_named_and_the_check_continues(archive: Archive) -> None:
    flip_to_invalid_utf8(archive, "revisions", "text", 2)
    flip_to_invalid_utf8(archive, "articles", "title", 1)
    found = findings(archive)
    assert "articles row 1: title: not valid UTF-8; restore it from a backup" in found
    assert "revisions row 2: text: not valid UTF-8; restore it from a backup" in found
    assert "revisions row 2: text does not match text_sha256; restore it from a backup" in found


@pytest.mark.parametrize("command", [("archive", "check"), ("archive", "export"), ("archive", "backup", "COPY")])
def test_no_command_ends_in_a_traceback_if_a_text_is_not_utf8(archive: Archive, command: tuple[str, ...]) -> None:
    flip_to_invalid_utf8(archive, "revisions", "text", 3)
    data = archive.db_path.parent
    words = [str(data / "copy") if word == "COPY" else word for word in command]
    done = scrapy(*words, data=data)
    assert "Traceback" not in done.stderr
    assert done.returncode != 0
    assert "revisions row 3" in done.stdout + done.stderr


@pytest.mark.parametrize(
    "column",
    ["published_at", "published_source", "modified_at", "language", "section", "tags", "field_sources", "image"],
)
def test_the_seal_covers_the_columns_of_a_revision_that_readers_see(archive: Archive, column: str) -> None:
    archive.store.db.execute(f"UPDATE revisions SET {column} = '2020-01-01T00:00:00Z' WHERE id = 1")
    assert "revisions row 1: values do not match row_sha256; restore it from a backup" in findings(archive)


@pytest.mark.parametrize("column", ["title", "byline", "published_at", "language", "section", "status", "words"])
def test_the_columns_of_revisions_that_articles_repeats_are_checked(archive: Archive, column: str) -> None:
    archive.store.db.execute(f"UPDATE articles SET {column} = 7 WHERE id = 1")
    expected = f"articles row 1: {column} of the current version: not as in revisions; restore it from a backup"
    assert expected in findings(archive)


def test_a_backup_has_the_files_that_people_wrote(archive: Archive, tmp_path: Path) -> None:
    for name in ("sources.toml", "topics.toml", "digests.toml", "metadata.yaml"):
        (archive.db_path.parent / name).write_text(f"# {name}\n", encoding="utf-8")
    done = back_up(open_reader(archive.db_path), archive.warc, tmp_path / "copy")
    assert done.config_files == ("sources.toml", "topics.toml", "digests.toml", "metadata.yaml")
    assert (tmp_path / "copy" / "digests.toml").read_text(encoding="utf-8") == "# digests.toml\n"
    public = back_up(open_reader(archive.db_path), archive.warc, tmp_path / "public", public=True)
    assert public.config_files == ()


def test_leftovers_of_a_killed_backup_are_removed_by_the_next(archive: Archive, tmp_path: Path) -> None:
    leftover = tmp_path / "wirewatch-1.unfinished"
    leftover.mkdir()
    (leftover / "backup.lock").touch()
    back_up(open_reader(archive.db_path), archive.warc, tmp_path / "copy")
    assert not leftover.exists()
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_backup_that_fails_leaves_nothing(archive: Archive, tmp_path: Path) -> None:
    next(archive.warc.iterdir()).unlink()
    with pytest.raises(WirewatchError):
        back_up(open_reader(archive.db_path), archive.warc, tmp_path / "copy")
    assert not list(tmp_path.glob("copy*"))


@pytest.mark.parametrize("start", ["=", "\uff1d", "\u200b=", "\ufeff+", "-", "@", "\t"])
def test_a_cell_that_begins_like_a_formula_is_quoted(archive: Archive, start: str) -> None:
    archive.record_fetch(record(article("Odd.", title=f"{start}SUM(A1)"), page(f"{HOME}/news/odd", b"5"), at=hour(4)))
    assert f"'{start}SUM(A1)" in list(lines(archive.store.db, what="revisions", form="csv"))[-1]


@pytest.mark.parametrize("command", ["check", "export", "backup", "reextract"])
def test_damaged_rows_are_named_and_the_others_are_processed(archive: Archive, tmp_path: Path, command: str) -> None:
    """A text that is not UTF-8, and a value that the seal does not match: exit status 1, and all other rows are processed."""
    (archive.db_path.parent / "sources.toml").write_text(
        f'[{SOURCE.id}]\nname = "{SOURCE.name}"\nhome = "{SOURCE.home}"\nfeeds = ["{SOURCE.home}rss"]\n',
        encoding="utf-8",
    )
    flip_to_invalid_utf8(archive, "revisions", "text", 1)
    archive.store.db.execute("UPDATE revisions SET published_at = '2020-01-01T00:00:00Z' WHERE id = 3")
    words = {"backup": ["archive", "backup", str(tmp_path / "copy")], "reextract": ["reextract"]}
    done = scrapy(*words.get(command, ["archive", command]), data=archive.db_path.parent)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1, done.stdout + done.stderr
    named = done.stdout + done.stderr
    assert "revisions row 1: text" in named
    assert "revisions row 3: values do not match row_sha256; restore it from a backup" in named
    if command == "export":
        assert [json.loads(line)["article_id"] for line in done.stdout.splitlines()] == [1, 2]
    if command == "reextract":
        assert "2 pages extracted again" in done.stdout
    if command == "backup":
        assert (tmp_path / "copy" / "archive.db").exists()


def test_seven_parts_of_a_check_read_every_raw_page_and_new_ones_the_next_day(tmp_path: Path) -> None:
    archive, state, read = Archive(tmp_path), None, []
    for number in range(20):
        archive.record_fetch(record(article(f"Report {number}."), page(f"{HOME}/news/{number}"), at=hour(number)))
    for part in range(1, CHECK_PARTS + 1):
        scope = next_scope(archive.store.db, state)
        state = json.loads(json.dumps(state_after(scope, state, None)))
        assert scope.part == part
        read += [number for first, last in scope.ranges["pages"] for number in range(first, last + 1)]
        assert part == 1 or 19 + part in read, "the page of the day before"
        url = f"{HOME}/news/new-{part}"
        archive.record_fetch(record(article(f"New report {part}."), page(url), at=hour(20 + part)))
    assert set(read) == set(range(1, 27)), "the 27th came after the last part"
    following = next_scope(archive.store.db, state)
    assert following.part == 1
    assert following.ranges["pages"] == ((1, 4), (27, 27))


def test_a_part_of_a_check_finds_damage_in_its_own_rows_only(archive: Archive) -> None:
    db = archive.store.db
    db.execute("UPDATE revisions SET text = 'Forged.' WHERE id = 3")
    state, found = None, []
    for _ in range(CHECK_PARTS):
        scope = next_scope(db, state)
        state = state_after(scope, state, None)
        faults = [finding.where for finding in check_archive(db, archive.warc, scope=scope)]
        found.append("revisions row 3" in faults)
    assert found.count(True) == 1


def test_a_daily_check_fails_until_the_damage_that_an_earlier_part_found_is_repaired(archive: Archive) -> None:
    def check(*options: str) -> tuple[int, str]:
        done = scrapy("archive", "check", *options, data=archive.db_path.parent)
        return done.returncode, done.stdout

    [[text]] = archive.store.db.execute("SELECT text FROM revisions WHERE id = 1").fetchall()
    archive.store.db.execute("UPDATE revisions SET text = 'Forged.' WHERE id = 1")
    assert check("--daily")[0] == 1
    status, output = check("--daily")
    assert status == 1
    assert "part 1 of the daily check found" in output
    assert "revisions row 1" in output
    archive.store.db.execute("UPDATE revisions SET text = ? WHERE id = 1", (text,))
    assert check("--daily")[0] == 1, "part 1 was not read again"
    assert check()[0] == 0
    status, output = check("--daily")
    assert (status, "found" in output.replace("no problems found", "")) == (0, False), output


def test_segments_of_the_full_text_index_are_merged_and_searches_find_the_same(archive: Archive) -> None:
    db = archive.store.db
    for number in range(40):
        archive.record_fetch(record(article(f"Ferry {number}."), page(f"{HOME}/ferry/{number}"), at=hour(3)))

    def found() -> list[int]:
        return [row[0] for row in db.execute("SELECT rowid FROM revisions_fts WHERE revisions_fts MATCH 'ferry'")]

    before = found()
    segments = "SELECT count(DISTINCT segid) FROM revisions_fts_idx"
    many = db.execute(segments).fetchone()[0]
    merge_index_segments(db)
    assert db.execute(segments).fetchone()[0] < many
    assert found() == before
    assert findings(archive) == []
