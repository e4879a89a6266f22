"""Mistakes name the line of their key, of the key around it, or of their table."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.config.all_files import check_files
from crawler.config.app import AppConfig
from crawler.config.parsing.lines import with_lines
from crawler.config.sources import load_sources
from crawler.exceptions import ConfigurationError

FILE = '''# outlets
[gazette]
name = "Gazette"
note = """
[ledger]
name = "in a text"
"""
feeds = [
  "rss",
]

[ledger]
selectors.title = "h1"

[ledger.selectors]
text = "p"

["quoted"]
name = 1
'''


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("table [gazette], key feeds[0].url: is wrong", 8),
        ("table [gazette], key home: is missing", 2),
        ("table [ledger], key selectors.title: is wrong", 13),
        ("table [ledger], key selectors.text: is wrong", 16),
        ("table [ledger], key selectors.lead: is wrong", 15),
        ("table [ledger]: no seed", 12),
        ("table [quoted], key name: is wrong", 19),
        ("[gazette]: is wrong", 2),
    ],
)
def test_a_mistake_gets_the_line_of_its_key_or_table(tmp_path: Path, mistake: str, line: int) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(FILE)
    assert with_lines(path, [mistake]) == [f"line {line}, {mistake}"]


def test_mistakes_are_in_the_order_of_the_file_and_those_without_a_place_come_first(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text('[b]\nname = "B"\n[a]\nname = ""\n')
    with pytest.raises(ConfigurationError) as raised:
        load_sources(path)
    lines = [mistake.partition(",")[0] for mistake in raised.value.mistakes]
    assert lines == ["line 1", "line 1", "line 3", "line 3", "line 4"]
    assert with_lines(path, ["table [a]: x", "everything: y"]) == ["everything: y", "line 3, table [a]: x"]


def test_all_files_are_checked_in_one_round(tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text('[one]\nname = "One"\nhome = "one"\nfeeds = ["https://one.example/rss"]\n')
    (tmp_path / "topics.toml").write_text('[pier]\ntitle = "Pier"\nquery = "pier AND"\n')
    (tmp_path / "digests.toml").write_text('[daily]\ntitle = "D"\nrecipients = ["desk"]\nat = ["07:30"]\n')
    _, errors = check_files(AppConfig.read({"DATA_DIR": str(tmp_path)}, {}))
    assert [(error.path.name, error.mistakes[0].split(":")[0]) for error in errors] == [
        ("sources.toml", "line 3, table [one], key home"),
        ("topics.toml", "line 3, table [pier], key query"),
        ("digests.toml", "line 3, table [daily], key recipients[0]"),
    ]
