"""`scrapy archive`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import ROOT, archive_rows, scrapy
from tests.support.factories import HOME, Archive, article, page, record


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    made = Archive(folder)
    made.record_fetch(record(article(), page(f"{HOME}/news/one")))
    made.store.db.close()
    return folder


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["export", "/nowhere/x.csv"], 2, "/nowhere/x.csv: cannot be written: No such file or directory"),
        (["export", "--source", "gazete"], 2, "did you mean 'gazette'?"),
        (["export", "--since", "yesterday"], 2, "write a date such as 2026-11-01"),
        (["check", "all"], 2, "archive check: unexpected argument 'all'"),
        (["restore", "/nowhere"], 3, "/nowhere: not a backup, there is no backup.json"),
        (["backup", "."], 2, "already exists; choose another folder"),
        (["forget", "https://harbour-gazette.example/never"], 2, "no such article in the archive; give its URL"),
        (["mend"], 2, "give an action: check, backup, restore, export, merge, forget, prune, size, schema"),
    ],
)
def test_an_invalid_argument_is_reported_in_one_line(data: Path, words: list[str], status: int, message: str) -> None:
    done = scrapy("archive", *words, data=data)
    assert done.returncode == status
    assert message in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_an_export_goes_to_a_file_or_to_standard_output(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "articles.csv"
    assert scrapy("archive", "export", str(file), data=data).stdout == f"{file}: 1 articles\n"
    assert file.read_text(encoding="utf-8").startswith("article_id,")
    (line,) = scrapy("archive", "export", "--source", "gazette", data=data).stdout.splitlines()
    assert json.loads(line)["url"] == f"{HOME}/news/one"


def test_an_export_ends_silently_when_the_reading_program_ends(data: Path) -> None:
    command = f"WIREWATCH_DATA_DIR={data} {sys.executable} -m scrapy archive export | true"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_forget_shows_what_would_go_then_removes_it_and_refuses_a_second_time(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record_fetch(record(article(), page(f"{HOME}/news/one")))
    archive.store.close()
    shown = scrapy("archive", "forget", "1", "--dry-run", data=tmp_path)
    assert "article 1, «Council closes northern pier», of gazette, would be removed:\n  1 version\n" in shown.stdout
    assert archive_rows(tmp_path, "SELECT count(*) FROM articles") == [(1,)]
    removed = scrapy("archive", "forget", f"{HOME}/news/one", "--reason", "takedown", data=tmp_path)
    assert (removed.returncode, removed.stderr) == (0, "")
    assert "  1 raw page\n" in removed.stdout
    assert archive_rows(tmp_path, "SELECT reason FROM forgotten") == [("takedown",)]
    again = scrapy("archive", "forget", f"{HOME}/news/one", data=tmp_path)
    assert again.returncode == 2
    assert "already" in again.stderr
    assert scrapy("archive", "forget", data=tmp_path).stdout == "nothing to finish\n"
