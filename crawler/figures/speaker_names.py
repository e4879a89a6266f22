"""One name for each speaker: without titles, in one case and one spelling. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from crawler.figures.tokens import SentenceText
from crawler.figures.vocabulary import FigureVocabulary, load_names, token_key
from crawler.text.word_forms import by_ending

_ACRONYM = re.compile(r"\(([^\W\d_]{2,8})\)\s*$")
_WORD = re.compile(r"[^\W_]+(?:['’ʼ.-][^\W_]+)*")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_COUNTRIES = frozenset("сша оае оаэ уар юар кндр днр лнр фрн цар drc usa uae dprk car".split())
"""Acronyms before a colon that are places."""
_CASES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "uk": (("ського", "ський"), ("цького", "цький"), ("ському", "ський"), ("ова", "ов"), ("єва", "єв"), ("іна", "ін")),
    "ru": (("ского", "ский"), ("цкого", "цкий"), ("скому", "ский"), ("ова", "ов"), ("ева", "ев"), ("ина", "ин")),
}
"""Endings of names after "according to" -> those of the nominative."""


def normalized_name(written: str, words: FigureVocabulary) -> str:
    """The name under which a speaker is grouped.

    A known name (`names.toml`) in any spelling or case; otherwise an acronym in brackets, or the name without titles: of
    a person the last word, of an institution all words in lower case.
    """
    acronym = _ACRONYM.search(written)
    if acronym is not None:
        known = _known().get(token_key(acronym[1]))
        return known or acronym[1]
    plain = [found[0] for found in _WORD.finditer(written)]
    keys = [token_key(re.sub(r"['’]s$", "", word)) for word in plain]
    while len(keys) > 1 and keys[0] in words.grammar["articles"]:
        plain, keys = plain[1:], keys[1:]
    if "from" in keys[1:-1]:  # "figures from the ministry"
        return normalized_name(" ".join(plain[keys.index("from") + 1 :]), words)
    ends = [len(keys), *(place for place, key in enumerate(keys) if key == "of")]
    for end in ends:
        for start in range(end):
            known = _known().get(" ".join(keys[start:end]))
            if known is not None:
                return known
    kept = [word for word, key in zip(plain, keys, strict=True) if key not in words.titles]
    return _nominative(kept[-1], words.language) if _is_person(kept, plain) else " ".join(keys)


def is_known_name(written: str) -> bool:
    """Whether `names.toml` has the name, in any spelling or case."""
    return _key(written) in _known()


def names_office(text: SentenceText, first: int, end: int) -> bool:
    """Whether an office or a body is named: "мер", "генштаб", "ВМС"."""
    known = (text.words.titles, text.words.speech["bodies"])
    return any(
        any(words.at(text.keys, place) is not None for words in known) or _is_acronym(text, place)
        for place in range(first, end)
    )


def _is_acronym(text: SentenceText, place: int) -> bool:
    written = text.tokens[place].text
    return len(written) > 2 and written.isalpha() and written.isupper() and text.keys[place] not in _COUNTRIES


def _is_person(kept: list[str], plain: list[str]) -> bool:
    """Whether a name is two capitalised words, or one after a title."""
    capitals = all(word[0].isupper() and not word.isupper() for word in kept)
    return capitals and (len(kept) == 2 or (len(kept) == 1 and len(plain) > 1))


def _nominative(name: str, language: str) -> str:
    if _CYRILLIC.search(name):
        for ending, nominative in _CASES.get(language, ()):
            if name.endswith(ending) and ending not in ("ова", "єва", "ева", "іна", "ина"):
                return name[: -len(ending)] + nominative
    return name


@functools.cache
def _known() -> dict[str, str]:
    """Each spelling in each case -> the name."""
    found: dict[str, str] = {}
    for name, others in load_names().items():
        for spelling in (name, *others):
            parts = spelling.split()
            found[_key(spelling)] = name
            if _CYRILLIC.search(spelling):
                for language in ("uk", "ru"):
                    for form in by_ending(parts[-1].lower(), language):
                        found.setdefault(_key(" ".join((*parts[:-1], form))), name)
                    if len(parts) > 1:
                        for form in by_ending(parts[0].lower(), language):
                            found.setdefault(_key(" ".join((form, *parts[1:]))), name)
    return found


def _key(name: str) -> str:
    return " ".join(token_key(re.sub(r"['’]s$", "", found[0])) for found in _WORD.finditer(name))
