"""`scrapy demo` empties its folder, and refuses a folder that it did not create."""

from __future__ import annotations

from pathlib import Path

from tests.support.cli import scrapy


def test_a_folder_with_other_files_is_refused_and_not_changed(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "letter.txt").write_text("keep me")
    done = scrapy("demo", data=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'demo'}: contains other files" in done.stderr, "the folder of the demo is in DATA_DIR"
    assert (tmp_path / "demo" / "letter.txt").read_text() == "keep me"


def test_a_file_in_place_of_the_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = scrapy("demo", str(tmp_path / "file"), data=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        f"{tmp_path / 'file'}: cannot be used for the demo: Not a directory\n",
    )
