"""All inflected forms of words, from simplemma's dictionaries (MIT, 54 languages).

A dictionary maps forms to lemmas; the forms of a word are all entries with the same lemma. Words that are not in the
dictionary, most of them names, are inflected by their ending in Ukrainian, Russian and Polish.

Loading a language takes 0.3 to 2.5 s of CPU, so forms are looked up when topics change and cached in a file.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crawler.text.tokenizer import normalize_token

MAX_WORD_FORMS = 120
"""Forms per word; a German or Polish verb has about 60 with its participles."""
WRITTEN_APOSTROPHES = "’ʼ`"
"""Characters used as the apostrophe in Ukrainian; the dictionaries use U+0027."""

_MARKED = re.compile(r'~(?:"([^"]*)"|([^\s"(),:*+]+))')
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_CYRILLIC_LANGUAGES = frozenset({"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"})
_VOWELS = "аеєиіїоуюяыэёaeiouyąęó"
_ENDINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "uk": (
        ("ський", "ський ського ському ським ська ську ської ській ською ське ські ських ськими"),
        ("цький", "цький цького цькому цьким цька цьку цької цькій цькою цьке цькі цьких цькими"),
        ("ське", "ське ського ському ським"),
        ("цьке", "цьке цького цькому цьким"),
        ("ий", "ий ого ому им ім а у ої ій ою е і их ими"),
        ("ів", "ів ова ову овом ові"),
        ("ець", "ець ця цю цем цеві ці"),
        ("ова", "ова ової овій ову овою"),
        ("ія", "ія ії ію ією ії"),
        ("ка", "ка ки ці ку кою ко"),
        ("га", "га ги зі гу гою го"),
        ("ха", "ха хи сі ху хою хо"),
        ("а", "а и і у ою о"),
        ("я", "я і ї ю ею єю"),
        ("о", "о а у ові ом і"),
        ("ій", "ій ія ію єм ієм ії"),
        ("ь", "ь я ю ем еві і"),
        ("", " а у ові ом ем і им"),
    ),
    "ru": (
        ("ский", "ский ского скому ским ском ская скую ской ское ские ских скими"),
        ("цкий", "цкий цкого цкому цким цком цкая цкую цкой цкое цкие цких цкими"),
        ("ское", "ское ского скому ским ском"),
        ("цкое", "цкое цкого цкому цким цком"),
        ("ый", "ый ого ому ым ом ая ую ой ое ые ых ыми"),
        ("ец", "ец ца цу цем цом це"),
        ("ова", "ова овой ову овою"),
        ("ово", "ово ова ову овом ове"),
        ("ия", "ия ии ию ией"),
        ("ка", "ка ки ке ку кой"),
        ("га", "га ги ге гу гой"),
        ("а", "а ы и е у ой"),
        ("я", "я и е ю ей"),
        ("о", "о"),
        ("ий", "ий ия ию ием ии"),
        ("ь", "ь я ю ем е и"),
        ("", " а у ом ем е ым"),
    ),
    "pl": (
        ("ski", "ski skiego skiemu skim ska ską skiej scy skich skimi"),
        ("cki", "cki ckiego ckiemu ckim cka cką ckiej ccy ckich ckimi"),
        ("a", "a y i ę ą ie o"),
        ("o", "o a u em ie"),
        ("", " a u owi em ie iem"),
    ),
}
"""Language -> (ending, endings of all cases), the longest first: the declensions of names."""


_MEMORY: dict[str, list[str]] = {}
"""The cache of this process, if there is no cache file."""


class WordForms:
    """The forms of words, looked up in simplemma's dictionaries and cached in a JSON file."""

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._known: dict[str, list[str]] = _read(cache) if cache else _MEMORY

    def expand(self, words: Iterable[str], languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Each word with all its forms, the word itself first.

        Uses those of `languages` in the script of the word, otherwise the usual ones of its script. A name that no
        dictionary has is inflected by its ending. Languages without a dictionary add nothing.
        """
        languages_of = {word: _in_script(word, languages) for word in dict.fromkeys(words)}
        for language in sorted({language for some in languages_of.values() for language in some}):
            in_language = [word for word, some in languages_of.items() if language in some]
            missing = [word for word in in_language if _key(language, word) not in self._known]
            if missing:
                for word, forms in inflect(missing, language).items():
                    self._known[_key(language, word)] = forms
                self._write()
        return {word: self._forms(word, some) for word, some in languages_of.items()}

    def _forms(self, word: str, languages: Sequence[str]) -> tuple[str, ...]:
        known = [self._known[_key(language, word)] for language in languages]
        if not any(known):
            known = [by_ending(_plain(word), language) for language in languages]
        return _merged(word, known)

    def in_dictionary(self, word: str, languages: Iterable[str]) -> bool:
        """Whether a dictionary of these languages has the word; its forms are made by its ending otherwise."""
        self.expand([word], languages)
        return any(self._known[_key(language, word)] for language in _in_script(word, languages))

    def prepare(self, texts: Iterable[str], languages: Iterable[str]) -> None:
        """Look up the words of all `~word` and `~"two words"` in these texts, loading each dictionary only once."""
        marked = [first or second for text in texts for first, second in _MARKED.findall(text)]
        self.expand((word for phrase in marked for word in phrase.split()), languages)

    def phrases(self, written: str, languages: Iterable[str]) -> tuple[str, ...]:
        """Return a phrase with all combinations of the forms of its words, ignoring grammatical agreement."""
        words = written.split()
        forms = self.expand(words, languages)
        return tuple(" ".join(combination) for combination in itertools.product(*(forms[word] for word in words)))

    def _write(self) -> None:
        if self._cache is None:
            return
        new = self._cache.with_name(f".{self._cache.name}.new")
        new.write_text(json.dumps(self._known, ensure_ascii=False), encoding="utf-8")
        new.replace(self._cache)


def inflect(words: Iterable[str], language: str) -> dict[str, list[str]]:
    """Return the forms of each word in the dictionary of one language; empty if it does not have the word."""
    written = {word: _plain(word) for word in words}
    dictionary = _dictionary(language)
    lemmas = {word: _lemmas(plain, dictionary) for word, plain in written.items()}
    by_lemma: dict[str, list[str]] = {lemma: [] for found in lemmas.values() for lemma in found}
    if by_lemma:
        for form in dictionary:
            lemma = dictionary[form]
            if lemma in by_lemma:
                by_lemma[lemma].append(form)
    return {
        word: sorted({form for lemma in lemmas[word] for form in (*by_lemma[lemma], lemma)})[:MAX_WORD_FORMS]
        for word in written
    }


def by_ending(word: str, language: str) -> list[str]:
    """Return possible forms of a word that no dictionary has, by its ending; some of them are not words."""
    for ending, cases in _ENDINGS.get(language, ()):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            stem = word[: len(word) - len(ending)]
            if not ending and stem[-1] in _VOWELS:
                return []
            return sorted({stem + case for case in cases.split(" ")})
    return []


def _in_script(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return the languages whose script is that of the word."""
    is_cyrillic = _CYRILLIC.search(word) is not None
    fitting = tuple(
        language for language in dict.fromkeys(languages) if (language in _CYRILLIC_LANGUAGES) == is_cyrillic
    )
    return fitting or (("uk", "ru") if is_cyrillic else ("en",))


def _lemmas(word: str, dictionary: Mapping[str, str]) -> set[str]:
    """Return the word if it is a lemma, otherwise its lemmas with and without a capital."""
    found = {dictionary[form] for form in (word, word.capitalize()) if form in dictionary}
    return {word} if word in found else found


def _dictionary(language: str) -> Mapping[str, str]:
    from simplemma.strategies.dictionaries import DefaultDictionaryFactory

    try:
        dictionary: Mapping[str, str] = DefaultDictionaryFactory(cache_max_size=0).get_dictionary(language)
    except ValueError:  # simplemma has no dictionary of this language
        return {}
    return dictionary


def _plain(word: str) -> str:
    return word.lower().translate({ord(sign): "'" for sign in WRITTEN_APOSTROPHES})


def _merged(word: str, lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the forms that differ in the full-text index, the word itself first."""
    merged = {normalize_token(word): word}
    for forms in lists:
        for form in forms:
            merged.setdefault(normalize_token(form), form)
    return tuple(merged.values())


def _key(language: str, word: str) -> str:
    return f"{language}:{_plain(word)}"


def _read(cache: Path) -> dict[str, list[str]]:
    try:
        known: dict[str, list[str]] = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # there is no cache yet, or it is damaged; it is rewritten
        return {}
    return known
