"""Make the MinHash sketch of an article's text: keys for the index and marks, from its shingles of five words.

The child process that extracts the page makes it; the archive looks it up (`crawler/archive/stories/queries.py`).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from crawler.models import Article, Status
from crawler.stories.minhash import KEY_MIN, MinHashSketch
from crawler.stories.similarity import NEAR_WORDS, ComparableText, story_text
from crawler.text.shingles import shingles

MINHASH_SEED = 20_260_301
"""Seed of the permutations. The same text has the same sketch on every machine; stored sketches depend on it."""
ROWS = 2
"""Permutations in a key. With one, thousands of articles share the key of a common phrase; with three, 16 keys find 0.88
of the pairs with resemblance 0.5; with two, 12 keys find 0.97."""
KEYS = 12
"""Keys of the whole text. Texts share one with probability 0.88 at resemblance 0.4, 0.97 at 0.5, 0.995 at 0.6."""
HEAD_WORDS = 40
"""Words of the beginning, which has keys of its own since an excerpt is mostly the beginning."""
HEAD_KEYS = 3
"""Keys of the beginning."""
WHOLE_TEXT_KEY = 255
"""Place of the key of all words in order, which only exact copies share."""
MARKS = 64
"""Bytes; the estimate's standard deviation at resemblance 0.4 is 0.06."""


def make_sketch(article: Article) -> bytes | None:
    """The packed sketch of an article; None if it has no text to compare."""
    if article.status not in (Status.OK, Status.TEASER):
        return None
    comparable = ComparableText(story_text(article.lead, article.text), title=article.title)
    found = sketch_of(comparable)
    return found.packed() if found is not None else None


def sketch_of(comparable: ComparableText) -> MinHashSketch | None:
    """The sketch of a text; None if it has no words."""
    if not comparable.words:
        return None
    if len(comparable.words) < NEAR_WORDS or not comparable.shingles:
        return MinHashSketch(keys=(_exact(comparable.words),))
    return _sketch(comparable.words, _minima(comparable.shingles, KEYS * ROWS + MARKS))


def _sketch(words: Sequence[str], whole: Sequence[int]) -> MinHashSketch:
    """The sketch from the words and the minima of all their shingles."""
    head = _minima(shingles(words[:HEAD_WORDS]), HEAD_KEYS * ROWS)
    cut = KEYS * ROWS
    keys = [_exact(words), *_keys(0, whole[:cut]), *_keys(KEYS, head)]
    return MinHashSketch(keys=tuple(dict.fromkeys(keys)), marks=bytes(minimum & 0xFF for minimum in whole[cut:]))


def _exact(words: Sequence[str]) -> int:
    return _key(WHOLE_TEXT_KEY, [zlib.crc32(" ".join(words).encode("utf-8", "replace"))])


def _minima(of: frozenset[str], permutations: int) -> list[int]:
    from rensa import RMinHash  # imported here, so that other commands start without it

    minhash = RMinHash(num_perm=permutations, seed=MINHASH_SEED)
    minhash.update(list(of))
    minima: list[int] = minhash.digest()
    return minima


def _keys(first: int, minima: Sequence[int]) -> list[int]:
    return [_key(first + place, minima[place * ROWS : (place + 1) * ROWS]) for place in range(len(minima) // ROWS)]


def _key(place: int, values: Sequence[int]) -> int:
    return zlib.crc32(struct.pack(f"<B{len(values)}I", place, *values)) + KEY_MIN
