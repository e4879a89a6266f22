"""Fold equivalent letters to one, in texts and in queries, for full-text search. Pure.

FTS5's `unicode61` folds case in all scripts and diacritics of Latin letters. This module folds the rest before FTS5
gets a text: the letters of `_LETTERS`, compatibility forms of letters, and optional signs within words. The table is
in `docs/reference/topics.md`. Stored texts are not changed; `offset_map` maps a folded text back to its original.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import pairwise

_IGNORED = (
    "\u00ad\u034f\u200d\u2060\ufeff\U000e0100-\U000e01ef"  # soft hyphen, joiners, variants of a Han character
    "\u0332-\u034e\u0350-\u036f"  # combining marks that unicode61 does not take for diacritics
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points and accents
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff"
)  # and Arabic vowel signs, tatweel
_LETTERS = {
    "ß": "ss", "ẞ": "ss", "ı": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d",
    "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ё": "е", "Ё": "е", "ς": "σ",
    # as Lucene's ArabicNormalizer and PersianNormalizer do
    "آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه",
}  # fmt: skip
_FORMS = "\ufb00-\ufb06\ufb13-\ufb17\ufb50-\ufdef\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
"""Ligatures, positional forms of Arabic letters, full-width letters and digits."""
_HALF_WIDTH = "\uff66-\uff9f"


def _without_accents(first: int, last: int) -> dict[str, str]:
    """Map each accented letter of a range to the letter without accents."""
    plain = {chr(code): unicodedata.normalize("NFD", chr(code))[0] for code in range(first, last + 1)}
    return {letter: base for letter, base in plain.items() if letter != base and base.isalpha()}


_GREEK = _without_accents(0x0386, 0x03CE) | _without_accents(0x1F00, 0x1FFC)
_GEORGIAN = {chr(code): chr(code).lower() for code in range(0x1C90, 0x1CC0)}
"""Capitals that unicode61 does not fold, because Unicode added them later."""
_LETTERS |= _GREEK | _GEORGIAN

FOLDED = _IGNORED + _FORMS + _HALF_WIDTH + "".join(_LETTERS)
"""Characters that `fold` changes, as the content of a character class of a regular expression."""
_FOLDED = re.compile(f"[\uff66-\uff9d][\uff9e\uff9f]|[{FOLDED}]")


def fold(text: str) -> str:
    """Return `text` in NFC, with equivalent letters replaced by one of them."""
    return _FOLDED.sub(_folded, _nfc(text))


def offset_map(text: str) -> list[int]:
    """Return the offset in `text` of each character of `fold(text)`, then the length of `text`."""
    if unicodedata.is_normalized("NFC", text):
        return _places(text)
    composed, origins = _composed(text)
    return [origins[place] for place in _places(composed)]


def _places(text: str) -> list[int]:
    found: list[int] = []
    last = 0
    for piece in _FOLDED.finditer(text):
        found.extend(range(last, piece.start()))
        found.extend([piece.start()] * len(_folded(piece)))
        last = piece.end()
    found.extend(range(last, len(text) + 1))
    return found


def _composed(text: str) -> tuple[str, list[int]]:
    """Return the text in NFC, the original offset of each character, and the end. Slow; only for texts not in NFC."""
    starts = [0]
    for place in range(1, len(text)):
        before, now = text[starts[-1] : place], text[place]
        if not unicodedata.combining(now) and _nfc(before + now) == _nfc(before) + _nfc(now):
            starts.append(place)
    parts = [_nfc(text[start:stop]) for start, stop in pairwise([*starts, len(text)])]
    origins = [start for start, part in zip(starts, parts, strict=True) for _ in part]
    return "".join(parts), [*origins, len(text)]


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _folded(piece: re.Match[str]) -> str:
    return _replacement(piece[0])


@functools.cache
def _replacement(piece: str) -> str:
    if piece in _LETTERS:
        return _LETTERS[piece]
    plain = "".join(unicodedata.normalize("NFKC", piece).split())
    return "" if plain == piece else _FOLDED.sub(_folded, plain)
