"""The model that identifies languages: kept unpacked in the cache folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipelines.fields import language_model

TEXTS = (
    "The harbour council voted on Tuesday to close the northern pier.",
    "Портова рада проголосувала у вівторок за закриття північного причалу.",
    "Der Hafenrat beschloss am Dienstag, den nördlichen Pier zu schließen.",
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    language_model._identifier.cache_clear()
    yield tmp_path
    language_model._identifier.cache_clear()


def test_the_unpacked_model_gives_the_same_languages_and_a_damaged_one_is_not_used(cache: Path) -> None:
    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    expected = [(str(code), float(certainty)) for code, certainty in map(library.classify, TEXTS)]
    assert [language_model.detect_language(text) for text in TEXTS] == expected
    [unpacked] = cache.rglob("model.npz")
    for damage in (b"", unpacked.read_bytes()[:-9]):
        unpacked.write_bytes(damage)
        language_model._identifier.cache_clear()
        assert language_model.detect_language(TEXTS[0]) == expected[0]


def test_without_a_usable_cache_folder_the_model_is_unpacked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    language_model._identifier.cache_clear()
    assert language_model.detect_language(TEXTS[1])[0] == "uk"
    language_model._identifier.cache_clear()
