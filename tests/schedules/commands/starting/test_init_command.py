"""`scrapy init` creates missing files and keeps edited ones."""

from __future__ import annotations

from pathlib import Path

from crawler.config.app import STARTER_DIR
from tests.support.cli import scrapy


def test_missing_files_are_created_and_edited_ones_are_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "topics.toml").write_text("# mine\n", encoding="utf-8")

    done = scrapy("init", data=data)

    assert done.returncode == 0, done.stderr
    assert f"kept {data / 'topics.toml'}" in done.stdout
    assert f"created {data / 'sources.toml'}" in done.stdout
    assert (data / "topics.toml").read_text(encoding="utf-8") == "# mine\n"
    assert (data / "sources.toml").read_bytes() == (STARTER_DIR / "sources.toml").read_bytes()
    assert {path.name for path in data.iterdir()} == {path.name for path in STARTER_DIR.iterdir()}


def test_a_folder_can_be_named_and_is_created(tmp_path: Path) -> None:
    done = scrapy("init", str(tmp_path / "a" / "b"), data=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a" / "b" / "digests.toml").exists()


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = scrapy("init", str(tmp_path / "file" / "data"), data=tmp_path)
    assert done.returncode == 2
    assert "cannot be written: Not a directory" in done.stderr
    assert len(done.stderr.splitlines()) == 1
