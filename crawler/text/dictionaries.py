"""simplemma's dictionaries (MIT, 54 languages) as tries on disk: the dictionary form of a word, and all forms of it.

As Python dictionaries, they take 20 to 700 MB and up to 7 s to load in every process; a trie is opened in milliseconds.
The tries of a language are built once, in 1 to 20 s of CPU on a quiet machine, in the cache folder of the user.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.filesystem.cache_folder import cache_folder

if TYPE_CHECKING:
    from marisa_trie import BytesTrie

log = logging.getLogger(__name__)
_LEMMAS, _FORMS = "lemmas", "forms"
"""File extensions of the two tries: of the lemma of each form, and of the forms of each lemma."""
_NOT_STORED: dict[str, Mapping[str, BytesTrie]] = {}
"""Language -> tries that this process built and could not store."""


def build_dictionaries(languages: Iterable[str], announce: Callable[[str], None] = log.info) -> None:
    """Build the dictionaries of these languages that are not built yet; those that simplemma does not have are ignored.

    `announce` gets a line before each build, which takes seconds.
    """
    missing = [language for language in sorted(set(languages)) if not _is_built(language)]
    _tries.cache_clear()  # another process may have built one
    if not missing:
        return
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    for language in missing:
        if language not in SUPPORTED_LANGUAGES:
            _mark_as_unsupported(language)
            continue
        folder = _path(language, _LEMMAS).parent
        announce(f"building the dictionary of language {language}, once and in up to half a minute, in {folder}")
        _build(language)


def lemma_of(word: str, language: str | None) -> str | None:
    """Return the dictionary form of a word in lower case; None if the dictionary lacks it or is not built."""
    tries = _tries(language) if language else None
    if tries is None:
        return None
    found = tries[_LEMMAS].get(word)
    return str(found[0].decode()).lower() if found else None


def forms_of(word: str, language: str) -> list[str]:
    """Return all forms of a word that is given in lower case; empty if the dictionary lacks it.

    Builds the dictionary if it is not built, which takes seconds.
    """
    if _tries(language) is None:
        build_dictionaries([language])
    tries = _tries(language)
    if tries is None:
        return []
    found = {lemma.decode() for form in (word, word.capitalize()) for lemma in tries[_LEMMAS].get(form, ())}
    if word in found:
        found = {word}
    return sorted({*found, *(form.decode() for lemma in found for form in tries[_FORMS].get(lemma, ()))})


def _is_built(language: str) -> bool:
    return language in _NOT_STORED or _is_unsupported(language) or _tries(language) is not None


def _is_unsupported(language: str) -> bool:
    path = _path(language, _LEMMAS)
    # Without access, a folder above it may belong to another user.
    return os.access(path, os.R_OK) and not path.stat().st_size


def _build(language: str) -> None:
    from marisa_trie import HUGE_CACHE, BytesTrie
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    dictionary = DefaultDictionaryFactory(cache_max_size=0).get_dictionary(language)
    if language == "ru":  # news write "самолет", of which the dictionary has half of the forms under "самолёт"
        dictionary = {form: lemma.replace("ё", "е") for form, lemma in dictionary.items()}
    tries = {
        _FORMS: BytesTrie((lemma, form.encode()) for form, lemma in dictionary.items()),
        _LEMMAS: BytesTrie(((form, lemma.encode()) for form, lemma in dictionary.items()), cache_size=HUGE_CACHE),
    }
    folder = _path(language, _LEMMAS).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In a folder of its own and then renamed: other processes never see a part of it.
        with tempfile.TemporaryDirectory(dir=folder) as new:
            for extension, trie in tries.items():
                trie.save(str(Path(new) / extension))
                (Path(new) / extension).replace(_path(language, extension))
    except OSError as error:
        _NOT_STORED[language] = tries
        log.warning(
            "the dictionary of language %s cannot be stored: %s; each command builds it again, and the events of new"
            " articles compare its words as written; set XDG_CACHE_HOME to a folder that can be written",
            language, error,
        )  # fmt: skip


def _mark_as_unsupported(language: str) -> None:
    """Store an empty file, so that the next command need not import simplemma, which takes half a second, to find out."""
    path = _path(language, _LEMMAS)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@functools.cache
def _tries(language: str) -> Mapping[str, BytesTrie] | None:
    """The tries of a language, mapped into memory; None if they are not built or there is no dictionary.

    Importing simplemma to open them would take half a second.
    """
    if language in _NOT_STORED:
        return _NOT_STORED[language]
    paths = {extension: _path(language, extension) for extension in (_LEMMAS, _FORMS)}
    if _is_unsupported(language) or not all(os.access(path, os.R_OK) for path in paths.values()):
        return None
    from marisa_trie import BytesTrie

    try:
        return {extension: BytesTrie().mmap(str(path)) for extension, path in paths.items()}
    except (OSError, RuntimeError, ValueError) as error:
        log.warning("the dictionary %s is damaged (%s); it is built again", paths[_LEMMAS], error)
        with contextlib.suppress(OSError):
            paths[_FORMS].unlink()
        return None


def _path(language: str, extension: str) -> Path:
    return cache_folder("simplemma") / f"{language}.{extension}"
