"""The key of a name, the same in Latin and Cyrillic script and in most grammatical cases. Pure.

Vowels are left out, because spellings differ in them most ("Kyiv", "Kiev", «Київ», «Києва»), and consonants that are
transliterated in more than one way become one ("Lugansk", "Luhansk", «Луганськ»).
"""

from __future__ import annotations

import functools
import re
import unicodedata

MIN_STEM = 4
"""Letters that remain before a case ending that is cut off."""
SHORT = 3
"""Letters of a key below which the first vowels are kept: "Iran" and "Oran"."""

_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "h", "ґ": "h", "д": "d", "ђ": "d", "е": "e", "є": "ie", "ж": "z", "з": "z", "ѕ": "z",
    "и": "i", "і": "i", "ї": "i", "й": "i", "ј": "i", "к": "k", "ќ": "k", "л": "l", "љ": "l", "м": "m", "н": "n", "њ": "n",
    "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "C", "у": "u", "ў": "u", "ф": "f", "х": "h", "ц": "C", "ч": "C",
    "џ": "d", "ш": "s", "щ": "s", "ъ": "", "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia", "ё": "e",
    "ß": "s", "ł": "l", "ø": "o", "æ": "e", "đ": "d", "ı": "i", "þ": "t", "ð": "d", "œ": "e",
}  # fmt: skip
_DIGRAPHS = (
    ("shch", "s"), ("tsch", "C"), ("sch", "s"), ("tch", "C"), ("sh", "s"), ("sz", "s"), ("cz", "C"), ("ch", "C"), ("zh", "z"),
    ("kh", "h"), ("gh", "h"), ("ts", "C"), ("tz", "C"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("dj", "d"), ("c", "k"),
    ("x", "ks"), ("q", "k"), ("w", "v"), ("g", "h"), ("j", "i"), ("y", "i"),
)  # fmt: skip
"""Written -> sound; "C" is the sound of "ch" and "ts"."""
_CYRILLIC = re.compile("[\u0400-\u052f]")
_ADJECTIVE = re.compile("(?<=[сц])(ь?к)(?:ого|ому|им|ими|ий|ій|ої|ою|их|ом|ым|ыми|ой|ую|ая|ое|ие|ых)$")
_CASE_ENDING = re.compile("(?:ами|ями|ом|ем|єм|ам|ям|ах|ях|ой|ою|ею|(?<=ин|ін|їн|ов|ев|єв)[иы]м)$")
_VOWELS = re.compile("[aeiou]+")
_INITIAL_VOWELS = re.compile("^[aeiou]+")
_FINAL_VOWELS = re.compile("[aeiou]+$")
_REPEATED = re.compile(r"(.)\1+")


@functools.lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """Return the key of one word of a name; a word of another script is its own key, in lower case."""
    plain = romanized(name)
    if not plain.isascii():
        return plain
    key = _REPEATED.sub(r"\1", plain[:1] + _VOWELS.sub("", plain[1:]))
    if len(key) < SHORT:
        key = _FINAL_VOWELS.sub("", _VOWELS.sub(lambda run: run[0][0], plain)) or plain
    return key.lower()


def romanized(name: str) -> str:
    """Return one word of a Latin or Cyrillic name by its sounds, without a case ending: "zelenski" for «Зеленського».

    "C" stands for the sounds of "ch" and "ts". A word of another script is returned in lower case.
    """
    word = name.lower()
    if _CYRILLIC.search(word):
        word = _without_case(word)
    plain = "".join(_LETTERS.get(sign, sign) for sign in unicodedata.normalize("NFC", word) if sign.isalpha())
    plain = "".join(sign for sign in unicodedata.normalize("NFD", plain) if not unicodedata.combining(sign))
    if not plain.isascii():
        return plain
    for written, sound in _DIGRAPHS:
        plain = plain.replace(written, sound)
    return _INITIAL_VOWELS.sub(_first_sound, _REPEATED.sub(r"\1", plain))


def _first_sound(run: re.Match[str]) -> str:
    """ "i" for "ye", "eu", "iu" and the like, which are written in many ways."""
    return "i" if run[0][0] in "ei" else run[0][0]


def _without_case(word: str) -> str:
    shorter = _ADJECTIVE.sub(r"\1", word)
    if shorter == word:
        shorter = _CASE_ENDING.sub("", word)
    return shorter if len(shorter) >= MIN_STEM else word
