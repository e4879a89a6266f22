"""The documentation names every command, setting and key, and its links, names and SQL are valid."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from scrapy.commands import ScrapyCommand

from crawler.archive.db.open import open_archive
from crawler.config.digests import Digest
from crawler.config.sources import Seed, Source
from crawler.config.topic_tables import TopicTable
from crawler.sqlite.connection import SqliteError
from schedules.commands import command_modules
from schedules.datasette_plugin.canned_queries import QUERIES
from schedules.datasette_plugin.rendering import sql_functions

ROOT = Path(__file__).parents[1]
MODULES = command_modules()
COMMANDS = sorted(MODULES)


def command(name: str) -> ScrapyCommand:
    return import_module(MODULES[name]).Command()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_one_line_and_an_example(name: str) -> None:
    found = command(name)
    assert "\n" not in found.short_desc()
    assert f"Example: scrapy {name}" in found.long_desc()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name: str) -> None:
    assert f"scrapy {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_generated_reference_is_up_to_date() -> None:
    """Run `python docs/tools/generate_reference.py` after a change of settings or help texts."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "tools" / "generate_reference.py", "--check"], cwd=ROOT, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("key", sorted({*Source.model_fields, *Seed.model_fields} - {"id", "kind"}))
def test_the_docs_name_every_key_of_sources_toml(key: str) -> None:
    assert f"`{key}`" in (ROOT / "docs" / "reference" / "sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted({*TopicTable.model_fields} - {"id"}))
def test_the_docs_name_every_key_of_topics_toml(key: str) -> None:
    assert f"| `{key}` |" in (ROOT / "docs" / "reference" / "topics.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted({*Digest.model_fields} - {"id"}))
def test_the_docs_name_every_key_of_digests_toml(key: str) -> None:
    assert f"| `{key}` |" in (ROOT / "docs" / "reference" / "digests.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_the_docs_name_every_canned_query_with_its_parameters(query) -> None:  # type: ignore[no-untyped-def]
    text = (ROOT / "docs" / "how-to" / "browse-the-archive.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(f"| `{query.name}` |"))
    assert all(name in line for name in query.params)


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=lambda page: page.name
)
def test_links_between_the_docs_lead_to_existing_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_the_docs_name_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:crawler|spiders|pipelines|schedules|tests|benchmarks|docs)/[\w./-]*\w/?)`", text)
    assert not [name for name in named if not (ROOT / name).exists()]


def test_functions_that_the_architecture_names_are_defined() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("crawler", "spiders", "pipelines", "schedules")
        for path in (ROOT / package).rglob("*.py")
    )
    names = set(re.findall(r"`_?([A-Za-z][A-Za-z_]+)`", text)) - {"articles", "outbox", "left_out"}
    defined = set(re.findall(r"(?:def|class) _?(\w+)", code))
    packages = {"schedules", "spiders", "pipelines", "crawler"}
    assert not sorted(names - defined - packages)


def test_each_step_of_the_walks_names_what_a_file_named_so_far_defines() -> None:
    walks = (
        (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("## Five walks")[1].split("\n### ")[1:]
    )
    wrong = []
    for walk in walks:
        code = ""
        for step in re.findall(r"^\d+\. .*", walk, re.MULTILINE):
            code += "".join((ROOT / name).read_text(encoding="utf-8") for name in re.findall(r"`([\w/]+\.py)`", step))
            names = set(re.findall(r"`([A-Za-z_]+)`", step)) - {"left_out", "articles"}
            wrong += [(step[:60], name) for name in names if not re.search(rf"(?:def|class) {name}\b", code)]
    assert (len(walks), wrong) == (5, [])


def test_the_sql_in_the_docs_fits_the_schema(tmp_path: Path) -> None:
    db = open_archive(tmp_path / "archive.db")
    sql_functions.register(db)
    pages = {page: page.read_text(encoding="utf-8") for page in PAGES}
    blocks = [
        (page, block) for page, text in pages.items() for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    ]
    inline = [(page, sql) for page, text in pages.items() for sql in re.findall(r"`(SELECT [^`]+)`", text)]
    statements = [(page, one) for page, text in (*blocks, *inline) for one in text.split(";\n") if "SELECT" in one]
    assert len(statements) > 10
    for page, statement in statements:
        try:
            db.execute(f"EXPLAIN {statement}", dict.fromkeys(re.findall(r":(\w+)", statement), 0))
        except SqliteError as error:
            pytest.fail(f"{page.name}: {error}: {statement}")
    db.close()
