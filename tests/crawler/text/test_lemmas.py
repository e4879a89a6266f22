"""Dictionaries of lemmas: built once, announced, and left out if they cannot be stored."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.text import lemmas


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lemmas._dictionary.cache_clear()
    yield tmp_path
    lemmas._dictionary.cache_clear()


def test_a_dictionary_is_built_once_and_announced(cache: Path) -> None:
    assert lemmas.lemma_of("deployed", "en") is None
    announced: list[str] = []
    lemmas.build_dictionaries(["en", "tlh"], announced.append)
    lemmas.build_dictionaries(["en", "tlh"], announced.append)
    [line] = announced
    assert "language en, once" in line
    assert str(cache) in line
    assert lemmas.lemma_of("deployed", "en") == "deploy"


def test_a_cache_folder_that_cannot_be_written_is_named(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    (cache / "wirewatch").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        lemmas.build_dictionaries(["en"])
    assert "dictionary of language en cannot be stored" in caplog.text
    assert "set XDG_CACHE_HOME to a folder that can be written" in caplog.text
    assert lemmas.lemma_of("deployed", "en") is None


@pytest.mark.usefixtures("cache")
def test_a_cache_folder_that_cannot_be_used_at_all_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As for a folder of another user, `stat` raises an OSError.
    monkeypatch.setenv("XDG_CACHE_HOME", "/tmp/" + "x" * 300)
    with caplog.at_level(logging.WARNING):
        lemmas.build_dictionaries(["en"])
    assert "set XDG_CACHE_HOME to a folder that can be written" in caplog.text
    assert lemmas.lemma_of("deployed", "en") is None


def test_a_language_without_a_dictionary_is_looked_up_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lemmas.build_dictionaries(["tlh"])
    monkeypatch.setitem(sys.modules, "simplemma", None)  # importing it would fail now
    lemmas.build_dictionaries(["tlh"])
    assert lemmas.lemma_of("qagh", "tlh") is None
