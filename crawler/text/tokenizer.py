"""The tokenizer and folding of full-text search, shared by the archive, the matcher and all queries.

FTS5's `unicode61` treats a run of letters as one token, so a sentence of Japanese or Thai would be one "word" and no
part of it could be found. `segment` puts a zero-width space between the characters of these scripts; each character
is then a token, and a word of several characters is a phrase. `to_index_form` folds the text and segments it.
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


APOSTROPHES = "ʹʺʻʼʽʾʿˈꞌ"
"""Letters in Unicode, but used in news as apostrophes (обʼєкт for об'єкт and об’єкт) and in transliterations."""
_VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))
"""Variation selectors: invisible characters that can separate an emoji from a word."""
TOKENIZER = f"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' separators '{APOSTROPHES}{_VARIANTS}'"
"""No stemming: `porter` gives "deployed" and "deployment" different stems, so that no prefix query finds both.

Marks (Mn, Mc) are part of words: without the vowel signs of Hindi, सेना (army) equals सोना (gold).
"""

SEPARATOR = "\u200b"
"""Zero-width space: unicode61 treats it as a separator, and readers do not see it."""

# Scripts written without spaces between words: Han (with extensions), kana, Thai, Lao, Myanmar and Khmer. Tibetan is
# not included, because it separates syllables. Combining marks stay with the character before them.
_UNSPACED = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ec0-\u0ec6"
    "\u1000-\u102a\u1780-\u17b3\U0001b000-\U0001b16f\U00020000-\U000323af"
)
_MARKS = (
    "\u0300-\u036f\u3099\u309a\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u17b4-\u17d3"
)
_BOUNDARY = re.compile(
    f"(?<=[{_UNSPACED}{_MARKS}])(?=[{_UNSPACED}])|(?<=[{_UNSPACED}])(?=\\w)|(?<=\\w)(?=[{_UNSPACED}])"
)
_ANY_UNSPACED = re.compile(f"[{_UNSPACED}]")
_LATIN_MARKS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
_MARKS_ALONE = re.compile("[\u0300-\u0331]")
_REWRITTEN = re.compile(f"[{_UNSPACED}{FOLDED}]")


def is_unspaced(text: str) -> bool:
    """Return whether `text` contains a character of a script written without spaces."""
    return _ANY_UNSPACED.search(text) is not None


def segment(text: str) -> str:
    """Return `text` with a zero-width space around each character of a script without spaces."""
    if not is_unspaced(text):
        return text
    return _BOUNDARY.sub(SEPARATOR, text)


def to_index_form(text: str) -> str:
    """Return `text` in the form used by the index and by queries: folded and segmented."""
    return text if is_indexed_as_written(text) else segment(fold(text))


def is_indexed_as_written(text: str) -> bool:
    """Return whether `to_index_form` leaves `text` unchanged."""
    return text.isascii() or (_REWRITTEN.search(text) is None and unicodedata.is_normalized("NFC", text))


@functools.lru_cache(maxsize=100_000)
def normalize_token(word: str) -> str:
    """Return a word as the index compares it: folded, in lower case, Latin letters without diacritics."""
    plain = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", fold(word.lower())))
    return _MARKS_ALONE.sub("", unicodedata.normalize("NFC", plain))


def tokenize(text: str) -> list[str]:
    """Return the tokens of a short text in the index, folded but in their original case."""
    return "".join(character if _is_of_word(character) else " " for character in to_index_form(text)).split()


def has_words(text: str) -> bool:
    """Return whether the index finds a word in `text`."""
    return any(character.isalnum() for token in tokenize(text) for character in token)


def _is_of_word(character: str) -> bool:
    if character in APOSTROPHES or character in _VARIANTS:
        return False
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc", "Co")
