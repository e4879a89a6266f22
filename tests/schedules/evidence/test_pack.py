"""Evidence files: valid WACZ, verifiable by a recipient who has nothing else, and refused after any change."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import lxml.html
import pytest

from crawler.archive.evidence.daily_roots import daily_roots
from crawler.archive.evidence.pack_queries import select_evidence
from crawler.archive.evidence.root_timestamps import store_timestamp
from crawler.evidence.verify_pack import VerificationError, verify_pack
from crawler.evidence.wacz import index_key
from crawler.exceptions import ArchiveError, NotFoundError
from schedules.evidence.pack import collect_pack, write_pack
from tests.support.archives.evidence import at, daily_archive
from tests.support.cli import scrapy
from tests.support.factories import Archive, article, feed_text


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return daily_archive(tmp_path)


def packed(archive: Archive, folder: Path, kind: str = "article", subject: str | int = 1) -> Path:
    """An evidence file of the article that is edited each day, unless another subject is given."""
    selection = select_evidence(archive.store.db, kind, subject, since=None)  # type: ignore[arg-type]
    target = folder / "evidence.wacz"
    write_pack(collect_pack(archive.store.db, archive.warc, selection, at=at(5)), target)
    return target


def verified(path: Path, root: str = "") -> list[str]:
    with zipfile.ZipFile(path) as pack:
        return list(verify_pack(pack, root))


def content_of(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as pack:
        return pack.read(name)


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None], *, refresh: bool = False) -> Path:
    """A copy of the file with other contents. `refresh`: with the hashes that datapackage.json then needs."""
    with zipfile.ZipFile(path) as pack:
        contents = {name: change(name, pack.read(name)) for name in pack.namelist()}
    files = {name: content for name, content in contents.items() if content is not None}
    if refresh:
        package = json.loads(files["datapackage.json"])
        for entry in package["resources"]:
            entry["hash"] = f"sha256:{hashlib.sha256(files[entry['path']]).hexdigest()}"
        files["datapackage.json"] = json.dumps(package).encode()
        digest = hashlib.sha256(files["datapackage.json"]).hexdigest()
        files["datapackage-digest.json"] = json.dumps({"path": "datapackage.json", "hash": f"sha256:{digest}"}).encode()
    target = path.with_name("changed.wacz")
    with zipfile.ZipFile(target, "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return target


@pytest.mark.parametrize(("kind", "subject"), [("article", 1), ("story", 1), ("topic", "pier"), ("alert", 1)])
def test_wacz_validate_accepts_the_file(archive: Archive, tmp_path: Path, kind: str, subject: str | int) -> None:
    pytest.importorskip("wacz.main", reason="py-wacz needs Python 3.11")
    command = [sys.executable, "-m", "wacz.main", "validate", "-f", str(packed(archive, tmp_path, kind, subject))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Validation succeeded" in done.stdout, done.stdout + done.stderr


def test_the_file_has_the_pages_as_they_were_recorded(archive: Archive, tmp_path: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator

    path = packed(archive, tmp_path)
    (tmp_path / "e.warc.gz").write_bytes(content_of(path, "archive/evidence.warc.gz"))
    with (tmp_path / "e.warc.gz").open("rb") as stream:
        records = [(one.rec_type, one.content_stream().read()) for one in ArchiveIterator(stream)]
    assert [kind for kind, _ in records] == ["warcinfo", *["response"] * 4]
    assert b"on day 2" in records[2][1]
    lines = gzip.decompress(content_of(path, "indexes/index.cdx.gz")).decode().splitlines()
    for line in lines:
        place = json.loads(line.split(" ", 2)[2])
        warc = content_of(path, "archive/evidence.warc.gz")
        record = warc[int(place["offset"]) : int(place["offset"]) + int(place["length"])]
        assert f"sha256:{hashlib.sha256(record).hexdigest()}" == place["recordDigest"]
        assert place["url"].encode() in gzip.decompress(record)
    assert len(lines) == 4


def test_the_file_has_versions_changes_requests_coverage_and_alerts(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path)
    documents = {
        name: json.loads(content_of(path, f"evidence/{name}.json")) for name in ("revisions", "changes", "fetches")
    }
    assert [row["number"] for row in documents["revisions"]] == [1, 2, 3, 4]
    assert all(row["extractor"] is not None for row in documents["revisions"])
    assert documents["changes"][0]["paragraphs"][0]["kind"] == "changed"
    assert [row["outcome"] for row in documents["fetches"]] == ["new", "revised", "revised", "revised"]
    alert = json.loads(content_of(packed(archive, tmp_path / "..", "alert", 1), "evidence/alerts.json"))[0]
    assert alert["definition"]["query"] == "pier AND close"
    assert "close the northern pier" in alert["sentences"][0]["sentence"]


def test_the_file_is_verified_with_the_root_of_a_mail(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path)
    lines = verified(path, daily_roots(archive.store.db)[-1].root)
    assert "revision 1 2026-11-01T10:00:00Z: content, hash and path to the root of 2026-11-01" in lines
    assert lines[-1] == "the given root is that of 2026-11-03"
    assert [line for line in lines if "NOT PROVEN" in line] == [
        "page 10: stored after the newest daily root: NOT PROVEN by a daily root",
        "revision 10: stored after the newest daily root: NOT PROVEN by a daily root",
        "alert 4: stored after the newest daily root: NOT PROVEN by a daily root",
    ]


def test_a_root_from_before_a_version_or_of_another_archive_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path)
    with pytest.raises(VerificationError, match="stored after 2026-11-01"):
        verified(path, daily_roots(archive.store.db)[0].root)
    with pytest.raises(VerificationError, match="not a root of this file"):
        verified(path, "ab" * 32)


def test_somebody_with_nothing_but_the_file_can_verify_it(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(path) as pack:
        pack.extractall(folder)
    hashes = subprocess.run(
        ["sha256sum", "-c", "evidence/hashes.sha256"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert hashes.returncode == 0, hashes.stderr
    assert "archive/evidence.warc.gz: OK" in hashes.stdout
    # -I and an empty environment: neither Wirewatch nor anything else can be imported.
    command = [sys.executable, "-I", "-S", "evidence/verify_pack.py", str(path)]
    root = daily_roots(archive.store.db)[-1].root
    done = subprocess.run([*command, root], cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "VERIFIED."), done.stderr
    done = subprocess.run([*command, "00" * 32], cwd=folder, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1][:12]) == (1, "NOT VERIFIED")


FORGERIES = {
    "text": ("evidence/revision-1.txt", lambda content: content.replace(b"close", b"open")),
    "sealed row": ("evidence/revision-1.sealed.json", lambda content: content.replace(b"2026-11-01", b"2025-11-01")),
    "alert": ("evidence/alert-1.sealed.json", lambda content: content.replace(b"new", b"old")),
    "raw page": ("archive/evidence.warc.gz", lambda content: content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]),
    "time in a leaf": ("evidence/proofs.json", lambda content: content.replace(b"2026-11-01T10", b"2026-11-01T09", 1)),
    "root": ("evidence/proofs.json", lambda content: re.sub(rb'"root": "...', b'"root": "000', content)),
    "no JSON": ("evidence/proofs.json", lambda content: b"{"),
}


@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_changed_file_is_refused_even_with_new_hashes(
    archive: Archive, tmp_path: Path, forgery: str, refresh: bool
) -> None:
    path = packed(archive, tmp_path)
    name, change = FORGERIES[forgery]
    assert change(content_of(path, name)) != content_of(path, name)
    if forgery == "raw page":  # the last record of the file is not covered by a root yet, so another one is changed
        length = json.loads(content_of(path, "evidence/pages.json"))[-1]["length"]
        forged = rewritten(
            path,
            lambda one, content: change(content[:-length]) + content[-length:] if one == name else content,
            refresh=refresh,
        )
    else:
        forged = rewritten(path, lambda one, content: change(content) if one == name else content, refresh=refresh)
    with pytest.raises(VerificationError):
        verified(forged)


def test_a_missing_or_added_file_is_refused(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path)
    with pytest.raises(VerificationError, match="missing"):
        verified(rewritten(path, lambda name, content: None if name == "evidence/fetches.json" else content))


def test_the_cover_page_explains_the_file_without_scripts_or_other_addresses(archive: Archive, tmp_path: Path) -> None:
    path = packed(archive, tmp_path, "topic", "pier")
    html = content_of(path, "evidence/cover.html").decode()
    page = lxml.html.document_fromstring(html)
    assert not page.xpath("//script | //link | //img | //iframe | //@src | //@onload")
    shown = " ".join(page.text_content().split())
    root = daily_roots(archive.store.db)[-1]
    assert f"Archive root for {root.day}: {root.root}" in shown
    assert "The Harbour Gazette" in shown
    assert "Fetched2026-11-01 10:00:00 UTC" in shown
    assert "pier AND close" in shown
    assert "sha256sum -c evidence/hashes.sha256" in shown


def test_text_of_an_outlet_is_escaped_on_the_cover_page(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(feed_text(article("<script>alert(1)</script>", title="<img src=x onerror=alert(1)>")))
    html = content_of(packed(archive, tmp_path), "evidence/cover.html").decode()
    assert "<script" not in html
    assert "<img" not in html
    assert "It proves nothing about dates" in html
    assert "so there is no copy of a page" in html


def test_time_stamps_of_the_roots_are_in_the_file(archive: Archive, tmp_path: Path) -> None:
    promise = b"\x08\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e\x02\x01"
    db = archive.store.db
    store_timestamp(db, "2026-11-03", "rfc3161", "tsa.example", b"token", at=at(4))
    store_timestamp(db, "2026-11-03", "opentimestamps", "a.example", promise + b"a", at=at(4))
    store_timestamp(db, "2026-11-03", "opentimestamps", "b.example", promise + b"b", at=at(4))
    path = packed(archive, tmp_path)
    root = daily_roots(archive.store.db)[-1].root
    assert content_of(path, "evidence/root-2026-11-03.tsr") == b"token"
    assert content_of(path, "evidence/root-2026-11-03.txt") == f"Archive root for 2026-11-03: {root}\n".encode()
    digest = hashlib.sha256(content_of(path, "evidence/root-2026-11-03.txt")).digest()
    assert content_of(path, "evidence/root-2026-11-03.txt.ots").endswith(
        digest + b"\xff" + promise + b"a" + promise + b"b"
    )
    cover = content_of(path, "evidence/cover.html").decode()
    assert "openssl ts -verify" in cover
    assert "ots verify evidence/root-2026-11-03.txt.ots" in cover


def test_an_altered_archive_gives_a_file_that_says_so(archive: Archive, tmp_path: Path) -> None:
    archive.store.db.execute("UPDATE pages SET fetched_at = '2026-11-01T09:59:59Z' WHERE id = 1")
    path = packed(archive, tmp_path)
    assert "the rows of 2026-11-01 give another root than was recorded" in verified(path)[1]
    assert "It proves nothing about dates" in content_of(path, "evidence/cover.html").decode()


def test_a_damaged_page_or_text_is_not_exported(archive: Archive, tmp_path: Path) -> None:
    archive.store.db.execute("UPDATE revisions SET text = 'forged' WHERE id = 1")
    with pytest.raises(ArchiveError, match="its text does not match its hash"):
        packed(archive, tmp_path)
    shutil.rmtree(archive.warc)
    with pytest.raises(ArchiveError, match="cannot be read"):
        packed(archive, tmp_path)


def test_unknown_subjects_are_named(archive: Archive) -> None:
    for kind, subject, message in (
        ("article", 99, "no article 99"), ("story", 99, "no story 99"), ("topic", "none", "no topic 'none'"), ("alert", 99, "no alert"),
    ):  # fmt: skip
        with pytest.raises(NotFoundError, match=message):
            select_evidence(archive.store.db, kind, subject, since=None)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError, match="has no version since 2026-12"):
        select_evidence(archive.store.db, "article", 1, since=at(40))
    assert select_evidence(archive.store.db, "article", 1, since=at(3, 0)).revisions == (7, 10)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Harbour-Gazette.example/News/Pier?b=2&a=1", "example,harbour-gazette)/news/pier?a=1&b=2"),
        ("http://localhost:8080", "localhost:8080)/"),
    ],
)
def test_the_index_uses_the_keys_that_players_look_up(url: str, key: str) -> None:
    assert index_key(url) == key


def test_the_command_writes_a_file_and_prove_verifies_it(archive: Archive, tmp_path: Path) -> None:
    archive.store.close()
    target = tmp_path / "pier.wacz"
    url = "https://harbour-gazette.example/news/first"
    done = scrapy("evidence", "article", url, "-o", str(target), data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 versions, 4 raw pages" in done.stdout
    checked = scrapy("archive", "prove", "--wacz", str(target), data=tmp_path / "none")
    assert checked.returncode == 0, checked.stderr
    again = scrapy("evidence", "article", "1", "-o", str(target), data=tmp_path)
    assert (again.returncode, again.stderr) == (2, f"{target}: already exists; choose another file\n")
