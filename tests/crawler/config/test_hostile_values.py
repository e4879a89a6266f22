"""Values that are too large, too deep or too long: each is a line with file, table and key, whatever key it stands at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.config.digests import Digest, load_digests
from crawler.config.sources import Seed, Source, load_sources
from crawler.config.topics import load_topics
from crawler.exceptions import ConfigurationError
from tests.support.cli import scrapy

LONGEST_LINE = 1000
"""Characters of a message in addition to its path."""
GROUPS = "(" * 3000 + "a" + ")" * 3000
VALUES = {
    "a repetition": '"a{99999999999}"',
    "a list with a repetition": '["a{99999999999}"]',
    "groups": f'"{GROUPS}"',
    "a list with groups": f'["{GROUPS}"]',
    "a selector": f'"{":not(" * 3000}a{")" * 3000}"',
    "a descendant selector": f'"{"b " * 3000}a"',
    "digits": "9" * 4400,
    "fewer digits": "9" * 4000,
    "hexadecimal digits": "0x" + "f" * 5000,
    "nested lists": "[" * 3000 + "]" * 3000,
    "fewer nested lists": "[" * 200 + "]" * 200,
    "nested tables": "{a=" * 200 + "1" + "}" * 200,
    "a long text": f'"{"x" * 200_000}"',
    "a long duration": f'"{"9" * 5000}h"',
    "infinity": "1e400",
}
Loader = Callable[[Path], object]
FILES: dict[str, tuple[Loader, str, dict[str, str]]] = {
    "sources.toml": (load_sources, "x", {"name": '"x"', "home": '"http://a.example/"', "feeds": '["http://a.example/rss"]'}),
    "topics.toml": (load_topics, "x", {"title": '"Pier"', "query": '"pier"'}),
    "digests.toml": (load_digests, "x", {"topics": '["pier"]', "to": '["desk@a.example"]'}),
}  # fmt: skip
TOPIC_KEYS = ("title", "query", "pattern", "languages", "sources", "min_words", "old_after_days", "unknown")
KEYS = {
    "sources.toml": [key for key in Source.model_fields if key != "id"] + ["selectors.title"],
    "topics.toml": list(TOPIC_KEYS),
    "digests.toml": [key for key in Digest.model_fields if key != "id"],
}


def check(load: Loader, path: Path, text: str, table: str) -> None:
    """Reading the file succeeds, or raises an error whose lines are short and name the table."""
    path.write_text(text, encoding="utf-8")
    try:
        load(path)
    except ConfigurationError as error:
        for line in str(error).split("\n"):
            assert line.startswith(f"{path}: "), line[:300]
            assert len(line) - len(str(path)) < LONGEST_LINE, line[:300]
            assert f"table [{table}]" in line, line[:300]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("file", FILES)
def test_a_hostile_value_at_any_key_is_a_line_with_file_table_and_key(tmp_path: Path, file: str, value: str) -> None:
    load, table, required = FILES[file]
    for key in KEYS[file]:
        lines = {**required, key: VALUES[value]}
        text = "\n".join(f"{name} = {written}" for name, written in lines.items())
        check(load, tmp_path / file, f"[{table}]\n{text}\n", table)


@pytest.mark.parametrize("value", VALUES)
def test_a_hostile_value_in_a_listing_is_a_line_too(tmp_path: Path, value: str) -> None:
    for key in Seed.model_fields:
        seed: dict[str, Any] = {"url": '"http://a.example/news"', key: VALUES[value]}
        inline = ", ".join(f"{name} = {written}" for name, written in seed.items())
        text = f'[x]\nname = "x"\nhome = "http://a.example/"\nlistings = [{{ {inline} }}]\n'
        check(load_sources, tmp_path / "sources.toml", text, "x")


@pytest.mark.parametrize("value", VALUES)
def test_a_hostile_value_in_a_list_of_terms_is_a_line_too(tmp_path: Path, value: str) -> None:
    text = f'[terms]\nharbour = {VALUES[value]}\n[x]\ntitle = "Pier"\nquery = "pier"\n'
    check(load_topics, tmp_path / "topics.toml", text, "terms")


@pytest.mark.parametrize(
    ("command", "file", "line"),
    [
        (("crawl", "all"), "sources.toml", 'only_paths = ["a{99999999999}"]'),
        (("flag",), "topics.toml", f'pattern = "{GROUPS}"'),
        (("digest", "--preview"), "digests.toml", f"max_alerts = {'9' * 4400}"),
    ],
    ids=["crawl", "flag", "digest"],
)
def test_a_command_ends_with_one_line_and_status_2(
    tmp_path: Path, command: tuple[str, ...], file: str, line: str
) -> None:
    for name, (_, table, required) in FILES.items():
        lines = [f"{key} = {value}" for key, value in required.items()] + ([line] if name == file else [])
        (tmp_path / name).write_text("\n".join((f"[{table}]", *lines)) + "\n")
    done = scrapy(*command, data=tmp_path)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (printed,) = [one for one in done.stderr.splitlines() if f"{file}: " in one]
    assert "table [x], key " in printed
