"""`scrapy archive`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.cli import ROOT, scrapy
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
        (["backup", "."], 2, "already exists; choose another folder"),
        (["mend"], 2, "give an action: check, backup, export, schema"),
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
