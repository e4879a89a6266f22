"""Words, as full-text search sees them: one tokenizer and one folding for the archive, the matcher and every query.

FTS5's `unicode61` takes a run of letters as one token, so a sentence of Japanese or Thai would be one "word" and
nothing inside it could be found. `segment` puts a zero-width space between the characters of such scripts; the index
then holds each character as a token, and a word of several characters is a phrase of them. `indexed` does that to a text
whose letters are folded.
"""

from __future__ import annotations

import re
import unicodedata

from crawler.text.folding import FOLDED, fold

APOSTROPHES = "ʹʺʻʼʽʾʿˈꞌ"
"""Letters to Unicode. In news they are apostrophes (обʼєкт beside об'єкт and об’єкт) and marks of transliteration."""
_VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))
"""Signs that choose how the character before them is drawn: they stand, unseen, between an emoji and a word."""
TOKENIZER = f"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc' separators '{APOSTROPHES}{_VARIANTS}'"
"""No stemming: `porter` makes "deployed" and "deployment" different words that no prefix query finds together.

Marks (Mn, Mc) belong to words: Hindi's vowel signs are such, and without them सेना (army) is सोना (gold).
"""

SEPARATOR = "\u200b"
"""Zero-width space: a separator to unicode61 and invisible to a reader."""

# Scripts written without spaces between words: Han (with extensions), kana, Thai, Lao, Myanmar, Khmer, Tibetan is
# left out (it separates syllables). Combining marks stay with the character before them.
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
    """Whether `text` holds a character of a script that is written without spaces."""
    return _ANY_UNSPACED.search(text) is not None


def segment(text: str) -> str:
    """`text` with a zero-width space around each character of an unspaced script; other text comes back as it is."""
    if not is_unspaced(text):
        return text
    return _BOUNDARY.sub(SEPARATOR, text)


def to_index_form(text: str) -> str:
    """`text` as the index holds it, and as it is asked: folded, and scripts without spaces set apart."""
    return text if is_indexed_as_written(text) else segment(fold(text))


def is_indexed_as_written(text: str) -> bool:
    """Whether `indexed` leaves it as it is."""
    return text.isascii() or (_REWRITTEN.search(text) is None and unicodedata.is_normalized("NFC", text))


def normalize_token(word: str) -> str:
    """A word as the index compares it: folded, in lower case, Latin letters without diacritics."""
    plain = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", fold(word.lower())))
    return _MARKS_ALONE.sub("", unicodedata.normalize("NFC", plain))


def tokenize(text: str) -> list[str]:
    """The words that the index makes of a short text, as written but for the folding."""
    return "".join(character if _is_of_word(character) else " " for character in to_index_form(text)).split()


def has_words(text: str) -> bool:
    """Whether the index finds a word in it."""
    return any(character.isalnum() for token in tokenize(text) for character in token)


def _is_of_word(character: str) -> bool:
    if character in APOSTROPHES or character in _VARIANTS:
        return False
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc", "Co")
