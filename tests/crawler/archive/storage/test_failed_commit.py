"""A commit that fails, such as on a full disk, leaves no record in the WARC file that no row points at."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.exceptions import ArchiveError
from crawler.sqlite.connection import CommitError
from tests.support.cli import ROOT
from tests.support.factories import HOME, Archive, article, page, record

CHILD = """
import json, os, resource, subprocess, sys
from pathlib import Path
from crawler.archive.storage.store import ArchiveStore
from crawler.exceptions import ArchiveError
from tests.support.factories import HOME, Archive, article, page, record

folder, warc, limit = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
if limit == "disk":
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2500k", "none", folder], check=True)
archive = Archive(folder)
archive.store.close()
archive.store = ArchiveStore.open(folder / "archive.db", warc)
if limit == "file size":
    size = (folder / "archive.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 900_000, size + 900_000))
failed = None
for number in range(200):
    fetch = record(article(f"The story number {number}.", "A paragraph. " * 300), page(f"{HOME}/news/{number}"))
    try:
        archive.record_fetch(fetch)
    except ArchiveError as error:
        failed = error
        break
rows = archive.rows("SELECT count(*), (SELECT bytes FROM warc_files) FROM pages")[0]
print(json.dumps({"failed": type(failed).__name__, "pages": rows[0], "known": rows[1],
                  "size": sum(path.stat().st_size for path in warc.iterdir())}))
"""


@pytest.mark.parametrize("limit", ["file size", "disk"])
def test_raw_pages_of_a_commit_that_failed_are_taken_back(tmp_path: Path, limit: str) -> None:
    data, warc = tmp_path / "data", tmp_path / "warc"
    data.mkdir()
    warc.mkdir()
    prefix: list[str] = []
    if limit == "disk":
        prefix = ["unshare", "--map-root-user", "--mount"]
        probe = [*prefix, "mount", "-t", "tmpfs", "none", str(data)]
        if not shutil.which("unshare") or subprocess.run(probe, capture_output=True, check=False).returncode:
            pytest.skip("a file system of limited size cannot be mounted here")
    done = subprocess.run(
        [*prefix, sys.executable, "-c", CHILD, str(data), str(warc), limit],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["failed"] in ("CommitError", "ArchiveError")
    assert 0 < result["pages"] < 200
    assert result["size"] == result["known"], "the WARC file ends with a page that no row points at"


@pytest.mark.parametrize(("is_certain", "pages"), [(True, 1), (False, 2)])
def test_raw_pages_are_kept_only_if_the_transaction_may_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_certain: bool, pages: int
) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article("One."), page(f"{HOME}/news/1")))
    (file,) = archive.warc.iterdir()
    before = file.stat().st_size

    def fail(db: object) -> None:
        archive.store.db.execute("ROLLBACK")
        raise CommitError("archive.db: could not be written", is_certain=is_certain)

    monkeypatch.setattr("crawler.archive.storage.store.commit", fail)
    with pytest.raises(ArchiveError):
        archive.record_fetch(record(article("Two."), page(f"{HOME}/news/2")))
    assert (file.stat().st_size == before) is is_certain
    monkeypatch.undo()
    archive.record_fetch(record(article("Three."), page(f"{HOME}/news/3")))
    assert len(list(archive.warc.iterdir())) == pages, (
        "an unknown record is kept, and the next page goes into another file"
    )
