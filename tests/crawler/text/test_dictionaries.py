"""Dictionaries of lemmas and forms: built once, announced, built again if damaged, and kept in memory if they cannot be stored."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.text import dictionaries
from crawler.text.dictionaries import build_dictionaries, forms_of, lemma_of


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(dictionaries, "_NOT_STORED", {})
    dictionaries._tries.cache_clear()
    yield tmp_path
    dictionaries._tries.cache_clear()


def test_a_dictionary_is_built_once_and_announced(cache: Path) -> None:
    assert lemma_of("menulis", "id") is None
    announced: list[str] = []
    build_dictionaries(["id", "tlh"], announced.append)
    build_dictionaries(["id", "tlh"], announced.append)
    [line] = announced
    assert "language id, once" in line
    assert str(cache) in line
    assert lemma_of("menulis", "id") == "tulis"
    assert {"tulis", "ditulis", "menulis", "penulis"} <= set(forms_of("menulis", "id"))


def test_a_damaged_dictionary_is_named_and_built_again(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    build_dictionaries(["id"])
    [path] = cache.rglob("id.forms")
    path.write_bytes(path.read_bytes()[:1000])
    dictionaries._tries.cache_clear()
    assert "ditulis" in forms_of("menulis", "id")
    assert f"{path.with_suffix('.lemmas')} is damaged" in caplog.text


@pytest.mark.parametrize("folder", ["a-file", "x" * 300])
def test_without_a_usable_cache_folder_forms_are_found_and_the_folder_is_named(
    cache: Path, folder: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (cache / "a-file").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache / folder))  # of a name of 300 characters, `stat` raises an OSError
    with caplog.at_level(logging.WARNING):
        assert "ditulis" in forms_of("menulis", "id")
    assert "dictionary of language id cannot be stored" in caplog.text
    assert "set XDG_CACHE_HOME to a folder that can be written" in caplog.text
    assert lemma_of("menulis", "id") == "tulis"
    caplog.clear()
    assert "ditulis" in forms_of("menulis", "id")
    assert caplog.text == ""


@pytest.mark.usefixtures("cache")
def test_a_language_without_a_dictionary_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    build_dictionaries(["tlh"])
    monkeypatch.setitem(sys.modules, "simplemma", None)  # importing it would fail now
    build_dictionaries(["tlh"])
    assert lemma_of("qagh", "tlh") is None
    assert forms_of("qagh", "tlh") == []
