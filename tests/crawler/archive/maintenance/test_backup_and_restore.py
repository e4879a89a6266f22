"""Backups share unchanged WARC files, old ones are deleted by number, and one command restores a backup or changes nothing."""

from __future__ import annotations

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.maintenance.backup import back_up
from crawler.archive.maintenance.backup_files import previous_backup, read_manifest, remove_old_backups
from crawler.archive.maintenance.check_scope import rows_unlike
from crawler.archive.maintenance.integrity import check_archive
from crawler.archive.maintenance.restore import restore
from crawler.archive.retention.forget import finish_removals, forget
from crawler.archive.retention.prune import prune
from crawler.config.app import STARTER_DIR
from crawler.config.retention import FOREVER, RetentionPolicy
from crawler.exceptions import ArchiveError, WirewatchError
from tests.support.factories import HOME, Archive, article, hour, link, page, poll, record

LATER = hour(24 * 400)


def stored(folder: Path, articles: int = 3) -> Archive:
    """Articles of consecutive months, so that each has a WARC file of its own."""
    archive = Archive(folder)
    for number in range(articles):
        store(archive, number)
    return archive


def store(archive: Archive, number: float) -> None:
    text = f"Ferries run again on line {number}."
    received = page(f"{HOME}/news/{number}", f"<p>{text}</p>".encode())
    archive.record_fetch(record(article(text), received, at=hour(24 * 31 * number)))


def faults(archive: Archive) -> list[str]:
    return [str(one) for one in check_archive(archive.store.db, archive.warc)]


def test_a_backup_links_the_warc_files_that_the_one_before_has_and_copies_the_others(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data")
    back_up(archive.store.db, archive.warc, tmp_path / "backup-1")
    store(archive, 3)
    done = back_up(archive.store.db, archive.warc, tmp_path / "backup-2")
    warc = sorted((tmp_path / "backup-2" / "warc").iterdir())
    assert [path.stat().st_nlink for path in warc] == [2, 2, 2, 1]
    assert done.linked == sum(path.stat().st_size for path in warc[:3])
    assert (
        read_manifest(tmp_path / "backup-1")["warc/" + warc[0].name]
        == read_manifest(tmp_path / "backup-2")["warc/" + warc[0].name]
    )


def test_a_warc_file_with_other_bytes_is_copied(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 1)
    back_up(archive.store.db, archive.warc, tmp_path / "backup-1")
    (path,) = (tmp_path / "backup-1" / "warc").iterdir()
    path.write_bytes(b"\0" * path.stat().st_size)
    back_up(archive.store.db, archive.warc, tmp_path / "backup-2")
    assert (tmp_path / "backup-2" / "warc" / path.name).stat().st_nlink == 1


def test_an_archive_opened_in_a_backup_does_not_change_the_other_backups(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 1)
    for number in (1, 2):
        back_up(archive.store.db, archive.warc, tmp_path / f"backup-{number}")
    store(Archive(tmp_path / "backup-2"), 0.001)
    assert restore(tmp_path / "backup-1", tmp_path / "restored").files == 2


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        ("UPDATE revisions SET text = replace(text, 'line 1', 'line 7') WHERE id = 2", "revisions row 2"),
        ("UPDATE bylines SET name = 'Else' WHERE revision_id = 1", "revisions row 1"),
        ("UPDATE queue SET reason = CAST(x'ff' AS TEXT)", f"queue row {HOME.removeprefix('https://')}/news/9"),
    ],
)
def test_a_backup_names_rows_that_were_damaged_since_the_one_before_and_later_ones_name_them_again(
    tmp_path: Path, damage: str, where: str
) -> None:
    archive = stored(tmp_path / "data", 2)
    archive.poll(poll(link("/news/9")))
    assert back_up(archive.store.db, archive.warc, tmp_path / "backup-1").faults == ()
    archive.store.db.execute(damage)
    for number in (2, 3):
        (fault,) = back_up(archive.store.db, archive.warc, tmp_path / f"backup-{number}").faults
        assert fault.startswith(f"{where}: ")


def test_only_rows_that_are_new_or_different_are_hashed_if_the_backup_before_is_as_it_was_written(
    tmp_path: Path,
) -> None:
    archive = stored(tmp_path / "data", 2)
    db = archive.store.db
    back_up(db, archive.warc, tmp_path / "backup-1")
    store(archive, 2)
    db.execute("UPDATE bylines SET name = 'Else' WHERE revision_id = 1")
    before = previous_backup(tmp_path)
    assert before is not None
    with rows_unlike(db, before.checked_database()) as rows:
        changed = {table: [row[0] for row in db.execute(f"SELECT rowid FROM {table} WHERE {rows(table)[0]}")]
                   for table in ("revisions", "articles")}  # fmt: skip
    assert changed == {"revisions": [1, 3], "articles": [3]}
    with (tmp_path / "backup-1" / "archive.db").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    assert before.checked_database() is None


