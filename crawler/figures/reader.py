"""Read the figures of sentences in any of the known languages, each sentence once."""

from __future__ import annotations

import re

from crawler.figures.claim import SentenceFigures
from crawler.figures.extract import figures_in
from crawler.figures.vocabulary import FIGURE_LANGUAGES, FigureVocabulary, load_vocabulary

_UKRAINIAN = re.compile("[іїєґ]", re.IGNORECASE)
_RUSSIAN = re.compile("[ыэёъ]", re.IGNORECASE)
_CYRILLIC = re.compile("[\u0400-\u04ff]")


class FigureReader:
    """Extracts figures; loads the vocabulary of a language when a sentence needs it."""

    def __init__(self) -> None:
        self._vocabularies: dict[str, FigureVocabulary] = {}
        self._read: dict[tuple[str, str, str | None], SentenceFigures] = {}

    def of(self, sentence: str, before: str, language: str | None) -> SentenceFigures:
        """The figures of a sentence after another one ("" for none). None in a language without a vocabulary."""
        asked = sentence, before, language
        if asked not in self._read:
            chosen = language_of_figures(sentence, language)
            words = self._vocabulary(chosen) if chosen is not None else None
            self._read[asked] = figures_in(sentence, words, before=before) if words is not None else SentenceFigures()
        return self._read[asked]

    def forget(self) -> None:
        """Forget the sentences read so far, to free memory after a batch."""
        self._read.clear()

    def _vocabulary(self, language: str) -> FigureVocabulary:
        if language not in self._vocabularies:
            self._vocabularies[language] = load_vocabulary(language)
        return self._vocabularies[language]


def language_of_figures(sentence: str, language: str | None) -> str | None:
    """The language whose vocabulary reads a sentence; None if there is none.

    Ukrainian outlets quote Russian and the other way round, so letters that only one of the two has decide.
    """
    primary = (language or "").split("-")[0].lower()
    if _CYRILLIC.search(sentence) and primary in ("", "uk", "ru"):
        if _UKRAINIAN.search(sentence):
            return "uk"
        return "ru" if _RUSSIAN.search(sentence) or primary != "uk" else "uk"
    if not primary:
        return "en"
    return primary if primary in FIGURE_LANGUAGES else None
