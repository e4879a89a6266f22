"""Files of raw pages are never overwritten, even if archive.db was replaced."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from crawler.archive.maintenance.integrity import check_archive
from tests.support.factories import HOME, Archive, article, page, record


def file_story(archive: Archive, name: str) -> None:
    archive.record_fetch(record(article(f"The story of {name}."), page(f"{HOME}/news/{name}")))


def urls(path: Path) -> list[str]:
    """The last part of the URL of each page in a file."""
    with path.open("rb") as file:
        records = [record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(file)]
    return [url.rsplit("/", 1)[1] for url in records if url]


def pages(archive: Archive) -> dict[str, list[str]]:
    """File name -> the pages in it."""
    return {path.name: urls(path) for path in sorted(archive.warc.iterdir())}


def findings(archive: Archive) -> list[str]:
    return [str(finding) for finding in check_archive(archive.store.db, archive.warc)]


def forget_database(archive: Archive) -> None:
    archive.store.close()
    for path in archive.db_path.parent.glob("archive.db*"):
        path.unlink()


@pytest.fixture(autouse=True)
def warnings_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def test_a_new_archive_does_not_overwrite_the_raw_pages_of_a_previous_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = Archive(tmp_path)
    file_story(old, "pier")
    file_story(old, "ferry")
    (before,) = old.warc.iterdir()
    bytes_before = before.read_bytes()
    forget_database(old)
    new = Archive(tmp_path)
    file_story(new, "market")
    file_story(new, "quay")
    assert before.read_bytes() == bytes_before
    assert list(pages(new).values()) == [["pier", "ferry"], ["market", "quay"]]
    assert findings(new) == []
    assert f"`scrapy replay {before}`" in caplog.text
    assert len(caplog.records) == 1


def test_a_restored_older_archive_does_not_overwrite_raw_pages_that_it_does_not_know(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Archive(tmp_path)
    file_story(archive, "pier")
    archive.store.db.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    file_story(archive, "ferry")
    file_story(archive, "market")
    (before,) = archive.warc.iterdir()
    size = before.stat().st_size
    forget_database(archive)
    shutil.copy(tmp_path / "copy.db", archive.db_path)
    restored = Archive(tmp_path)
    file_story(restored, "quay")
    assert list(pages(restored).values()) == [["pier", "ferry", "market"], ["quay"]]
    assert restored.rows("SELECT name, bytes, closed_at IS NULL FROM warc_files")[0] == (before.name, size, 0)
    assert findings(restored) == []
    assert f"`scrapy replay {before}`" in caplog.text


def test_a_partial_record_left_by_a_crash_is_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = Archive(tmp_path)
    file_story(archive, "pier")
    (path,) = archive.warc.iterdir()
    whole = path.read_bytes()
    offset = archive.value("SELECT warc_offset FROM pages")
    path.write_bytes(whole + whole[offset:-20])
    file_story(archive, "ferry")
    assert pages(archive) == {path.name: ["pier", "ferry"]}
    assert findings(archive) == []
    assert caplog.text == ""


def test_a_truncated_file_is_not_appended_to_so_that_a_backup_can_replace_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    file_story(archive, "pier")
    (path,) = archive.warc.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    file_story(archive, "ferry")
    assert path.read_bytes() == whole[:-20]
    assert len(findings(archive)) == 2, "the file and its page, as `check` reports them"
    path.write_bytes(whole)
    assert findings(archive) == []


def test_a_missing_file_is_not_created_again_so_that_it_can_be_restored(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    file_story(archive, "pier")
    (path,) = archive.warc.iterdir()
    path.rename(tmp_path / "elsewhere")
    archive.store.close()
    again = Archive(tmp_path)
    file_story(again, "ferry")
    assert not path.exists()
    (tmp_path / "elsewhere").rename(path)
    assert findings(again) == []
    assert list(pages(again).values()) == [["pier"], ["ferry"]]


def test_records_appended_by_a_failed_transaction_are_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive = Archive(tmp_path)

    def fail(name: str) -> None:
        with pytest.raises(ValueError, match="too late"), archive.store.transaction():
            archive.store.append(record(article(), page(f"{HOME}/news/{name}")).packed, record().at)  # type: ignore[arg-type]
            raise ValueError("too late")

    fail("lost")
    assert list(archive.warc.iterdir()) == []
    file_story(archive, "pier")
    fail("lost-too")
    file_story(archive, "ferry")
    assert list(pages(archive).values()) == [["pier", "ferry"]]
    assert caplog.text == ""