def test_only_backups_of_the_same_series_are_deleted(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 1)
    for name in ("daily-2026-03-09", "daily-2026-03-10", "daily-2026-03-11", "other-2026-03-01"):
        back_up(archive.store.db, archive.warc, tmp_path / name)
    (tmp_path / "daily-2026-03-01").mkdir()
    assert remove_old_backups(tmp_path / "daily-2026-03-11", 0) == []
    assert [path.name for path in remove_old_backups(tmp_path / "daily-2026-03-11", 2)] == ["daily-2026-03-09"]
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["daily-2026-03-01", "daily-2026-03-10", "daily-2026-03-11", "data", "other-2026-03-01"]
    with pytest.raises(WirewatchError, match="--keep needs a name with a date"):
        remove_old_backups(tmp_path / "backup", 2)


def test_a_restored_backup_is_the_archive_with_the_files_of_its_owner(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data")
    for name in ("sources.toml", "names.toml", "topics.toml"):
        (tmp_path / "data" / name).write_text(f"# my {name}\n")
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    target = tmp_path / "new"
    target.mkdir()
    (target / "sources.toml").write_bytes((STARTER_DIR / "sources.toml").read_bytes())
    (target / "topics.toml").write_text("# edited here\n")
    done = restore(tmp_path / "backup", target)
    assert done.added == ("topics.toml.restored",)
    assert [(target / name).read_text() for name in ("sources.toml", "names.toml", "topics.toml", "topics.toml.restored")] == [
        "# my sources.toml\n", "# my names.toml\n", "# edited here\n", "# my topics.toml\n",
    ]  # fmt: skip
    restored = Archive(target)
    assert restored.rows("SELECT title, url FROM articles") == archive.rows("SELECT title, url FROM articles")
    assert faults(restored) == []
    store(restored, 5)
    assert restore(tmp_path / "backup", tmp_path / "again").files == done.files, "the backup did not change"


def test_nothing_is_written_over_an_archive(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 1)
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    before = (tmp_path / "data" / "archive.db").read_bytes()
    with pytest.raises(ArchiveError, match="has an archive already; give an empty folder with --to"):
        restore(tmp_path / "backup", tmp_path / "data")
    assert (tmp_path / "data" / "archive.db").read_bytes() == before
    with pytest.raises(ArchiveError, match=r"not a backup, there is no backup\.json"):
        restore(tmp_path / "data", tmp_path / "new")


def test_a_damaged_backup_restores_nothing_and_names_the_files(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 2)
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    first, second = sorted((tmp_path / "backup" / "warc").iterdir())
    first.write_bytes(first.read_bytes() + b"!")
    second.unlink()
    with pytest.raises(
        ArchiveError, match=rf"nothing was restored: warc/{first.name} has changed .*, warc/{second.name} is missing"
    ):
        restore(tmp_path / "backup", tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_after_forget_and_prune_is_restored_without_what_was_removed(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data", 4)
    back_up(archive.store.db, archive.warc, tmp_path / "backup-1")
    forget(archive.store.db, 1, reason=None, now=LATER)
    finish_removals(archive.store.db, archive.warc, now=LATER)
    days = {"pages": timedelta(days=350), "texts": FOREVER, "polls": FOREVER, "fetches": FOREVER}
    prune(
        archive.store.db,
        archive.warc,
        RetentionPolicy(defaults=days, job_runs=FOREVER, runs=FOREVER, by_source={}, by_topic={}),
        now=LATER,
    )
    assert archive.value("SELECT count(*) FROM warc_files WHERE deleted_at IS NOT NULL") == 2
    back_up(archive.store.db, archive.warc, tmp_path / "backup-2")
    restore(tmp_path / "backup-2", tmp_path / "new")
    restored = Archive(tmp_path / "new")
    assert faults(restored) == []
    assert restored.rows("SELECT id FROM articles") == [(2,), (3,), (4,)]
    assert not any(b"line 0" in path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file())


def test_a_restore_that_was_killed_at_any_moment_is_finished_by_the_same_command(tmp_path: Path) -> None:
    archive = stored(tmp_path / "data")
    (tmp_path / "data" / "sources.toml").write_text("# mine\n")
    back_up(archive.store.db, archive.warc, tmp_path / "backup")
    for moment in (0, 5, 10, 14, 18, 22, 26):
        target = tmp_path / f"new-{moment}"
        child = os.fork()
        if not child:
            left = [moment]

            def die(frame: Any, event: str, _: Any, left: list[int] = left) -> Any:
                if "maintenance" in frame.f_code.co_filename or frame.f_code.co_name in ("replace", "rename", "rmtree"):
                    left[0] -= 1
                    if left[0] < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                return None

            sys.settrace(die)
            restore(tmp_path / "backup", target)
            os._exit(0)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), f"it ended before call {moment}"
        if not (target / "archive.db").exists() or (target / "restore.unfinished").exists():
            restore(tmp_path / "backup", target)
        assert (target / "sources.toml").read_text() == "# mine\n"
        assert not (target / "restore.unfinished").exists()
        restored = Archive(target)
        assert faults(restored) == [], f"killed at call {moment}"
        restored.store.close()
