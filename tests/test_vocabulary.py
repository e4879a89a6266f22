"""The retired words of docs/glossary.md appear in no other file, and each public name is defined in one place."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GLOSSARY = "docs/glossary.md"
NEWS_WORDS = "crawler/figures/words/"
"""Vocabularies of what news say: not words of ours."""
THIS = "tests/test_vocabulary.py"
"""This test; with the glossary, the only file that may name a retired word."""
TEXT = {".py", ".md", ".html", ".txt", ".toml", ".yaml", ".cfg", ".service", ".css", ""}
PACKAGES = ("crawler/", "spiders/", "pipelines/", "schedules/")
SHARED_NAMES = {"Command", "log", "P", "R", "T", "STORIES"}
"""Scrapy finds commands by the class name; loggers and type variables are conventions; STORIES is the demo's content."""


def retired() -> list[str]:
    """The words of the last column of the glossary's table, without explanations in brackets."""
    rows = re.findall(r"^\|.*\|.*\|(.*)\|$", (ROOT / GLOSSARY).read_text(encoding="utf-8"), re.MULTILINE)
    words = [re.sub(r"\(.*?\)", "", word).strip() for row in rows[2:] for word in row.split(",")]
    return [word for word in words if word]


def tracked_files() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.splitlines() if Path(name).suffix in TEXT and (ROOT / name).is_file()]


def test_the_glossary_retires_words() -> None:
    assert {"told", "carrier", "witnesses", "made_at"} <= set(retired())


def test_retired_words_appear_only_in_the_glossary_and_in_this_test() -> None:
    words = "|".join(re.escape(word).replace(r"\ ", "[ _-]") for word in retired())
    pattern = re.compile(rf"(?<![a-z])({words})(?![a-z])", re.IGNORECASE)
    found = [
        f"{name}:{number}: {match[1]}"
        for name in tracked_files()
        if name not in (GLOSSARY, THIS) and not name.startswith(NEWS_WORDS)
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1)
        for match in pattern.finditer(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", line))
    ]
    assert not found, f"{len(found)} retired words:\n" + "\n".join(found[:50])


def test_each_public_name_is_defined_in_one_place() -> None:
    defined = defaultdict(list)
    for name in tracked_files():
        if name.startswith(PACKAGES) and name.endswith(".py"):
            for public in _public_names(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
                defined[public].append(name)
    twice = {name: files for name, files in defined.items() if len(files) > 1 and name not in SHARED_NAMES}
    assert not twice


def _public_names(module: ast.Module) -> set[str]:
    names = set()
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {name for name in names if not name.startswith("_")}
