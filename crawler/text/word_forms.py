"""All inflected forms of words, from dictionaries.

Words that are not in the dictionary, most of them names, or that have few forms there, are inflected by their ending in
Ukrainian, Russian and Polish.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

from crawler.text.dictionaries import forms_of
from crawler.text.tokenizer import normalize_token

MAX_WORD_FORMS = 120
"""Forms per word; a German or Polish verb has about 60 with its participles."""
WRITTEN_APOSTROPHES = "’ʼ`"
"""Characters used as the apostrophe in Ukrainian; the dictionaries use U+0027."""

FEW_FORMS = 6
"""A word with fewer forms in the dictionary is inflected by its ending, too. A dictionary has each form under one word only:
"танки" under "танка", so that "танк" has three forms left."""

_ADJECTIVES = ("ий", "ый")
"""Endings of words that are always inflected by their ending, too: of a participle, the dictionary has the forms of the verb."""
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_CYRILLIC_LANGUAGES = frozenset({"be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "uk"})
_VOWELS = "аеєиіїоуюяыэёaeiouyąęó"
_ENDINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "uk": (
        ("увати", "увати ую ує уємо уєте ують ував увала увало ували овано ований овані ованих уватиме уватимуть"),
        ("нути", "нути не нуть нув нула нуло нули нуто нутий нуті нутих"),
        ("ити", "ити ить ять ів ив ила ило или ено ений ені ених"),
        ("яти", "яти яє яють яв яла яло яли яно яний яні яних"),
        ("ати", "ати ає ають ав ала ало али ано аний ані аних"),
        ("ський", "ський ського ському ським ська ську ської ській ською ське ські ських ськими"),
        ("цький", "цький цького цькому цьким цька цьку цької цькій цькою цьке цькі цьких цькими"),
        ("ське", "ське ського ському ським"),
        ("цьке", "цьке цького цькому цьким"),
        ("ий", "ий ого ому им ім а у ої ій ою е і их ими"),
        ("ів", "ів ова ову овом ові"),
        ("ець", "ець ця цю цем цеві ці ців цям цями цях"),
        ("ова", "ова ової овій ову овою"),
        ("ія", "ія ії ію ією ії"),
        ("ка", "ка ки ці ку кою ко ок кам ками ках"),
        ("га", "га ги зі гу гою го гам гами гах"),
        ("ха", "ха хи сі ху хою хо хам хами хах"),
        ("а", "а и і у ою о ам ами ах"),
        ("я", "я і ї ю ею єю ям ями ях"),
        ("о", "о а у ові ом і"),
        ("ій", "ій ія ію єм ієм ії"),
        ("ь", "ь я ю ем еві і ів ям ями ях"),
        ("", " а у ові ом ем і им и ів ам ами ах"),
    ),
    "ru": (
        ("овать", "овать ую ует уют овал овала овало овали ован ована овано ованы ованный ованные ованных"),
        ("нуть", "нуть нет нут нул нула нуло нули нут нута нуто нуты нутый нутые нутых"),
        ("ить", "ить ит ят ил ила ило или ен ена ено ены енный енные енных"),
        ("ять", "ять яет яют ял яла яло яли ян яна яно яны янный янные янных"),
        ("ать", "ать ает ают ал ала ало али ан ана ано аны анный анные анных"),
        ("ский", "ский ского скому ским ском ская скую ской ское ские ских скими"),
        ("цкий", "цкий цкого цкому цким цком цкая цкую цкой цкое цкие цких цкими"),
        ("ское", "ское ского скому ским ском"),
        ("цкое", "цкое цкого цкому цким цком"),
        ("ший", "ший шего шему шим шем шая шую шей шее шие ших шими"),
        ("щий", "щий щего щему щим щем щая щую щей щее щие щих щими"),
        ("ый", "ый ого ому ым ом ая ую ой ое ые ых ыми"),
        ("ец", "ец ца цу цем цом це цы цев цам цами цах"),
        ("ова", "ова овой ову овою"),
        ("ово", "ово ова ову овом ове"),
        ("ия", "ия ии ию ией"),
        ("ка", "ка ки ке ку кой ок кам ками ках"),
        ("га", "га ги ге гу гой гам гами гах"),
        ("а", "а ы и е у ой ам ами ах"),
        ("я", "я и е ю ей ям ями ях"),
        ("о", "о"),
        ("ий", "ий ия ию ием ии"),
        ("ь", "ь я ю ем е и ей ям ями ях"),
        ("", " а у ом ем е ым ы и ов ам ами ах"),
    ),
    "pl": (
        ("ski", "ski skiego skiemu skim ska ską skiej scy skich skimi"),
        ("cki", "cki ckiego ckiemu ckim cka cką ckiej ccy ckich ckimi"),
        ("a", "a y i ę ą ie o om ami ach"),
        ("o", "o a u em ie"),
        ("", " a u owi em ie iem y i ów om ami ach"),
    ),
}
"""Language -> (ending, endings of all forms), the longest first: the declensions of names, and regular verbs."""
_REFLEXIVE = "ся"
"""What Ukrainian and Russian verbs end in that are their own object: "обмінятися"."""


def word_forms(words: Iterable[str], languages: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each word with all its forms, the word itself first.

    Uses those of `languages` in the script of the word, otherwise the usual ones of its script. A name that no
    dictionary has, or a word with few forms, is inflected by its ending. Languages without a dictionary add nothing.
    """
    languages = tuple(languages)
    return {word: _forms(word, _in_script(word, languages)) for word in dict.fromkeys(words)}


def phrase_forms(written: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return a phrase with all combinations of the forms of its words, ignoring grammatical agreement."""
    words = written.split()
    forms = word_forms(words, languages)
    return tuple(" ".join(combination) for combination in itertools.product(*(forms[word] for word in words)))


def is_in_dictionary(word: str, languages: Iterable[str]) -> bool:
    """Whether a dictionary of these languages has the word; its forms are made by its ending otherwise."""
    return any(forms_of(_plain(word), language) for language in _in_script(word, languages))


def by_ending(word: str, language: str) -> list[str]:
    """Return possible forms of a word that no dictionary has, by its ending; some of them are not words."""
    if language in ("uk", "ru") and word.endswith(("тися", "ться")):
        return [form + _REFLEXIVE for form in by_ending(word.removesuffix(_REFLEXIVE), language)]
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


def _forms(word: str, languages: Sequence[str]) -> tuple[str, ...]:
    known = [forms_of(_plain(word), language)[:MAX_WORD_FORMS] for language in languages]
    if max(map(len, known)) < FEW_FORMS or word.endswith(_ADJECTIVES) or _is_derived(_plain(word), known):
        known += [by_ending(_plain(word), language) for language in languages]
    return _merged(word, known)


def _is_derived(word: str, known: Sequence[Sequence[str]]) -> bool:
    """Whether the dictionary has a feminine noun under the masculine one: "журналістка" with the forms of "журналіст"."""
    return word.endswith("ка") and not any(
        form.startswith(word[:-1]) for forms in known for form in forms if form != word
    )


def _plain(word: str) -> str:
    return word.lower().translate({ord(sign): "'" for sign in WRITTEN_APOSTROPHES})


def _merged(word: str, lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return the forms that differ in the full-text index, the word itself first."""
    merged = {normalize_token(word): word}
    for forms in lists:
        for form in forms:
            merged.setdefault(normalize_token(form), form)
    return tuple(merged.values())
