"""`scrapy figures`: the table, CSV and JSON of a topic."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.support.archives.figures import LOSSES, figures_archive
from tests.support.cli import archive_rows, scrapy


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    with figures_archive(folder):
        pass
    return folder


def test_the_table_shows_each_speaker_with_conflict_correction_and_place(data: Path) -> None:
    shown = scrapy("figures", "troops", data=data, COLUMNS="240")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert any("troops killed  conflict" in line for line in lines)
    assert any(
        "conflict: NIS at least 300 (alert 3) and Zelensky two-thirds (2,667) (alert 3) differ by 89%" in line
        for line in lines
    )
    assert any("at least 300; corrected from at least 200" in line and "Coastline Wire" in line for line in lines)
    assert any(line.startswith("health ministry") and "range 55,104–55,432" in line for line in lines)
    assert any("2025-02-18" in line and "55,432" in line and "alert 7" in line for line in lines)


def test_csv_has_a_line_for_each_claim_with_its_sentence_and_raw_page(data: Path) -> None:
    shown = scrapy("figures", "troops", "--csv", data=data)
    assert shown.returncode == 0, shown.stderr
    rows = list(csv.DictReader(shown.stdout.splitlines()))
    assert list(rows[0])[:6] == ["event_date", "year", "source", "notes", "fatalities", "timestamp"]
    hashes = {row[0] for row in archive_rows(data, "SELECT sha256 FROM pages")}
    assert all(row["notes"] and row["page_sha256"] in hashes and row["url"].startswith("https://") for row in rows)
    zelensky = next(row for row in rows if row["written"] == "two-thirds")
    assert (zelensky["speaker"], zelensky["conflicts_with"], zelensky["notes"]) == (
        "President Volodymyr Zelensky", "NIS", LOSSES[0],
    )  # fmt: skip
    assert zelensky["fatalities"] == ""  # computed from a share, so a coder decides
    assert {row["fatalities"] for row in rows if row["outcome"] == "killed" and not row["share"]} >= {"300", "55432"}


def test_json_has_the_series_and_since_limits_them(data: Path) -> None:
    everything = json.loads(scrapy("figures", "troops", "--json", data=data).stdout)
    assert {(one["unit"], one["outcome"]) for one in everything["series"]} >= {
        ("troops", "killed"),
        ("people", "killed"),
    }
    later = json.loads(scrapy("figures", "troops", "--json", "--since", "2025-02-16", data=data).stdout)
    assert [(one["unit"], len(one["claims"])) for one in later["series"]] == [("people", 3)]
    one_source = json.loads(scrapy("figures", "troops", "--json", "--source", "wire", data=data).stdout)
    assert {claim["source"] for one in one_source["series"] for claim in one["claims"]} == {"Coastline Wire"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "name one topic of topics.toml"),
        (("tropps",), "there is no topic 'tropps' (did you mean 'troops'?)"),
        (("troops", "--csv", "--json"), "use one of --csv, --json and --not-understood"),
        (("troops", "--since", "soon"), "--since soon: write a date"),
    ],
)
def test_a_mistake_in_the_command_is_one_line(data: Path, words: tuple[str, ...], message: str) -> None:
    shown = scrapy("figures", *words, data=data)
    assert shown.returncode == 2
    assert message in shown.stderr
    assert "Traceback" not in shown.stderr
