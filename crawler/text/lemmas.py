"""The dictionary form of a word, from simplemma's dictionaries as tries on disk.

As Python dictionaries, they take 20 to 350 MB and up to 7 s to load in every child process; a trie is opened in
milliseconds. Each is built once, in 1 to 15 s of CPU, in the cache folder of the user.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.text.cache_folder import cache_folder

if TYPE_CHECKING:
    from marisa_trie import BytesTrie

log = logging.getLogger(__name__)


def build_dictionaries(languages: Iterable[str], announce: Callable[[str], None] = log.info) -> None:
    """Build the dictionaries of these languages that are not built yet; those that simplemma does not have are ignored.

    `announce` gets a line before each build, which takes seconds.
    """
    missing = [language for language in sorted(set(languages)) if not os.access(_path(language), os.R_OK)]
    if not missing:
        return
    from simplemma.strategies.dictionaries import TrieDictionaryFactory
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    for language in missing:
        path = _path(language)
        if language not in SUPPORTED_LANGUAGES:
            _mark_as_unsupported(path)
            continue
        announce(f"building the dictionary of language {language}, once and in up to 15 s, in {path.parent}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # In a folder of its own and then renamed: other processes never see a part of it.
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                TrieDictionaryFactory(disk_cache_dir=folder).get_dictionary(language)
                (Path(folder) / path.name).replace(path)
        except OSError as error:
            log.warning(
                "the dictionary of language %s cannot be stored: %s; its words are compared as written;"
                " set XDG_CACHE_HOME to a folder that can be written",
                language, error,
            )  # fmt: skip
            return
    _dictionary.cache_clear()


def _mark_as_unsupported(path: Path) -> None:
    """Store an empty file, so that the next command need not import simplemma, which takes half a second, to find out."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def lemma_of(word: str, language: str | None) -> str | None:
    """Return the dictionary form of a word in lower case; None if the dictionary lacks it or is not built."""
    dictionary = _dictionary(language) if language else None
    if dictionary is None:
        return None
    found = dictionary.get(word)
    return str(found[0].decode()).lower() if found else None


@functools.cache
def _dictionary(language: str) -> BytesTrie | None:
    """The trie of a language, mapped into memory. Importing simplemma to open it would take half a second."""
    path = _path(language)
    # Without access, a folder above it may belong to another user; an empty file is an unsupported language.
    if not os.access(path, os.R_OK) or not path.stat().st_size:
        return None
    from marisa_trie import BytesTrie

    try:
        return BytesTrie().mmap(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        log.warning("%s is damaged (%s); delete it, and it is built again", path, error)
        return None


def _path(language: str) -> Path:
    return cache_folder("simplemma") / f"{language}.dic"
