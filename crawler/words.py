"""Words, as full-text search sees them: one tokenizer for the archive, the matcher and every query.

FTS5's `unicode61` takes a run of letters as one token, so a sentence of Japanese or Thai would be one "word" and
nothing inside it could be found. `segment` puts a zero-width space between the characters of such scripts; the index
then holds each character as a token, and a word of several characters is a phrase of them.
"""

from __future__ import annotations

import re

TOKENIZER = "unicode61 remove_diacritics 2"
"""No stemming: `porter` makes "deployed" and "deployment" different words that no prefix query finds together."""

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


def is_unspaced(text: str) -> bool:
    """Whether `text` holds a character of a script that is written without spaces."""
    return _ANY_UNSPACED.search(text) is not None


def segment(text: str) -> str:
    """`text` with a zero-width space around each character of an unspaced script; other text comes back as it is."""
    if not is_unspaced(text):
        return text
    return _BOUNDARY.sub(SEPARATOR, text)
