"""The vocabularies of figures: words of `words/*.toml` with all their inflected forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli

from crawler.text.tokenizer import normalize_token
from crawler.text.word_forms import WRITTEN_APOSTROPHES, word_forms

_FOLDER = Path(__file__).parent / "words"
FIGURE_LANGUAGES = ("en", "ru", "uk")
"""Languages with a vocabulary."""
_APOSTROPHES = {ord(sign): "'" for sign in WRITTEN_APOSTROPHES}
_LONGEST = 5
"""Most words of a phrase."""


def token_key(word: str) -> str:
    """The form in which words are compared."""
    return normalize_token(word.translate(_APOSTROPHES))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Phrases with the value of each, found at a place of a list of token keys."""

    phrases: Mapping[str, Sequence[tuple[tuple[frozenset[str], ...], Any]]] = field(default_factory=dict)
    """First word of a phrase -> the forms of its further words, and its value."""

    def at(self, keys: Sequence[str], place: int) -> tuple[int, Any] | None:
        """(number of words, value) of the longest phrase that begins at `place`; None if there is none."""
        best: tuple[int, Any] | None = None
        for rest, value in self.phrases.get(keys[place], ()):
            length = 1 + len(rest)
            if place + length > len(keys) or (best is not None and best[0] >= length):
                continue
            if all(keys[place + 1 + number] in forms for number, forms in enumerate(rest)):
                best = length, value
        return best

    def find_all(self, keys: Sequence[str]) -> Iterator[tuple[int, int, Any]]:
        """Yield (first word, last word, value) of each phrase; phrases do not overlap."""
        place = 0
        while place < len(keys):
            hit = self.at(keys, place)
            if hit is not None:
                yield place, place + hit[0] - 1, hit[1]
            place += hit[0] if hit is not None else 1

    def ending_at(self, keys: Sequence[str], end: int) -> tuple[int, Any] | None:
        """(start, value) of the longest phrase that ends before `end`."""
        for length in range(min(_LONGEST, end), 0, -1):
            found = self.at(keys[:end], end - length)
            if found is not None and found[0] == length:
                return end - length, found[1]
        return None

    def __contains__(self, key: str) -> bool:
        return any(not rest for rest, _ in self.phrases.get(key, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened, and to whom it can happen."""

    name: str
    of: str
    """people, things or any."""
    people_as: str | None = None
    """The outcome that the same word has for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureVocabulary:
    """The words of one language."""

    language: str
    inflects: bool
    numbers: Lexicon
    multipliers: Lexicon
    magnitudes: Lexicon
    fractions: Lexicon
    modifiers: Lexicon
    ranges: Mapping[str, Lexicon]
    units: Lexicon
    outcomes: Lexicon
    speech: Mapping[str, Lexicon]
    grammar: Mapping[str, Lexicon]
    titles: Lexicon
    people_endings: tuple[str, ...]
    """Endings of nouns that name people, for those that are not in `units`."""


def load_vocabulary(language: str) -> FigureVocabulary:
    """The vocabulary of one of `FIGURE_LANGUAGES`; with the inflected forms of its words, if it has any."""
    tables = tomli.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    forms: Mapping[str, Sequence[str]] = {}
    if tables["inflect"]:
        forms = word_forms(sorted(_inflected_words(tables)), [language])

    def lexicon(table: Mapping[str, Sequence[str]], value: Any = str) -> Lexicon:
        return _lexicon([(phrase, value(key)) for key, phrases in table.items() for phrase in phrases], forms)

    return FigureVocabulary(
        language=language,
        inflects=bool(tables["inflect"]),
        numbers=lexicon(tables["numbers"], float),
        multipliers=lexicon(tables["multipliers"], int),
        magnitudes=lexicon(tables["magnitudes"], lambda key: tuple(int(part) for part in key.split("-"))),
        fractions=lexicon(tables["fractions"], lambda key: int(key.split("/")[0]) / int(key.split("/")[1])),
        modifiers=lexicon(tables["modifiers"]),
        ranges={name: lexicon({name: words}) for name, words in tables["ranges"].items()},
        units=lexicon(tables["units"]),
        outcomes=_lexicon(list(_outcomes(tables["outcomes"])), forms),
        speech={name: lexicon({name: words}) for name, words in tables["speech"].items()},
        grammar={name: lexicon({name: words}) for name, words in tables["grammar"].items()},
        titles=lexicon(tables["titles"]),
        people_endings=tuple(tables["endings"]["people"]),
    )


def load_names() -> dict[str, tuple[str, ...]]:
    """One name -> other ways to write it."""
    tables = tomli.loads((_FOLDER / "names.toml").read_text(encoding="utf-8"))
    return {name: tuple(others) for name, others in tables.items()}


def _outcomes(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Outcome]]:
    for of in ("people", "things", "any"):
        for name, phrases in tables[of].items():
            for phrase in phrases:
                yield phrase, Outcome(name=name, of=of, people_as=tables["people_as"].get(name))


def _inflected_words(tables: Mapping[str, Any]) -> set[str]:
    """All words of a file that are not written with "="."""
    found: set[str] = set()
    for key, value in tables.items():
        if key == "endings":
            continue
        if isinstance(value, dict):
            found |= _inflected_words(value)
        elif isinstance(value, list):
            found |= {word for phrase in value for word in phrase.split() if not word.startswith("=")}
    return found


def _lexicon(entries: Sequence[tuple[str, Any]], forms: Mapping[str, Sequence[str]]) -> Lexicon:
    phrases: dict[str, list[tuple[tuple[frozenset[str], ...], Any]]] = {}
    for phrase, value in entries:
        words = [_forms_of(word, forms) for word in phrase.split()]
        for first in words[0]:
            phrases.setdefault(first, []).append((tuple(words[1:]), value))
    return Lexicon(phrases)


def _forms_of(word: str, forms: Mapping[str, Sequence[str]]) -> frozenset[str]:
    if word.startswith("="):
        return frozenset((token_key(word[1:]),))
    return frozenset(token_key(form) for form in (word, *forms.get(word, ())))
